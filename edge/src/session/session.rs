//! One connection of a member to a room.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::BoxStream;
use synctv_commands::{Attendance, Barrier, Delivery, Ephemeral, Frames, ReadError, Subscription};
use synctv_domain::{RoomId, Seq};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use super::PATIENCE;
use super::ask::From;
use super::end::End;
use super::flow::{Beyond, Flow};
use super::following::{Following, JUDGE, is_replay};
use super::link::{Heard, Link, Told};
use super::replies::Replies;
use crate::edge::Edge;
use crate::limits::MESSAGES;
use crate::meter::Limited;
use crate::metrics::{Commands, Metrics, Transport};
use crate::problem::Problem;
use crate::tokens::Identity;

/// A token is renewed in time when this is told before it expires, ms.
const WARNING: i64 = 60_000;
/// For commands under way when a session ends.
const LAST_REPLIES: Duration = Duration::from_secs(1);

/// What a session is held over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// A WebSocket.
    Socket,
    /// A stream of gRPC.
    Grpc,
}

impl Over {
    fn transport(self, metrics: &Metrics) -> &Transport {
        match self {
            Self::Socket => &metrics.socket,
            Self::Grpc => &metrics.grpc,
        }
    }

    pub(super) fn commands(self, metrics: &Metrics) -> &Commands {
        match self {
            Self::Socket => &metrics.socket_commands,
            Self::Grpc => &metrics.grpc_commands,
        }
    }
}

/// A session that may begin.
pub struct Opening {
    edge: Arc<Edge>,
    room: RoomId,
    who: Identity,
    address: Option<IpAddr>,
    cursor: Box<dyn Subscription>,
    opened: Seq,
}

impl Opening {
    /// Makes sure that somebody may read the room.
    ///
    /// # Errors
    /// When they may not, or that cannot be told.
    pub async fn new(
        edge: Arc<Edge>,
        room: RoomId,
        (who, address): (Identity, Option<IpAddr>),
    ) -> Result<Self, Problem> {
        let opened = edge.rooms.room(room, who.actor.id).await?.room.seq();
        let cursor = edge.hub.subscribe(room, opened).await?;
        Ok(Self { edge, room, who, address, cursor, opened })
    }

    /// Somebody takes part, until one side ends it.
    pub async fn attend<L: Link>(self, over: Over, link: L) {
        let attendance = self.edge.presence.attend(self.room, self.who.actor.id);
        Session::new(self, over, link, Some(attendance)).run(None).await;
    }

    /// Somebody reads, and nobody learns of it.
    pub async fn watch<L: Link>(self, over: Over, link: L, from: From) {
        Session::new(self, over, link, None).run(Some(from)).await;
    }
}

pub(super) struct Session<L> {
    pub(super) edge: Arc<Edge>,
    pub(super) room: RoomId,
    pub(super) who: Identity,
    /// Where they are connected from.
    pub(super) address: Option<IpAddr>,
    pub(super) over: Over,
    pub(super) link: L,
    pub(super) following: Following,
    /// None: they only read.
    pub(super) attendance: Option<Box<dyn Attendance>>,
    pub(super) replies: Replies,
    /// When somebody was last said to type.
    pub(super) typed: Option<Instant>,
    flow: Option<Flow>,
    heard: Instant,
    warned: bool,
    /// Since the token's next time was looked at.
    renewed: bool,
}

impl<L: Link> Session<L> {
    fn new(opening: Opening, over: Over, link: L, attendance: Option<Box<dyn Attendance>>) -> Self {
        let Opening { edge, room, who, address, cursor, opened } = opening;
        Self {
            following: Following { cursor, opened, told: None, judged: Instant::now() },
            replies: Replies::default(),
            typed: None,
            flow: edge.guard.limited.then(Flow::default),
            heard: Instant::now(),
            warned: false,
            renewed: false,
            edge,
            room,
            who,
            address,
            over,
            link,
            attendance,
        }
    }

