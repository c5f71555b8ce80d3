//! Events as members are shown them.

use serde::Serialize;
use synctv_domain::{Event, MessageId, Position, Recorded, RoomId, Seq};

use crate::error::LogError;
use crate::ports::EventLog;

/// An event as a member is shown it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
#[expect(clippy::large_enum_variant, reason = "nearly all are whole events")]
pub enum Shown {
    /// All of it.
    Event(Recorded),
    /// Only that there is one.
    Redacted(Redacted),
}

impl Shown {
    /// Its number in the whole log.
    #[must_use]
    pub fn position(&self) -> Position {
        match self {
            Self::Event(recorded) => recorded.position,
            Self::Redacted(redacted) => redacted.position,
        }
    }
}

/// The place of an event that a member may not see, so that the count stays whole: `{seq, position, type: "redacted"}`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename = "redacted")]
pub struct Redacted {
    /// Its number within the room.
    pub seq: Seq,
    /// Its number in the whole log.
    pub position: Position,
}

/// Without what messages said that were withdrawn since: that is for auditors alone.
///
/// # Errors
/// When the log cannot be read.
pub async fn shown(log: &dyn EventLog, room: RoomId, events: Vec<Recorded>) -> Result<Vec<Shown>, LogError> {
    let messages: Vec<MessageId> = events.iter().filter_map(|recorded| says(&recorded.event)).collect();
    let withdrawn = if messages.is_empty() { Vec::new() } else { log.withdrawn(room, &messages).await? };
    let show = |recorded: Recorded| match says(&recorded.event) {
        Some(message) if withdrawn.contains(&message) => {
            Shown::Redacted(Redacted { seq: recorded.seq, position: recorded.position })
        }
        _ => Shown::Event(recorded),
    };
    Ok(events.into_iter().map(show).collect())
}

/// The message that an event has the words of.
fn says(event: &Event) -> Option<MessageId> {
    match event {
        Event::ChatPosted(posted) => Some(posted.message_id),
        Event::ChatEdited(edited) => Some(edited.message_id),
        _ => None,
    }
}
