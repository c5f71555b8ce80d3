//! The entrance to the write side, and to reads that must be current.

use std::sync::Arc;
use std::time::Duration;

use synctv_domain::{
    ActorId, Command, CommandId, Context, CreateRoom, Event, Expect, Position, Proof, Recorded, Room, RoomId, Seq,
    Timestamp,
};
use tokio::sync::{Semaphore, oneshot};
use tokio::time::{Instant, timeout_at};
use ulid::Ulid;

use crate::admission::Admission;
use crate::aggregate::provisional;
use crate::append::{Epoch, Fingerprint};
use crate::error::{CommandError, LogError, ReadError};
use crate::fingerprint::Fingerprints;
use crate::lane::{Charge, Claim, Message, Pending, Refusal, Shared, judge};
use crate::lanes::Lanes;
use crate::load::load_room;
use crate::ports::{Audience, Clock, EventLog, FanOut, Ids};
use crate::rate::Rate;
use crate::request::{Caller, Reply, Request};
use crate::shown::{Shown, shown};

/// How the write side behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long a command may take before its caller is told that it did not happen, or that its outcome is unknown.
    pub deadline: Duration,
    /// Events between snapshots of a room.
    pub snapshot_every: i64,
    /// How often a member may steer playback; None: as often as they like.
    pub steering: Option<Rate>,
}

impl Default for Settings {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(10), snapshot_every: 500, steering: None }
    }
}

/// A folded room and the incarnation of the log it was folded from.
#[derive(Clone, Debug)]
pub struct RoomAt {
    /// The epoch.
    pub epoch: Epoch,
    /// The room.
    pub room: Arc<Room>,
}

/// What decided commands reach outside.
pub struct Outside {
    /// Where they are stored.
    pub log: Arc<dyn EventLog>,
    /// Who hears of them.
    pub fan_out: Arc<dyn FanOut>,
    /// Who is connected.
    pub audience: Arc<dyn Audience>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids.
    pub ids: Arc<dyn Ids>,
}

/// Rooms, as every transport uses them.
#[derive(Clone)]
pub struct Rooms {
    shared: Arc<Shared>,
    lanes: Arc<Lanes>,
    fingerprints: Fingerprints,
    admission: Admission,
    deadline: Duration,
}

impl Rooms {
    /// Over these ports.
    #[must_use]
    pub fn new(outside: Outside, fingerprints: Fingerprints, admission: Admission, settings: &Settings) -> Self {
        let Outside { log, fan_out, audience, clock, ids } = outside;
        let shared = Arc::new(Shared {
            log,
            fan_out,
            clock,
            ids,
            audience,
            snapshot_every: settings.snapshot_every.max(1),
            steering: settings.steering,
            snapshots: Arc::new(Semaphore::new(2)),
        });
        let lanes = Arc::new(Lanes::new(Arc::clone(&shared)));
        Self { lanes, shared, fingerprints, admission, deadline: settings.deadline }
    }

    /// Rooms that this node holds in memory.
    #[must_use]
    pub fn active(&self) -> usize {
        self.lanes.active()
    }

    /// Makes a room; its id is in the reply.
    ///
    /// # Errors
    /// As [`Rooms::execute`].
    pub async fn create(
        &self,
        caller: Caller,
        room: CreateRoom,
        (key, within): (Option<CommandId>, Option<Duration>),
    ) -> Result<Reply, CommandError> {
        let (command, id) = (Command::Create(room), RoomId::new(self.shared.ids.ulid()));
        let (expect, if_match) = (Expect::default(), None);
        let request = Request { caller, command, key, expect, if_match, within };
        if Self::is_secretive(&request.command) {
            return self.create_secretive(id, request).await;
        }
        let fingerprint = self.fingerprints.of(None, &request.command.canonical(), &Expect::default());
        let charge = Charge::of(&request);
        self.submit(id, request, fingerprint, Proof::default(), charge).await
    }

