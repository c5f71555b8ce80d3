//! What is handed to the log, and what it answers.

use std::sync::Arc;

use synctv_domain::{Actor, ActorId, CommandId, Event, EventId, Personal, Position, RoomId, Seq, Timestamp};

/// One incarnation of the log: a name for clients, and a number that grows with each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Epoch {
    /// Shown in cursors and entity tags.
    pub name: Arc<str>,
    /// Grows by one with every restore.
    pub generation: i64,
}

/// A keyed digest of a command's content: equal for equal commands, and tells nothing about them.
pub type Fingerprint = [u8; 16];

/// An event that has an id and no place in the log yet.
#[derive(Clone, Debug)]
pub struct NewEvent {
    /// Given before the append, so that a batch can be sent again unchanged.
    pub id: EventId,
    /// What happened.
    pub event: Event,
}

/// The accepted outcome of one command; without events it changed nothing.
#[derive(Clone, Debug)]
pub struct Submission {
    /// Who asked. A command id belongs to its actor.
    pub actor: Actor,
    /// The command's id.
    pub command_id: CommandId,
    /// Tells a repeat from another command under the same id.
    pub fingerprint: Fingerprint,
    /// The rule that allowed it.
    pub decided_by: String,
    /// In order; may be empty.
    pub events: Vec<NewEvent>,
}

impl Submission {
    /// Whether an event says something personal about them that can be read.
    pub(crate) fn tells(&mut self, subject: ActorId) -> bool {
        let mut found = false;
        for new in &mut self.events {
            new.event.for_each_personal(&mut |about, field| {
                found |= about == subject && matches!(field, Personal::Clear(_));
            });
        }
        found
    }
}

/// Consecutive commands of one room: stored whole or not at all.
#[derive(Clone, Debug)]
pub struct Append {
    /// The incarnation that the room was folded from.
    pub epoch: Epoch,
    /// The stream.
    pub room: RoomId,
    /// The seq it must stand at.
    pub expected: Seq,
    /// The position of its event with that seq (0: none).
    pub head: Position,
    /// In the order they were decided.
    pub submissions: Vec<Submission>,
}

/// What became of an [`Append`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Appended {
    /// Durable.
    Accepted {
        /// Position of the first event; the others follow without a hole.
        first: Position,
        /// When, for all of its events.
        at: Timestamp,
    },
    /// The stream stands elsewhere; nothing was stored.
    Moved,
    /// One of the commands was stored before; nothing was stored now.
    Known,
}

/// The stored outcome of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// To compare a repeat with.
    pub fingerprint: Fingerprint,
    /// The room it was for.
    pub room: RoomId,
    /// Its first event; beyond `last` when it had none.
    pub first: Position,
    /// Its last event, or the room's last event at that time.
    pub last: Position,
    /// The room's seq after it.
    pub seq: Seq,
}
