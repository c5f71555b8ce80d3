//! What members tell each other and nobody keeps: who is there, who types, how well they follow.

use std::sync::Arc;

use bytes::Bytes;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use synctv_domain::{ActorId, RoomId};

/// How somebody attends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    /// Connected, and has said no more.
    #[serde(skip_deserializing)]
    Online,
    /// Watching.
    Active,
    /// The page is hidden.
    Away,
    /// Waits for media.
    Buffering,
    /// Can start.
    Ready,
    /// The last connection is gone.
    #[serde(skip_deserializing)]
    Offline,
}

/// How well somebody follows the playback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Distance to where playback should be, ms; None while nothing is shown.
    #[serde(deserialize_with = "Option::deserialize")] // null, but not absent
    pub skew_ms: Option<i64>,
    /// Round trip to the server, ms.
    pub rtt_ms: i64,
    /// Media ahead, ms.
    pub buffered_ms: i64,
}

/// What can be told. The latest of each kind counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Where somebody is.
    Presence(PresenceState),
    /// Whether somebody types.
    Typing(bool),
    /// How somebody follows.
    Report(Report),
}

/// A signal of a member, encoded once for all readers.
#[derive(Debug)]
pub struct Ephemeral {
    /// Whose.
    pub member: ActorId,
    /// What.
    pub signal: Signal,
    /// `{"kind","member","value"}`
    pub json: Bytes,
}

/// A connection of a member to a room. Ends when dropped; the others learn it when no other connection of that member is
/// made soon.
pub trait Attendance: Send + Sync {
    /// Tells the others.
    fn tell(&self, signal: Signal);
    /// What others tell, at most ten times a second; what was overtaken meanwhile is left out. It does not end.
    fn news(&self) -> BoxStream<'static, Vec<Arc<Ephemeral>>>;
}

/// The members that are connected.
pub trait Presence: Send + Sync {
    /// Somebody's connection begins.
    fn attend(&self, room: RoomId, member: ActorId) -> Box<dyn Attendance>;
}
