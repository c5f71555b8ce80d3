//! One connection of a member to a room.

use std::convert::Infallible;
use std::net::IpAddr;
use std::pin::pin;
use std::time::Duration;

use futures::StreamExt;
use synctv_commands::{Attendance, Barrier, Delivery, Frames, ReadError, Subscription};
use synctv_domain::{RoomId, Seq};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use super::flow::{Beyond, Flow};
use super::link::{self, End, Heard, Link};
use super::replies::Replies;
use super::upgrade::Socket;
use super::{PATIENCE, wire};
use crate::crowd::Seat;
use crate::limits::MESSAGES;
use crate::meter::Limited;
use crate::sockets::Place;
use crate::sse::{JUDGE, is_replay};
use crate::state::Http;
use crate::tokens::Identity;

/// A token is renewed in time when this is told before it expires, ms.
const WARNING: i64 = 60_000;
/// Between two attempts to read the log.
const AGAIN: Duration = Duration::from_millis(250);
/// For commands under way when a connection ends.
const LAST_REPLIES: Duration = Duration::from_secs(1);

pub(super) struct Connection {
    pub(super) http: Http,
    pub(super) room: RoomId,
    pub(super) who: Identity,
    /// Where they are connected from.
    pub(super) address: Option<IpAddr>,
    pub(super) link: Link,
    pub(super) following: Following,
    pub(super) attendance: Box<dyn Attendance>,
    pub(super) replies: Replies,
    /// When somebody was last said to type.
    pub(super) typed: Option<Instant>,
    flow: Option<Flow>,
    heard: Instant,
    warned: bool,
    /// Since the token's next time was looked at.
    renewed: bool,
}

/// A place in the room. Who has not subscribed has one as well: whether they may stay is told by events.
pub(super) struct Following {
    pub(super) cursor: Box<dyn Subscription>,
    /// The room's head when it was known that they may read from there on.
    pub(super) opened: Seq,
    /// How far it was delivered; None: nothing is.
    pub(super) told: Option<Seq>,
    /// When it was last known that they may read.
    pub(super) judged: Instant,
}

impl Connection {
    pub(super) fn new(
        http: Http,
        room: RoomId,
        (who, address): (Identity, Option<IpAddr>),
        (cursor, opened): (Box<dyn Subscription>, Seq),
        socket: Socket,
    ) -> Self {
        Self {
            attendance: http.presence.attend(room, who.actor.id),
            link: Link::new(socket),
            following: Following { cursor, opened, told: None, judged: Instant::now() },
            replies: Replies::default(),
            typed: None,
            flow: http.edge.limited.then(Flow::default),
            heard: Instant::now(),
            warned: false,
            renewed: false,
            http,
            room,
            who,
            address,
        }
    }

    /// Until one side ends it.
    pub(super) async fn run(mut self, place: (Place, Seat)) {
        let open = self.http.metrics.socket.open();
        let Err(end) = self.serve().await;
        drop(open);
        let Self { http, link, attendance, following, replies, .. } = self;
        // Neither others nor the room wait for the last words.
        drop((attendance, following, replies));
        if let End::Close(code, reason) = end {
            tracing::debug!(code, reason, "socket.closed");
            http.metrics.closed(code);
            link.close(code, reason).await;
        }
        drop(place);
    }

