//! Taking what is stored to the streams.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{Batch, Carrier, Epoch, LogError, Outbox};
use synctv_domain::Position;
use tokio::sync::{Mutex, mpsc};
use tokio::time::{Instant, interval, sleep, timeout_at};

use super::entry::Seal;
use super::metrics::Metrics;
use super::published::Published;
use super::streams::{self, StreamError, Streams};
use crate::connection::Connection;
use crate::redis::Redis;

/// Batches of this node that wait; more are left to the outbox.
const WAITING: usize = 1024;
/// How long a batch waits until what is before it was taken there by other nodes: entries are in order then, but need not be.
const PATIENCE: Duration = Duration::from_millis(5);
/// How often the outbox is looked after.
const TICK: Duration = Duration::from_millis(50);
/// Ticks for which nothing has come that all wait for, until the keeper adds what is missing.
const STALLED: u32 = 5;
/// How often the right to do so is renewed, and rows are removed.
const RENEW: Duration = Duration::from_secs(1);
/// Before another attempt after a failure.
const PAUSE: Duration = Duration::from_millis(200);
/// Events taken from the outbox at once.
const PAGE: usize = 2000;
/// What is missing beyond that is not added any more: every node has looked it up in the log by then.
const BACKLOG: i64 = 10_000;

/// Takes what this node stores to the streams at once, and what any node has left in the outbox while it has the right to.
///
/// A batch waits for a moment until all before it is known to be there. What a node does not bring in time the keeper of the outbox
/// adds in its place.
#[derive(Clone)]
pub struct Relay(Arc<Inner>);

struct Inner {
    redis: Redis,
    seal: Seal,
    /// How much of the past streams hold.
    window: Duration,
    metrics: Metrics,
    published: Published,
    hand_over: mpsc::Sender<(Instant, Batch)>,
    batches: Mutex<mpsc::Receiver<(Instant, Batch)>>,
}

impl Carrier for Relay {
    fn carry(&self, batch: Batch) {
        let events = batch.events.len() as u64;
        if self.0.hand_over.try_send((Instant::now(), batch)).is_err() {
            self.0.metrics.left.inc_by(events);
        }
    }
}

impl Relay {
    /// `secret` is the same on all nodes of the log. Works while [`Relay::run`] does.
    #[must_use]
    pub fn new(redis: Redis, secret: &[u8], window: Duration, metrics: Metrics) -> Self {
        let (hand_over, batches) = mpsc::channel(WAITING);
        let (seal, published, batches) = (Seal::new(secret), Published::default(), Mutex::new(batches));
        Self(Arc::new(Inner { redis, seal, window, metrics, published, hand_over, batches }))
    }

    pub(super) fn redis(&self) -> &Redis {
        &self.0.redis
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.0.metrics
    }

    pub(super) fn keys(&self, epoch: &Epoch, n: u32) -> Vec<String> {
        streams::keys(&self.0.redis.prefix, epoch, n)
    }

    pub(super) fn streams<'a>(&'a self, outbox: &'a dyn Outbox, connection: Connection) -> Streams<'a> {
        let inner = &*self.0;
        Streams::new(&inner.redis.prefix, connection, outbox, (&inner.seal, &inner.metrics), inner.window)
    }

    /// An event was seen in its stream.
    pub(super) fn seen(&self, epoch: &Epoch, position: Position) {
        self.0.published.add(epoch, position, position);
    }

    /// Until dropped.
    pub async fn run(&self, outbox: Arc<dyn Outbox>) {
        let (mut batches, mut told) = (self.0.batches.lock().await, false);
        loop {
            let (number, connection) = self.connected(&mut batches).await;
            let error = self.work(&*outbox, connection, &mut batches).await;
            self.0.metrics.holds.set(0);
            match &error {
                StreamError::Log(LogError::EpochChanged) => {}
                StreamError::Log(error) => tracing::debug!(%error, "relay.paused"),
                StreamError::Redis(error) => self.0.redis.link.failed(number, error),
                StreamError::Refused(_) => {}
                error => self.0.redis.link.lose(number, &error.to_string()),
            }
            if let StreamError::Refused(reason) = &error
                && !std::mem::replace(&mut told, true)
            {
                tracing::warn!(reason, "relay.refused: other nodes look at the log until Redis takes events again");
            }
            // Whoever can reach Redis may have it.
            let _ = outbox.give_back().await;
            sleep(PAUSE).await;
        }
    }

    /// What is stored meanwhile stays in the outbox.
    async fn connected(&self, batches: &mut mpsc::Receiver<(Instant, Batch)>) -> (u64, Connection) {
        loop {
            tokio::select! {
                connection = self.0.redis.link.connected() => return connection,
                Some((_, batch)) = batches.recv() => self.0.metrics.left.inc_by(batch.events.len() as u64),
            }
        }
    }

    /// Over one connection and in one incarnation, until something fails. What the keeper waits for, a database above all, holds
    /// no event up.
    async fn work(
        &self,
        outbox: &dyn Outbox,
        connection: Connection,
        batches: &mut mpsc::Receiver<(Instant, Batch)>,
    ) -> StreamError {
        let streams = self.streams(outbox, connection);
        // Older events are the affair of whoever has the outbox.
        match outbox.head().await {
            Ok(head) => self.0.published.begin(&streams.epoch, head),
            Err(error) => return error.into(),
        }
        let ended = tokio::select! {
            ended = self.publish(outbox, &streams, batches) => ended,
            ended = Keeper::new(&self.0, outbox, &streams).keep() => ended,
        };
        ended.err().unwrap_or(StreamError::Log(LogError::EpochChanged))
    }