    /// Decides a command, and answers when the outcome is durable.
    ///
    /// # Errors
    /// A refusal, a failed expectation, or a log that could not take it.
    pub async fn execute(&self, room: RoomId, request: Request) -> Result<Reply, CommandError> {
        if Self::is_secretive(&request.command) {
            return self.execute_secretive(room, request).await;
        }
        let fingerprint = self.fingerprints.of(Some(room), &request.command.canonical(), &request.expect);
        let charge = Charge::of(&request);
        let reply = self.submit(room, request, fingerprint, Proof::default(), charge).await?;
        Ok(self.revealing(reply))
    }

    /// The answer that was given before, to somebody who may not ask anew for as long as `wait`. No room: the command
    /// makes one. With a password it is never told: to compare it costs more than is left to them.
    ///
    /// # Errors
    /// As [`Rooms::execute`]; [`CommandError::TooOften`] when it was not answered before.
    pub async fn recall(&self, room: Option<RoomId>, request: Request, wait: Duration) -> Result<Reply, CommandError> {
        if request.command.password().is_some() {
            return Err(CommandError::TooOften(wait));
        }
        let fingerprint = self.fingerprints.of(room, &request.command.canonical(), &request.expect);
        let room = room.unwrap_or_else(|| RoomId::new(self.shared.ids.ulid()));
        let reply = self.submit(room, request, fingerprint, Proof::default(), Charge::Refused(wait)).await?;
        Ok(self.revealing(reply))
    }

    /// With what is told to the caller alone.
    pub(crate) fn revealing(&self, reply: Reply) -> Reply {
        Reply { secret: self.admission.reveal(&reply), ..reply }
    }

