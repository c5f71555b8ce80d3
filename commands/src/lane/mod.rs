//! A lane: the one place on this node where a room's commands are decided.
//!
//! It drains its inbox, decides the commands in order, and hands their events to the log as one append. **No answer, not
//! even a refusal, leaves before everything it was decided on is durable.**

mod duties;
mod pending;
mod quota;
mod round;
mod settle;

use std::sync::Arc;
use std::time::Duration;

use synctv_domain::{
    ActorId, Command, CommandId, Company, Context, EventId, Position, Proof, Recorded, Room, RoomId, Seq, Timestamp,
};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::{Instant, sleep};
use ulid::Ulid;

use duties::Duties;
pub(crate) use pending::{Charge, Claim, Pending};
use quota::Quotas;
pub(crate) use round::{Refusal, Round, judge};

use crate::append::{Append, Appended, Epoch, Submission};
use crate::error::{CommandError, LogError};
use crate::load::load_room;
use crate::ports::{Audience, Clock, EventLog, FanOut, Folded, Ids};
use crate::rate::Rate;
use crate::request::{Reply, Request};
use crate::rooms::RoomAt;
use crate::shown::shown;

/// Commands decided together; as many as one append carries.
const GROUP: usize = 256;
/// Events read at once when catching up.
const PAGE: usize = 500;
/// A lane without work for this long gives its memory back: longer than people pause, so that rooms in use stay folded.
const IDLE: Duration = Duration::from_secs(300);
/// After so many conflicts in a row the room is decided under a lock that other nodes respect.
const PATIENCE: u32 = 3;

/// What all lanes use.
pub(crate) struct Shared {
    pub(crate) log: Arc<dyn EventLog>,
    pub(crate) fan_out: Arc<dyn FanOut>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn Ids>,
    pub(crate) audience: Arc<dyn Audience>,
    pub(crate) snapshot_every: i64,
    /// How often a member may steer; None: as often as they like.
    pub(crate) steering: Option<Rate>,
    /// Snapshots are a convenience: few at a time, never in the way of commands.
    pub(crate) snapshots: Arc<Semaphore>,
}

/// What a lane is asked.
pub(crate) enum Message {
    Command(Box<Pending>),
    Read(oneshot::Sender<Result<RoomAt, LogError>>),
    /// Another node wrote, up to this.
    Moved(Seq),
    /// Another node wrote these.
    Heard(Epoch, Arc<[Recorded]>),
}

/// The durable room.
struct State {
    epoch: Epoch,
    /// Before it was loaded.
    erasures: u64,
    room: Arc<Room>,
    /// Position of its last event.
    head: Position,
}

impl State {
    /// To be accepted only if the room stands in the log as it does here.
    fn append(&self, room: RoomId, submissions: Vec<Submission>) -> Append {
        Append { epoch: self.epoch.clone(), room, expected: self.room.seq(), head: self.head, submissions }
    }
}

pub(crate) struct Lane {
    id: RoomId,
    shared: Arc<Shared>,
    inbox: mpsc::Receiver<Message>,
    state: Option<State>,
    duties: Duties,
    quotas: Quotas,
}

/// How far ahead of now a start is scheduled, ms: everybody has heard of it by then.
const LEAD_MS: std::ops::RangeInclusive<i64> = 150..=800;
/// For what a player needs to obey.
const REACTION_MS: i64 = 30;
/// How far ahead of now another item begins at least, ms: players have to load it, and its first second is worth seeing.
const ITEM_LEAD_MS: i64 = 1_500;

impl Shared {
    /// Only what steers is scheduled.
    pub(crate) fn lead_ms(&self, room: RoomId, command: &Command) -> i64 {
        let far = if command.steers() { self.audience.delay_ms(room).unwrap_or(0) } else { 0 };
        let lead = far.saturating_add(REACTION_MS).clamp(*LEAD_MS.start(), *LEAD_MS.end());
        if command.changes_item() { lead.max(ITEM_LEAD_MS) } else { lead }
    }

    /// Only a ready check asks.
    pub(crate) fn company(&self, room: RoomId, command: &Command) -> Company {
        if command.asks_who_is_there() { self.audience.company(room) } else { Company::default() }
    }

