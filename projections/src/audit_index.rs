//! What auditors look for in the log: who, where, what, when, and by which command.

use synctv_domain::{ActorId, Position, RoomId, Timestamp};

use crate::entry::{Entry, Poison};
use crate::model::ReadModel;
use crate::rows::{Row, Rows};

/// An event of the log, without its content.
#[derive(Clone, Debug, PartialEq)]
pub struct Indexed {
    /// Which.
    pub position: Position,
    /// When.
    pub at: Timestamp,
    /// Whose command caused it.
    pub actor: ActorId,
    /// In which room, if in one.
    pub room: Option<RoomId>,
    /// What.
    pub kind: String,
    /// By which command: what one command caused has the same.
    pub command_id: String,
}

impl Row for Indexed {
    type Key = Position;

    fn key(&self) -> Position {
        self.position
    }
}

/// The one table.
#[derive(Default)]
pub struct Tables {
    /// By position.
    pub events: Rows<Indexed>,
}

/// The index of the log. It needs no content, so that one event that cannot be read does not hide the others.
pub struct AuditIndex;

impl ReadModel for AuditIndex {
    const NAME: &'static str = "audit_index";
    type Tables = Tables;

    fn apply(entry: &Entry, tables: &mut Tables) -> Result<(), Poison> {
        tables.events.put(Indexed {
            position: entry.position,
            at: entry.at,
            actor: entry.actor.clone().map_err(|reason| entry.poison(&reason))?,
            room: entry.room()?,
            kind: entry.kind.clone(),
            command_id: entry.command_id.clone(),
        });
        Ok(())
    }
}