    pub(crate) async fn submit(
        &self,
        room: RoomId,
        request: Request,
        fingerprint: Fingerprint,
        proof: Proof,
        charge: Charge,
    ) -> Result<Reply, CommandError> {
        let deadline = Instant::now() + request.within.map_or(self.deadline, |within| within.min(self.deadline));
        let command_id = request.key.clone().unwrap_or_else(|| self.shared.mint());
        let (claim, (answer, answered)) = (Claim::default(), oneshot::channel());
        let fresh = self.shared.ids.ulid();
        let pending = Pending {
            charge,
            request,
            command_id: command_id.clone(),
            fingerprint,
            fresh,
            proof,
            deadline,
            claim: claim.clone(),
            answer,
        };
        let sent = async {
            self.lanes.send(room, Message::Command(Box::new(pending))).await;
            answered.await
        };
        match timeout_at(deadline, sent).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(CommandError::OutcomeUnknown(command_id)),
            Err(_) if claim.abandon() => Err(CommandError::DeadlineExceeded),
            Err(_) => Err(CommandError::OutcomeUnknown(command_id)),
        }
    }

    /// The events that a command would have now. Stores nothing; their position is 0.
    ///
    /// # Errors
    /// As [`Rooms::execute`].
    pub async fn preview(&self, id: RoomId, request: Request) -> Result<Reply, CommandError> {
        let proof = self.would_find(id, &request).await?;
        let RoomAt { epoch, room } = self.current(id).await?;
        let context = self.context(id, &request, proof);
        let may_see = room.is_member(request.caller.actor.id);
        let decision = judge(&room, &epoch, &request, &context).map_err(|refusal| {
            let room = may_see.then(|| Arc::clone(&room));
            match refusal {
                Refusal::Domain(rejection) => CommandError::Rejected(rejection),
                Refusal::Stale(rejection) => CommandError::Stale { rejection, epoch: epoch.clone(), room },
                Refusal::IfMatch => CommandError::PreconditionFailed { epoch: epoch.clone(), room },
                Refusal::TooOften(wait) => CommandError::TooOften(wait),
            }
        })?;
        let command_id = request.key.clone().unwrap_or_else(|| self.shared.mint());
        let mut after = Room::clone(&room);
        let mut events: Vec<Recorded> = Vec::new();
        for event in decision.events {
            let next = provisional(&after, event, &context, &decision.decided_by, &command_id);
            let next = Recorded { id: self.shared.ids.event(), ..next };
            after.apply(&next);
            events.push(next);
        }
        let (events, secret, repeated) = (events.into(), None, false);
        Ok(Reply { room: id, seq: after.seq(), position: Position(0), events, secret, repeated })
    }

    /// Of a command that is looked at here, and not by the room's lane.
    pub(crate) fn context(&self, id: RoomId, request: &Request, proof: Proof) -> Context {
        self.shared.context(id, request, self.shared.ids.ulid(), proof)
    }

    /// Whether the caller was answered under this key before.
    pub(crate) async fn was_answered(&self, room: RoomId, request: &Request) -> Result<bool, LogError> {
        let Some(key) = &request.key else { return Ok(false) };
        let asked = [(request.caller.actor.id, key.clone())];
        Ok(self.shared.log.check(room, &asked).await?.outcomes.iter().any(Option::is_some))
    }

    pub(crate) fn admission(&self) -> &Admission {
        &self.admission
    }

    pub(crate) fn fingerprints(&self) -> &Fingerprints {
        &self.fingerprints
    }

    pub(crate) fn deadline(&self) -> Duration {
        self.deadline
    }

    pub(crate) fn fresh_id(&self) -> Ulid {
        self.shared.ids.ulid()
    }

    /// Somebody here follows a room that another node wrote.
    pub fn moved(&self, room: RoomId, seq: Seq) {
        self.lanes.tell(room, Message::Moved(seq));
    }

    /// Somebody here follows a room that another node wrote: these events.
    pub fn heard(&self, room: RoomId, epoch: &Epoch, events: Arc<[Recorded]>) {
        self.lanes.tell(room, Message::Heard(epoch.clone(), events));
    }

    /// The room as the log has it now.
    pub(crate) async fn current(&self, id: RoomId) -> Result<RoomAt, LogError> {
        let (answer, answered) = oneshot::channel();
        self.lanes.send(id, Message::Read(answer)).await;
        answered.await.unwrap_or(Err(LogError::EpochChanged))
    }

    /// The room as the log has it now, for what the server itself has to know.
    ///
    /// # Errors
    /// When there is no such room, or it cannot be read.
    pub async fn look(&self, id: RoomId) -> Result<RoomAt, ReadError> {
        let current = timeout_at(Instant::now() + self.deadline, self.current(id))
            .await
            .map_err(|_| LogError::Unavailable("the room could not be read in time".to_owned()))??;
        if current.room.exists() { Ok(current) } else { Err(ReadError::RoomNotFound) }
    }

    /// The room as the log has it now, for a member.
    ///
    /// # Errors
    /// When there is no such room, or the reader is not in it.
    pub async fn room(&self, id: RoomId, reader: ActorId) -> Result<RoomAt, ReadError> {
        let current = self.look(id).await?;
        if !current.room.is_member(reader) {
            return Err(ReadError::NotAMember);
        }
        Ok(current)
    }

    /// The room as it was at `seq`, for someone who is a member now.
    ///
    /// # Errors
    /// As [`Rooms::room`], and when the room never was at `seq`.
    pub async fn room_as_of(&self, id: RoomId, reader: ActorId, seq: Seq) -> Result<RoomAt, ReadError> {
        let RoomAt { epoch, room } = self.room(id, reader).await?;
        if seq.0 < 1 || seq > room.seq() {
            return Err(ReadError::NoSuchVersion);
        }
        if seq == room.seq() {
            return Ok(RoomAt { epoch, room });
        }
        let room = load_room(&*self.shared.log, id, Some(seq)).await?.room;
        Ok(RoomAt { epoch, room: Arc::new(room) })
    }

    /// The room as it was at that time, for someone who is a member now.
    ///
    /// # Errors
    /// As [`Rooms::room`], and when the room did not exist yet.
    pub async fn room_at(&self, id: RoomId, reader: ActorId, at: Timestamp) -> Result<RoomAt, ReadError> {
        self.room(id, reader).await?;
        let seq = self.shared.log.seq_at(id, at).await?;
        self.room_as_of(id, reader, seq).await
    }

    /// At most `limit` events after `after`, as members are shown them. Membership is the caller's to check.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn events(&self, id: RoomId, after: Seq, limit: usize) -> Result<Vec<Shown>, LogError> {
        let events = self.shared.log.read_room(id, after, limit).await?;
        shown(&*self.shared.log, id, events).await
    }
}

impl Reply {
    /// The room that this reply says was created.
    #[must_use]
    pub fn created(&self) -> Option<RoomId> {
        matches!(self.events.first()?.event, Event::RoomCreated(_)).then_some(self.room)
    }
}