    /// What a request is decided in, now.
    pub(crate) fn context(&self, room_id: RoomId, request: &Request, fresh: Ulid, proof: Proof) -> Context {
        Context {
            actor: request.caller.actor,
            display_name: request.caller.display_name.clone(),
            now: self.clock.now(),
            lead_ms: self.lead_ms(room_id, &request.command),
            fresh,
            room_id,
            company: self.company(room_id, &request.command),
            entropy: self.ids.entropy(),
            proof,
        }
    }

    /// An id for a command that came without one.
    pub(crate) fn mint(&self) -> CommandId {
        CommandId::parse(&format!("cmd_{}", self.ids.ulid())).expect("a prefix and a ULID are printable and short")
    }
}

impl Lane {
    pub(crate) fn new(id: RoomId, shared: Arc<Shared>, inbox: mpsc::Receiver<Message>) -> Self {
        Self { id, shared, inbox, state: None, duties: Duties::default(), quotas: Quotas::default() }
    }

    /// Until nobody asks any more, or nobody can.
    pub(crate) async fn run(mut self, retired: impl FnOnce()) {
        let (mut mail, mut used) = (Vec::new(), Instant::now());
        loop {
            let rest = self.attend().await.unwrap_or(IDLE).min(self.rest(used));
            let received = tokio::select! {
                received = self.inbox.recv_many(&mut mail, GROUP) => Some(received),
                () = sleep(rest) => None,
                () = self.duties.roused() => None,
            };
            match received {
                Some(0) => break,
                Some(_) => {
                    self.serve(&mut mail).await;
                    used = Instant::now();
                }
                // What was sent before this is still received.
                None if used.elapsed() >= IDLE && !self.is_needed() => self.inbox.close(),
                None => {}
            }
            if !self.state.as_ref().is_some_and(|state| state.room.exists()) && self.inbox.is_empty() {
                // Asking for rooms that do not exist must not fill the memory.
                self.inbox.close();
            }
        }
        retired();
    }

    /// How long the lane is kept unless somebody asks.
    fn rest(&self, used: Instant) -> Duration {
        if self.is_needed() { IDLE } else { IDLE.saturating_sub(used.elapsed()) }
    }

    async fn serve(&mut self, mail: &mut Vec<Message>) {
        let (mut commands, mut reads, mut heard, mut moved) = (Vec::new(), Vec::new(), Vec::new(), Seq::default());
        for message in mail.drain(..) {
            match message {
                Message::Command(pending) => commands.push(*pending),
                Message::Read(answer) => reads.push(answer),
                Message::Moved(seq) => moved = moved.max(seq),
                Message::Heard(epoch, events) => heard.push((epoch, events)),
            }
        }
        for (epoch, events) in heard {
            moved = moved.max(self.hear(&epoch, &events));
        }
        if !commands.is_empty() {
            self.work(commands).await;
        }
        if !reads.is_empty() {
            let room = self.fresh().await;
            for answer in reads {
                let _ = answer.send(room.clone());
            }
        }
        // What the room does by itself follows from what was written elsewhere as well.
        let held = self.state.as_ref().map_or(Seq::default(), |state| state.room.seq());
        if held < moved
            && let Err(error) = self.catch_up(moved).await
        {
            tracing::debug!(room = %self.id, %error, "room.not_followed");
        }
    }

    /// Makes events that another node stored part of the room, if they are the next ones. How far the log goes.
    fn hear(&mut self, epoch: &Epoch, events: &[Recorded]) -> Seq {
        let erasures = self.shared.log.erasures();
        if let Some(state) = self.state.as_mut().filter(|state| state.epoch == *epoch && state.erasures == erasures) {
            let room = Arc::make_mut(&mut state.room);
            for event in events {
                if event.seq == room.seq().next() {
                    room.apply(event);
                    state.head = event.position;
                }
            }
        }
        // What another incarnation held says nothing about this one.
        if *epoch == self.shared.log.epoch() {
            events.last().map_or(Seq::default(), |last| last.seq)
        } else {
            Seq::default()
        }
    }

