//! The event store that cqrs-es asks for, over our log.

use std::collections::HashMap;
use std::sync::Arc;

use cqrs_es::{AggregateContext, AggregateError, EventEnvelope, EventStore};
use synctv_domain::{Actor, ActorId, Position, Rejection, RoomId, Seq};

use crate::aggregate::{RoomAggregate, RoomEvent};
use crate::append::{Append, Appended, Epoch, NewEvent, Submission};
use crate::error::LogError;
use crate::fingerprint::Fingerprints;
use crate::load::load_room;
use crate::ports::{EventLog, Folded, Ids};

/// Loads and commits rooms one at a time. Servers go through [`crate::Rooms`], which batches; both end in the same append.
#[derive(Clone)]
pub struct RoomStore {
    /// The log.
    pub log: Arc<dyn EventLog>,
    /// Ids of new events.
    pub ids: Arc<dyn Ids>,
    /// For the stored outcomes.
    pub fingerprints: Fingerprints,
}

/// A room and where it stood when loaded.
pub struct RoomContext {
    room: RoomId,
    loaded: Seq,
    head: Position,
    epoch: Epoch,
    state: RoomAggregate,
}

impl AggregateContext<RoomAggregate> for RoomContext {
    fn aggregate(&mut self) -> &mut RoomAggregate {
        &mut self.state
    }
}

type Failure = AggregateError<Rejection>;

fn failure(error: LogError) -> Failure {
    match error {
        LogError::Corrupt(_) => AggregateError::DeserializationError(Box::new(error)),
        _ => AggregateError::DatabaseConnectionError(Box::new(error)),
    }
}

fn parse(id: &str) -> Result<RoomId, Failure> {
    id.parse().map_err(|error| AggregateError::UnexpectedError(Box::new(error)))
}

fn envelope(room: RoomId, event: RoomEvent, metadata: HashMap<String, String>) -> EventEnvelope<RoomAggregate> {
    let sequence = usize::try_from(event.0.seq.0).unwrap_or(0);
    EventEnvelope { aggregate_id: room.to_string(), sequence, payload: event, metadata }
}

impl EventStore<RoomAggregate> for RoomStore {
    type AC = RoomContext;

    async fn load_events(&self, id: &str) -> Result<Vec<EventEnvelope<RoomAggregate>>, Failure> {
        let room = parse(id)?;
        let events = self.log.read_room(room, Seq(0), usize::MAX).await.map_err(failure)?;
        Ok(events.into_iter().map(|event| envelope(room, RoomEvent(event), HashMap::new())).collect())
    }

    async fn load_aggregate(&self, id: &str) -> Result<RoomContext, Failure> {
        let room = parse(id)?;
        let epoch = self.log.epoch();
        let Folded { room: state, head } = load_room(&*self.log, room, None).await.map_err(failure)?;
        Ok(RoomContext { room, loaded: state.seq(), head, epoch, state: RoomAggregate(state) })
    }

    async fn commit(
        &self,
        events: Vec<RoomEvent>,
        context: RoomContext,
        metadata: HashMap<String, String>,
    ) -> Result<Vec<EventEnvelope<RoomAggregate>>, Failure> {
        let Some(first) = events.first() else { return Ok(Vec::new()) };
        let (command_id, decided_by) = (first.0.command_id.clone(), first.0.decided_by.clone());
        let actor: ActorId = first.0.actor.id;
        let content: String = events.iter().map(|event| event.0.event.encode()).collect();
        let submission = Submission {
            actor: Actor { id: actor },
            fingerprint: self.fingerprints.of(Some(context.room), &content, &synctv_domain::Expect::default()),
            command_id,
            decided_by,
            events: events
                .iter()
                .map(|event| NewEvent { id: self.ids.event(), event: event.0.event.clone() })
                .collect(),
        };
        let append = Append {
            epoch: context.epoch,
            room: context.room,
            expected: context.loaded,
            head: context.head,
            submissions: vec![submission],
        };
        match self.log.append(&append).await.map_err(failure)? {
            Appended::Accepted { first, .. } => {
                let last = Position(first.0 + i64::try_from(events.len()).unwrap_or(0) - 1);
                let stored = self.log.read_span(context.room, first, last).await.map_err(failure)?;
                Ok(stored.into_iter().map(|event| envelope(context.room, RoomEvent(event), metadata.clone())).collect())
            }
            Appended::Moved | Appended::Known => Err(AggregateError::AggregateConflict),
        }
    }
}