    async fn run(mut self, from: Option<From>) {
        let open = self.over.transport(&self.edge.metrics).open();
        let Err(end) = self.serve(from).await;
        drop(open);
        let Self { edge, link, attendance, following, replies, .. } = self;
        // Neither others nor the room wait for the last words.
        drop((attendance, following, replies));
        if let End::Close(code, reason) = end {
            tracing::debug!(code, reason, "session.closed");
            edge.metrics.closed(code);
            link.close(end).await;
        }
    }

    async fn serve(&mut self, from: Option<From>) -> Result<Infallible, End> {
        if let Some(from) = from {
            Box::pin(self.begin(from)).await?;
        }
        let mut beat = interval(PATIENCE.beat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        // Kept from turn to turn: to wait anew for what all sessions wait for is what turns would mostly be spent on.
        let mut draining = self.edge.draining.clone();
        let mut going = pin!(asked_to_go(&mut draining));
        let mut others = self.others();
        let mut token = Box::pin(sleep(self.token_time()));
        loop {
            if std::mem::take(&mut self.renewed) {
                token.as_mut().reset(Instant::now() + self.token_time());
            }
            // What has to happen at its time comes first, whatever the client sends.
            tokio::select! {
                biased;
                () = going.as_mut() => return self.drain().await,
                () = token.as_mut() => {
                    self.mind_token().await?;
                    token.as_mut().reset(Instant::now() + self.token_time());
                }
                _ = beat.tick() => self.beat().await?,
                heard = self.link.hear(), if self.replies.has_room() => {
                    self.heard = Instant::now();
                    let heard = heard?;
                    let limited = self.flow(&heard)?;
                    if let Heard::Ask(asked) = heard {
                        // Large, and seldom: not part of what every idle session takes.
                        Box::pin(self.obey(*asked, limited)).await?;
                    }
                }
                () = self.replies.done() => self.answer().await?,
                delivery = self.following.next() => self.deliver(delivery).await?,
                Some(news) = others.next() => {
                    for ephemeral in news {
                        self.link.feed(Told::Ephemeral(&ephemeral)).await?;
                    }
                    self.link.flush().await?;
                }
            }
        }
    }

    /// What other members tell.
    fn others(&self) -> BoxStream<'static, Vec<Arc<Ephemeral>>> {
        self.attendance.as_ref().map_or_else(|| futures::stream::pending().boxed(), |attendance| attendance.news())
    }

    /// Whether a message is one too many, or the last straw.
    fn flow(&mut self, heard: &Heard) -> Result<Option<Limited>, End> {
        let Some(Err(beyond)) = self.flow.as_mut().map(|flow| flow.hear(self.heard)) else { return Ok(None) };
        self.edge.metrics.limited(MESSAGES);
        match (beyond, heard) {
            (Beyond::Flood, _) => Err(End::FLOOD),
            (Beyond::Wait(_), Heard::Alive) => Ok(None),
            (Beyond::Wait(wait), Heard::Ask(_)) => Ok(Some(Limited { limit: MESSAGES, wait })),
        }
    }

    async fn deliver(&mut self, delivery: Delivery) -> Result<(), End> {
        let Delivery::Frames(frames) = delivery else { return Box::pin(self.epoch_ended()).await };
        if is_replay(&*self.following.cursor, &frames) && self.following.judged.elapsed() > JUDGE {
            Box::pin(self.judge(None)).await?;
        }
        for (piece, barrier) in frames.pieces() {
            self.hand(&piece).await?;
            if barrier.concerns(self.who.actor.id) {
                let new = piece.last() > self.following.opened;
                Box::pin(async { if new { self.end_at(barrier).await } else { self.judge(Some(barrier)).await } })
                    .await?;
            }
        }
        self.answer().await
    }

    async fn hand(&mut self, piece: &Frames) -> Result<(), End> {
        if let Some(told) = &mut self.following.told {
            self.link.pass_on(piece).await?;
            *told = piece.last();
            self.over.transport(&self.edge.metrics).delivered(piece.count());
        }
        Ok(())
    }

    /// Sends answers whose events went before them.
    pub(super) async fn answer(&mut self) -> Result<(), End> {
        let due = self.replies.due(self.following.told);
        if due.is_empty() {
            return Ok(());
        }
        for (id, outcome) in &due {
            let told = match outcome {
                Ok(reply) => Told::Done { id, reply },
                Err(problem) => Told::Refused { id, problem },
            };
            self.link.feed(told).await?;
        }
        self.link.flush().await
    }