    async fn work(&mut self, mut waiting: Vec<Pending>) {
        let (mut conflicts, mut lock) = (0, None);
        loop {
            waiting = take_up(waiting);
            if waiting.is_empty() {
                return;
            }
            if conflicts >= PATIENCE && lock.is_none() {
                lock = self.shared.log.lock_room(self.id).await.ok();
            }
            let (mut group, repeats) = settle::set_aside_repeats(waiting);
            self.charge(&mut group);
            waiting = self.attempt(group).await;
            if !waiting.is_empty() {
                conflicts += 1;
            }
            if !repeats.is_empty() {
                waiting.extend(self.answer_known(repeats).await);
            }
        }
    }

    /// Each command once, however often it has to be decided.
    fn charge(&mut self, group: &mut [Pending]) {
        let Some(rate) = self.shared.steering else { return };
        let now = Instant::now();
        for pending in group.iter_mut().filter(|pending| pending.charge == Charge::Due) {
            let actor = pending.request.caller.actor.id;
            pending.charge = match self.quotas.take(rate, actor, now) {
                Ok(()) => Charge::Paid,
                Err(wait) => Charge::Refused(wait),
            };
        }
    }

    /// What was answered before costs nothing.
    fn give_back(&mut self, pending: &Pending) {
        if let (Some(rate), Charge::Paid) = (self.shared.steering, pending.charge) {
            self.quotas.give_back(rate, pending.request.caller.actor.id);
        }
    }

    /// Decides and stores a group. Gives back what has to be decided again.
    async fn attempt(&mut self, group: Vec<Pending>) -> Vec<Pending> {
        let id = self.id;
        let state = match self.loaded().await {
            Ok(state) => state,
            Err(error) => return settle::fail(group, &error),
        };
        let append = state.append(id, Vec::new());
        let room = Arc::clone(&state.room);
        let round = Round::decide(&self.shared, id, &append.epoch, &room, &group);
        drop(room);
        if round.submissions.is_empty() {
            return self.refuse(group, round.verdicts).await;
        }
        let append = Append { submissions: round.submissions, ..append };
        match self.shared.log.append(&append).await {
            Ok(Appended::Accepted { first, at }) => {
                let replies = self.record(append, first, at);
                self.answer(group, round.verdicts, &replies).await;
                Vec::new()
            }
            Ok(Appended::Moved) => self.caught_up(group).await,
            Ok(Appended::Known) => {
                let rest = self.answer_known(group).await;
                self.caught_up(rest).await
            }
            Err(LogError::EpochChanged) => {
                self.state = None;
                group
            }
            // Only what the log cannot take is refused: each command alone shows which.
            Err(LogError::Content(_)) if group.len() > 1 => self.attempt_each(group).await,
            Err(LogError::Erased(subject)) => self.fail_erased(group, &round.verdicts, append, subject).await,
            Err(error) => settle::fail_accepted(group, &round.verdicts, &error),
        }
    }

    async fn attempt_each(&mut self, group: Vec<Pending>) -> Vec<Pending> {
        let mut again = Vec::new();
        for pending in group {
            again.extend(Box::pin(self.attempt(vec![pending])).await);
        }
        again
    }

    /// Makes durable events part of the room and shows them to subscribers. One reply for each submission.
    fn record(&mut self, append: Append, first: Position, at: Timestamp) -> Vec<Reply> {
        let Some(state) = self.state.as_mut() else { return Vec::new() };
        let room = Arc::make_mut(&mut state.room);
        let from = room.seq();
        let (mut seq, mut next) = (from, first.0);
        let mut last = None;
        let mut replies = Vec::with_capacity(append.submissions.len());
        for submission in append.submissions {
            let mut events = Vec::with_capacity(submission.events.len());
            for new in submission.events {
                (seq, state.head, next) = (seq.next(), Position(next), next + 1);
                let event = Recorded {
                    seq,
                    position: state.head,
                    id: new.id,
                    at,
                    actor: submission.actor,
                    event: new.event,
                    decided_by: submission.decided_by.clone(),
                    command_id: submission.command_id.clone(),
                };
                room.apply(&event);
                last = Some(event.id);
                events.push(event);
            }
            let events: Arc<[Recorded]> = events.into();
            if !events.is_empty() {
                self.shared.fan_out.publish(self.id, &state.epoch, Arc::clone(&events));
            }
            let (secret, repeated) = (None, false);
            replies.push(Reply { room: self.id, seq, position: state.head, events, secret, repeated });
        }
        if let Some(last) = last {
            self.keep_snapshot(from, last);
        }
        replies
    }