    async fn serve(&mut self) -> Result<Infallible, End> {
        let mut beat = interval(PATIENCE.beat);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        beat.reset();
        // Kept from turn to turn: to wait anew for what all connections wait for is what turns would mostly be spent on.
        let mut draining = self.http.draining.clone();
        let mut going = pin!(asked_to_go(&mut draining));
        let mut others = self.attendance.news();
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
                    if let Heard::Text(text) = heard {
                        // Large, and seldom: not part of what every idle connection takes.
                        Box::pin(self.obey(&text, limited)).await?;
                    }
                }
                () = self.replies.done() => self.answer().await?,
                delivery = next(&mut self.following) => self.deliver(delivery).await?,
                Some(news) = others.next() => {
                    for ephemeral in news {
                        self.link.feed(wire::ephemeral(&ephemeral)).await?;
                    }
                    self.link.flush().await?;
                }
            }
        }
    }

    /// Whether a message is one too many, or the last straw.
    fn flow(&mut self, heard: &Heard) -> Result<Option<Limited>, End> {
        let Some(Err(beyond)) = self.flow.as_mut().map(|flow| flow.hear(self.heard)) else { return Ok(None) };
        self.http.metrics.limited(MESSAGES);
        match (beyond, heard) {
            (Beyond::Flood, _) => Err(link::FLOOD),
            (Beyond::Wait(_), Heard::Alive) => Ok(None),
            (Beyond::Wait(wait), Heard::Text(_)) => Ok(Some(Limited { limit: MESSAGES, wait })),
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
            self.link.pass_on(piece.socket()).await?;
            *told = piece.last();
            self.http.metrics.socket.delivered(piece.count());
        }
        Ok(())
    }

    /// Sends answers whose events went before them.
    pub(super) async fn answer(&mut self) -> Result<(), End> {
        let due = self.replies.due(self.following.told);
        if due.is_empty() {
            return Ok(());
        }
        for text in due {
            self.link.feed(text).await?;
        }
        self.link.flush().await
    }

    /// Whether they may read on: at a barrier, and now and then in a long replay. An old event of leaving or closing does
    /// not stop somebody who may read today. When that cannot be told, it does.
    async fn judge(&mut self, barrier: Option<&Barrier>) -> Result<(), End> {
        let end = match self.http.rooms.room(self.room, self.who.actor.id).await {
            Ok(now) if barrier == Some(&Barrier::Closed) && now.room.is_closed() => link::CLOSED,
            Ok(_) => {
                self.following.judged = Instant::now();
                return Ok(());
            }
            Err(ReadError::NotAMember | ReadError::RoomNotFound) => link::FORBIDDEN,
            Err(_) => link::UNAVAILABLE,
        };
        self.end(end).await
    }

    /// What happened since they came ends it, also when they may read again by now: they hear nothing of the meantime.
    async fn end_at(&mut self, barrier: &Barrier) -> Result<(), End> {
        self.end(if *barrier == Barrier::Closed { link::CLOSED } else { link::FORBIDDEN }).await
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
        match self.http.rooms.room(self.room, self.who.actor.id).await {
            Ok(_) if self.following.told.is_none() => Err(link::EPOCH),
            Ok(now) => {
                self.http.metrics.reset("epoch_changed");
                self.link.say(wire::reset("epoch_changed", &now.epoch, now.room.seq())).await.and(Err(link::EPOCH))
            }
            Err(ReadError::NotAMember | ReadError::RoomNotFound) => Err(link::FORBIDDEN),
            Err(_) => Err(link::EPOCH),
        }
    }

    async fn beat(&mut self) -> Result<(), End> {
        if self.heard.elapsed() > PATIENCE.silence {
            return Err(link::SILENT);
        }
        if let Following { cursor, told: Some(_), .. } = &self.following {
            let beat = wire::heartbeat(&cursor.epoch().name, cursor.head(), self.http.clock.now());
            self.link.feed(beat).await?;
        }
        self.link.ping().await
    }

    /// Until the next thing about the token has to be done.
    fn token_time(&self) -> Duration {
        let left = self.token_left() - if self.warned { 0 } else { WARNING };
        Duration::from_millis(u64::try_from(left).unwrap_or(0))
    }

    fn token_left(&self) -> i64 {
        self.who.expires.saturating_mul(1000).saturating_sub(self.http.clock.now().0)
    }

    async fn mind_token(&mut self) -> Result<(), End> {
        if self.token_left() <= 0 {
            return Err(link::TOKEN);
        }
        if !self.warned {
            self.warned = true;
            self.link.say(wire::expiring(self.who.expires)).await?;
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
        let spread = (self.http.sockets.open() as u64 / 2).max(2000);
        self.link.say(wire::drain(self.http.ids.entropy() % spread)).await?;
        Err(link::DRAINING)
    }
}

async fn asked_to_go(draining: &mut watch::Receiver<bool>) {
    let _ = draining.wait_for(|draining| *draining).await;
}

/// What comes next. The log is asked again when it cannot be read.
async fn next(following: &mut Following) -> Delivery {
    loop {
        match following.cursor.next().await {
            Ok(delivery) => return delivery,
            Err(error) => {
                tracing::debug!(%error, "socket.unread");
                sleep(AGAIN).await;
            }
        }
    }
}