    /// Whether they may read on: at a barrier, and now and then in a long replay. An old event of leaving or closing does
    /// not stop somebody who may read today. When that cannot be told, it does.
    async fn judge(&mut self, barrier: Option<&Barrier>) -> Result<(), End> {
        let end = match self.edge.rooms.room(self.room, self.who.actor.id).await {
            Ok(now) if barrier == Some(&Barrier::Closed) && now.room.is_closed() => End::CLOSED,
            Ok(_) => {
                self.following.judged = Instant::now();
                return Ok(());
            }
            Err(ReadError::NotAMember | ReadError::RoomNotFound) => End::FORBIDDEN,
            Err(_) => End::UNAVAILABLE,
        };
        self.end(end).await
    }

    /// What happened since they came ends it, also when they may read again by now: they hear nothing of the meantime.
    async fn end_at(&mut self, barrier: &Barrier) -> Result<(), End> {
        self.end(if *barrier == Barrier::Closed { End::CLOSED } else { End::FORBIDDEN }).await
    }

    async fn end(&mut self, end: End) -> Result<(), End> {
        // Nobody waits in vain for the answer to the command that did it.
        let last = async {
            while !self.replies.idle() {
                self.replies.done().await;
            }
        };
        let _ = timeout(LAST_REPLIES, last).await;
        self.answer().await?;
        Err(end)
    }

    /// Whoever is still a member learns the new place; nobody else is told it.
    async fn epoch_ended(&mut self) -> Result<(), End> {
        match self.edge.rooms.room(self.room, self.who.actor.id).await {
            Ok(_) if self.following.told.is_none() => Err(End::EPOCH),
            Ok(now) => {
                self.edge.metrics.reset("epoch_changed");
                let reset = Told::Reset { reason: "epoch_changed", epoch: &now.epoch, seq: now.room.seq() };
                self.link.say(reset).await.and(Err(End::EPOCH))
            }
            Err(ReadError::NotAMember | ReadError::RoomNotFound) => Err(End::FORBIDDEN),
            Err(_) => Err(End::EPOCH),
        }
    }

    async fn beat(&mut self) -> Result<(), End> {
        if self.heard.elapsed() > PATIENCE.silence {
            return Err(End::SILENT);
        }
        if let Following { cursor, told: Some(_), .. } = &self.following {
            let (epoch, seq, now) = (&*cursor.epoch().name, cursor.head(), self.edge.clock.now());
            self.link.feed(Told::Heartbeat { epoch, seq, now }).await?;
        }
        self.link.ping().await
    }

    /// Until the next thing about the token has to be done.
    fn token_time(&self) -> Duration {
        let left = self.token_left() - if self.warned { 0 } else { WARNING };
        Duration::from_millis(u64::try_from(left).unwrap_or(0))
    }

    fn token_left(&self) -> i64 {
        self.who.expires.saturating_mul(1000).saturating_sub(self.edge.clock.now().0)
    }

    async fn mind_token(&mut self) -> Result<(), End> {
        if self.token_left() <= 0 {
            return Err(End::TOKEN);
        }
        if !self.warned {
            self.warned = true;
            self.link.say(Told::Expiring(self.who.expires)).await?;
        }
        Ok(())
    }

    /// The same person shows a token that is good for longer.
    pub(super) fn renew(&mut self, identity: Identity) {
        (self.warned, self.renewed) = (false, true);
        self.who = identity;
    }

    /// Readers come back at different times: the more there are, the more widely spread.
    async fn drain(&mut self) -> Result<Infallible, End> {
        let spread = (self.edge.sockets.open() as u64 / 2).max(2000);
        self.link.say(Told::Drain(self.edge.ids.entropy() % spread)).await?;
        Err(End::DRAINING)
    }
}

async fn asked_to_go(draining: &mut watch::Receiver<bool>) {
    let _ = draining.wait_for(|draining| *draining).await;
}