    fn keep_snapshot(&self, from: Seq, last: EventId) {
        const KEPT: i64 = 10_000;
        let (Some(state), every) = (&self.state, self.shared.snapshot_every) else { return };
        let seq = state.room.seq().0;
        if from.0 / every == seq / every {
            return;
        }
        let Ok(permit) = Arc::clone(&self.shared.snapshots).try_acquire_owned() else { return };
        let (log, room) = (Arc::clone(&self.shared.log), Arc::clone(&state.room));
        tokio::spawn(async move {
            if let Err(error) = log.save_snapshot(&room, last, from.0 / KEPT != seq / KEPT).await {
                tracing::warn!(%error, seq, "snapshot.skipped");
            }
            drop(permit);
        });
    }

    /// The durable room, loaded when this lane does not hold it under the present epoch and erasures.
    async fn loaded(&mut self) -> Result<&State, LogError> {
        let (epoch, erasures) = (self.shared.log.epoch(), self.shared.log.erasures());
        if self.state.as_ref().is_none_or(|state| state.epoch != epoch || state.erasures != erasures) {
            self.state = None;
            let Folded { room, head } = load_room(&*self.shared.log, self.id, None).await?;
            self.state = Some(State { epoch, erasures, room: Arc::new(room), head });
        }
        self.state.as_ref().ok_or(LogError::EpochChanged)
    }

    /// The room as the log has it now, whoever wrote last.
    async fn fresh(&mut self) -> Result<RoomAt, LogError> {
        let head = self.shared.log.check(self.id, &[]).await?.head;
        self.catch_up(head).await?;
        let state = self.loaded().await?;
        Ok(RoomAt { epoch: state.epoch.clone(), room: Arc::clone(&state.room) })
    }

    /// Reads what other nodes wrote, up to `head` at least.
    async fn catch_up(&mut self, head: Seq) -> Result<(), LogError> {
        let held = self.state.as_ref().map(|state| (state.epoch.clone(), state.room.seq()));
        self.loaded().await?;
        let Some(state) = self.state.as_mut() else { return Err(LogError::EpochChanged) };
        if head < state.room.seq() {
            // A room that was loaded after the look at the head may well be ahead of it.
            if held.is_none_or(|(epoch, seq)| epoch != state.epoch || seq <= head) {
                return Ok(());
            }
            self.state = None;
            self.shared.log.suspect();
            return Err(LogError::Rewound);
        }
        while state.room.seq() < head {
            let page = self.shared.log.read_room(self.id, state.room.seq(), PAGE).await?;
            if page.is_empty() {
                return Err(LogError::Corrupt(format!("{} has no event after {}", self.id, state.room.seq().0)));
            }
            let room = Arc::make_mut(&mut state.room);
            for event in &page {
                room.apply(event);
                state.head = event.position;
            }
            if self.shared.fan_out.follows(self.id) {
                let page = shown(&*self.shared.log, self.id, page).await?;
                self.shared.fan_out.publish_read(self.id, &state.epoch, &page);
            }
        }
        Ok(())
    }

    /// Catches up, so that `group` can be decided again; answers it when that fails.
    async fn caught_up(&mut self, group: Vec<Pending>) -> Vec<Pending> {
        let head = self.shared.log.check(self.id, &[]).await.map(|check| check.head);
        let result = match head {
            Ok(head) => self.catch_up(head).await,
            Err(error) => Err(error),
        };
        match result {
            Ok(()) => group,
            Err(error) => settle::fail(group, &error),
        }
    }
}

/// Those whose callers still wait and whose deadlines have not passed.
fn take_up(waiting: Vec<Pending>) -> Vec<Pending> {
    let now = Instant::now();
    let mut taken = Vec::with_capacity(waiting.len());
    for pending in waiting {
        if !pending.claim.take() {
            continue;
        }
        if pending.deadline <= now {
            pending.resolve(Err(CommandError::DeadlineExceeded));
        } else {
            taken.push(pending);
        }
    }
    taken
}

/// The commands that a client may have sent before, by who and which.
fn repeatable(group: &[Pending]) -> Vec<(ActorId, CommandId)> {
    group.iter().filter(|pending| pending.may_repeat()).map(Pending::scoped_id).collect()
}