    /// Adds what this node stores. Ends with the incarnation.
    async fn publish(
        &self,
        outbox: &dyn Outbox,
        streams: &Streams<'_>,
        batches: &mut mpsc::Receiver<(Instant, Batch)>,
    ) -> Result<(), StreamError> {
        let (published, metrics) = (&self.0.published, &self.0.metrics);
        while let Some((at, Batch { epoch, mut events })) = batches.recv().await {
            if outbox.epoch() != streams.epoch {
                break;
            }
            let (Some(first), Some(last)) = (events.first(), events.last()) else { continue };
            let (first, last) = (first.position, last.position);
            if epoch != streams.epoch {
                continue;
            }
            let _ = timeout_at(at + PATIENCE, published.reaches(Position(first.0 - 1))).await;
            // The keeper may have been faster; if it is at it just now, readers drop one of the two.
            events.retain(|event| !published.holds(event.position));
            streams.add(&events).await?;
            published.add(&streams.epoch, first, last);
            metrics.published.inc_by(events.len() as u64);
            if streams.are_elsewhere(&self.0.redis.link) {
                return Err(StreamError::Elsewhere);
            }
        }
        Ok(())
    }
}

/// What works the outbox off.
struct Keeper<'a> {
    inner: &'a Inner,
    outbox: &'a dyn Outbox,
    streams: &'a Streams<'a>,
    /// Has the right to do so.
    holds: bool,
    asked: Option<Instant>,
    /// Where the log stood at the last tick, and how far everything was there.
    due: Position,
    upto: Position,
    /// For so many ticks nothing has come that is due.
    stalled: u32,
    /// Rows up to here were removed.
    removed: Position,
}

impl<'a> Keeper<'a> {
    fn new(inner: &'a Inner, outbox: &'a dyn Outbox, streams: &'a Streams<'a>) -> Self {
        let nothing = Position(0);
        let (due, upto, removed) = (nothing, nothing, nothing);
        Self { inner, outbox, streams, holds: false, asked: None, due, upto, stalled: 0, removed }
    }

    /// Until something fails, or another incarnation begins.
    async fn keep(mut self) -> Result<(), StreamError> {
        let mut tick = interval(TICK);
        while self.outbox.epoch() == self.streams.epoch {
            tick.tick().await;
            if self.streams.are_elsewhere(&self.inner.redis.link) {
                return Err(StreamError::Elsewhere);
            }
            self.look_after().await?;
        }
        Ok(())
    }

    /// Adds what is missing, and removes rows of what is there.
    async fn look_after(&mut self) -> Result<(), StreamError> {
        let renew = self.asked.is_none_or(|asked| asked.elapsed() >= RENEW);
        if renew {
            self.renew().await?;
            self.settle_old();
        }
        if self.holds {
            let due = std::mem::replace(&mut self.due, self.outbox.known());
            let upto = self.inner.published.upto();
            let waits = std::mem::replace(&mut self.upto, upto) == upto && upto < due;
            self.stalled = if waits { self.stalled + 1 } else { 0 };
            if self.stalled >= STALLED {
                self.fill(due).await?;
                self.stalled = 0;
            }
            if renew {
                let upto = self.inner.published.upto();
                self.outbox.remove(self.removed, upto).await?;
                self.removed = upto;
            }
        }
        Ok(())
    }

    async fn renew(&mut self) -> Result<(), StreamError> {
        let held = std::mem::replace(&mut self.holds, self.outbox.hold().await?);
        self.asked = Some(Instant::now());
        self.inner.metrics.holds.set(self.holds.into());
        if self.holds {
            let oldest = self.oldest().await?;
            if !held {
                self.begin(oldest).await?;
            }
            self.streams.trim(oldest).await?;
        }
        Ok(())
    }

    /// Whoever may have to work the outbox off one day remembers no more than it would do then.
    fn settle_old(&self) {
        let (published, old) = (&self.inner.published, Position(self.outbox.known().0 - BACKLOG));
        let skipped = u64::try_from(old.0 - published.upto().0).unwrap_or(0);
        if self.holds {
            self.inner.metrics.skipped.inc_by(skipped);
        }
        if skipped > 0 {
            published.settle(&self.streams.epoch, old);
        }
    }

    async fn oldest(&self) -> Result<Position, LogError> {
        self.outbox.head_before(u32::try_from(self.inner.window.as_secs()).unwrap_or(u32::MAX)).await
    }

    /// The first row tells how far others have come; nobody needs what streams do not keep.
    async fn begin(&mut self, oldest: Position) -> Result<(), StreamError> {
        let head = self.outbox.head().await?;
        let first = self.outbox.first().await?.unwrap_or(Position(head.0 + 1));
        self.removed = Position(first.0 - 1);
        self.inner.published.settle(&self.streams.epoch, Position(self.removed.0.max(oldest.0).min(head.0)));
        self.due = head;
        Ok(())
    }

    /// Adds from the log what is missing up to `due`.
    async fn fill(&mut self, due: Position) -> Result<(), StreamError> {
        let (published, epoch) = (&self.inner.published, &self.streams.epoch);
        while published.upto() < due {
            let upto = published.upto();
            let mut page = self.outbox.read(upto, due, PAGE).await?;
            let Some(last) = page.last().map(|last| last.position) else { return Ok(()) };
            page.retain(|event| !published.holds(event.position));
            self.streams.add(&page).await?;
            published.add(epoch, Position(upto.0 + 1), last);
            self.inner.metrics.caught_up.inc_by(page.len() as u64);
        }
        Ok(())
    }
}
