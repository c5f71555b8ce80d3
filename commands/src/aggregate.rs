//! The room as cqrs-es sees it.

use cqrs_es::event_sink::EventSink;
use cqrs_es::{Aggregate, DomainEvent};
use serde::{Deserialize, Serialize};
use synctv_domain::{
    Actor, Command, CommandId, Context, Event, EventId, Position, Recorded, Rejection, Room, Timestamp, decide,
};

/// Adapter between the pure domain and the traits of cqrs-es.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RoomAggregate(pub Room);

/// A command with everything that deciding it needs.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// What is asked.
    pub command: Command,
    /// By whom and when.
    pub context: Context,
    /// Under which id.
    pub command_id: CommandId,
}

/// An event on its way through cqrs-es.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoomEvent(pub Recorded);

impl DomainEvent for RoomEvent {
    fn event_type(&self) -> String {
        self.0.event.name().to_owned()
    }

    fn event_version(&self) -> String {
        self.0.event.version().to_string()
    }
}

impl Aggregate for RoomAggregate {
    const TYPE: &'static str = "room";
    type Command = Instruction;
    type Event = RoomEvent;
    type Error = Rejection;
    type Services = ();

    async fn handle(&mut self, asked: Instruction, (): &(), sink: &EventSink<Self>) -> Result<(), Rejection> {
        let decision = decide(&self.0, &asked.command, &asked.context)?;
        for event in decision.events {
            let recorded = provisional(&self.0, event, &asked.context, &decision.decided_by, &asked.command_id);
            sink.write(RoomEvent(recorded), self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: RoomEvent) {
        self.0.apply(&event.0);
    }
}

/// The event as the room's next one, before the log gave it a position and a time.
pub(crate) fn provisional(
    room: &Room,
    event: Event,
    context: &Context,
    decided_by: &str,
    command_id: &CommandId,
) -> Recorded {
    Recorded {
        seq: room.seq().next(),
        position: Position(0),
        id: EventId::new(context.fresh),
        at: Timestamp(context.now.0.saturating_mul(1000)),
        actor: Actor { id: context.actor.id },
        event,
        decided_by: decided_by.to_owned(),
        command_id: command_id.clone(),
    }
}
