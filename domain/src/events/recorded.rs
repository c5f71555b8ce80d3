//! An event with its place in the log.

use serde::de::Error as _;
use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::Event;
use super::catalogue::Payload;
use crate::actor::Actor;
use crate::ids::{CommandId, EventId};
use crate::order::{Position, Seq};
use crate::time::Timestamp;

/// An event of the log.
///
/// JSON: `{seq, position, id, type, v, at, actor, data, decided_by, command_id}` in that order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its number within the room.
    pub seq: Seq,
    /// Its number in the whole log.
    pub position: Position,
    /// Its id.
    pub id: EventId,
    /// When it was recorded.
    pub at: Timestamp,
    /// Whose command caused it.
    pub actor: Actor,
    /// What happened.
    pub event: Event,
    /// The rule that allowed it.
    pub decided_by: String,
    /// The command that caused it.
    pub command_id: CommandId,
}

impl Serialize for Recorded {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut shape = to.serialize_struct("Recorded", 10)?;
        shape.serialize_field("seq", &self.seq)?;
        shape.serialize_field("position", &self.position)?;
        shape.serialize_field("id", &self.id)?;
        shape.serialize_field("type", self.event.name())?;
        shape.serialize_field("v", &self.event.version())?;
        shape.serialize_field("at", &self.at)?;
        shape.serialize_field("actor", &self.actor)?;
        shape.serialize_field("data", &Payload(&self.event))?;
        shape.serialize_field("decided_by", &self.decided_by)?;
        shape.serialize_field("command_id", &self.command_id)?;
        shape.end()
    }
}

#[derive(Deserialize)]
struct Stored {
    seq: Seq,
    position: Position,
    id: EventId,
    #[serde(rename = "type")]
    name: String,
    v: u16,
    at: Timestamp,
    actor: Actor,
    data: Value,
    decided_by: String,
    command_id: CommandId,
}

impl<'de> Deserialize<'de> for Recorded {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let stored = Stored::deserialize(from)?;
        let payload = stored.data.to_string();
        let event = Event::decode(&stored.name, stored.v, &payload).map_err(D::Error::custom)?;
        Ok(Self {
            seq: stored.seq,
            position: stored.position,
            id: stored.id,
            at: stored.at,
            actor: stored.actor,
            event,
            decided_by: stored.decided_by,
            command_id: stored.command_id,
        })
    }
}
