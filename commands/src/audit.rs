//! What auditors ask of the whole log, and what they get.

use serde::Serialize;
use synctv_domain::{ActorId, CommandId, Position, Recorded, RoomId, Timestamp};

use crate::append::Epoch;

/// Which events; without a condition, all of them.
#[derive(Clone, Debug, Default)]
pub struct LogFilter {
    /// Caused by their commands.
    pub actor: Option<ActorId>,
    /// Of this room.
    pub room: Option<RoomId>,
    /// Of this name, for example `chat.posted`.
    pub kind: Option<String>,
    /// Caused by this command.
    pub command: Option<CommandId>,
    /// Recorded then or later.
    pub since: Option<Timestamp>,
    /// Recorded then or earlier.
    pub until: Option<Timestamp>,
}

/// Asks for events in the order of their positions.
#[derive(Clone, Debug)]
pub struct LogQuery {
    /// The incarnation that the positions belong to.
    pub epoch: Epoch,
    /// Events behind this position …
    pub after: Position,
    /// … and not beyond this one.
    pub head: Position,
    /// At most so many.
    pub limit: usize,
    /// Of these, the ones that match.
    pub filter: LogFilter,
}

/// A part of the answer: the work for one page is bounded, whether or not anything matches.
#[derive(Clone, Debug)]
pub struct LogPage<E> {
    /// What was found.
    pub events: Vec<E>,
    /// Everything up to here was looked at: the next page goes on behind it.
    pub reached: Position,
}

impl<E> LogPage<E> {
    /// Where to go on, unless the head was reached.
    #[must_use]
    pub fn next(&self, head: Position) -> Option<Position> {
        (self.reached < head).then_some(self.reached)
    }
}

/// An event among those of all rooms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogEntry {
    /// The event.
    #[serde(flatten)]
    pub event: Recorded,
    /// Its room; none, if it is an operator's act.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room_id: Option<RoomId>,
}

/// An event as it is stored, with all that its hash was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StoredEvent {
    /// Its number in the log.
    pub position: Position,
    /// Its hash, hex.
    pub hash: String,
    /// The hash that it follows, hex: of the event before it, or of the log's name. None: that event is missing.
    pub previous: Option<String>,
    /// Its id.
    pub event_id: String,
    /// The kind of its stream.
    pub stream_type: String,
    /// Its stream.
    pub stream_id: String,
    /// Its number in the stream.
    pub seq: i64,
    /// Its name.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its version.
    pub version: i16,
    /// When it was recorded, µs since 1970.
    pub recorded_at_us: i64,
    /// The same for people.
    pub at: Timestamp,
    /// The command that caused it.
    pub command_id: String,
    /// The stored text, byte for byte.
    pub payload: String,
    /// The stored text, byte for byte.
    pub metadata: String,
}
