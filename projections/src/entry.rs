//! An event as read models meet it: its personal fields stay sealed.

use std::fmt;
use std::sync::OnceLock;

use synctv_domain::{ActorId, Event, Position, RoomId, Seq, Timestamp};

/// An event of the log, with as much of its content as can be read.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its number in the log.
    pub position: Position,
    /// Its room; none, if it is an operator's act; the reason, if that cannot be read.
    pub room: Result<Option<RoomId>, String>,
    /// Its number in its stream.
    pub seq: Seq,
    /// When it was recorded.
    pub at: Timestamp,
    /// Its stored name.
    pub kind: String,
    /// Which command caused it.
    pub command_id: String,
    /// Whose command; the reason, if that cannot be read.
    pub actor: Result<ActorId, String>,
    /// What happened; the reason, if that cannot be read.
    pub event: Result<Event, String>,
    /// Of a message: the words it can be found by, sealed like its text. They cost something: whoever needs them sets them.
    pub words: OnceLock<Vec<i64>>,
}

/// An event that a read model cannot take in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poison {
    /// Which.
    pub position: Position,
    /// Why.
    pub reason: String,
}

impl fmt::Display for Poison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {}: {}", self.position, self.reason)
    }
}

impl Entry {
    /// The event, if it happened in a room and has one of these names.
    ///
    /// # Errors
    /// [`Poison`], when it cannot be read, or has a name that this program does not know: it may be one that matters.
    pub fn of(&self, names: &[&str]) -> Result<Option<(RoomId, &Event)>, Poison> {
        let Some(room) = self.room()? else { return Ok(None) };
        let is_known = Event::NAMES.iter().any(|(name, _)| *name == self.kind);
        if is_known && !names.contains(&self.kind.as_str()) {
            return Ok(None);
        }
        match &self.event {
            Ok(event) => Ok(Some((room, event))),
            Err(reason) => Err(self.poison(reason)),
        }
    }

    /// Its room; none, if it is an operator's act.
    ///
    /// # Errors
    /// [`Poison`], when it cannot be read.
    pub fn room(&self) -> Result<Option<RoomId>, Poison> {
        self.room.clone().map_err(|reason| self.poison(&reason))
    }

    /// Why it cannot be taken in.
    #[must_use]
    pub fn poison(&self, reason: &str) -> Poison {
        Poison { position: self.position, reason: reason.to_owned() }
    }
}
