//! The time from getting a webhook's lease to its end.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{Claim, LogError, Target};
use synctv_domain::Position;
use tokio::task::JoinSet;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, sleep_until};

use crate::backlog::{Backlog, KEPT};
use crate::breaker::{AT_ONCE, Breaker, Change};
use crate::dispatcher::{Dispatcher, RENEW};
use crate::flight::{Flight, Landed, Outcome, RECOVER};

/// Rows read at once.
const PAGE: usize = 500;
/// Rows that are due, in streams of their own: as long as there are so many, no more are read.
const ENOUGH: usize = 4 * AT_ONCE;
/// From one look at the outbox to the next, while there is little in it.
const PACE: Duration = Duration::from_millis(20);
/// How long after it was asked for a lease is relied on; it holds for a second longer.
const GOOD: Duration = Duration::from_secs(4);
/// How long nothing may happen.
const IDLE: Duration = Duration::from_secs(60);

/// Why it ended.
pub(crate) enum End {
    /// Another node has the lease, or may have it.
    Lost,
    /// The receiver wants nothing any more.
    Paused,
    /// This node stops.
    Drained,
}

pub(crate) struct Shift<'a> {
    dispatcher: &'a mut Dispatcher,
    claim: Claim,
    target: Arc<Target>,
    backlog: Backlog,
    breaker: Breaker,
    flights: JoinSet<Landed>,
    /// Everything up to here was read.
    read: Position,
    /// Nothing followed it.
    whole: bool,
    /// Not to be read before.
    read_at: Instant,
    /// Relied on until then.
    good: Instant,
    /// The backlog is to be made anew once nothing is under way.
    stale: bool,
    renewal: Interval,
}

impl<'a> Shift<'a> {
    pub(crate) fn new(dispatcher: &'a mut Dispatcher, claim: Claim, asked: Instant) -> Self {
        let now = Instant::now();
        let mut renewal = interval(RENEW);
        renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let target = Arc::new(dispatcher.target.borrow_and_update().clone());
        Self {
            dispatcher,
            claim,
            target,
            backlog: Backlog::default(),
            breaker: Breaker::new(now),
            flights: JoinSet::new(),
            read: Position(0),
            whole: false,
            read_at: now,
            good: asked + GOOD,
            stale: false,
            renewal,
        }
    }

    /// What is under way when the lease is lost is given up: its connections are closed, and nothing is written about it.
    pub(crate) async fn work(mut self) -> End {
        loop {
            if self.flights.is_empty() {
                if *self.dispatcher.outside.draining.borrow() {
                    return End::Drained;
                }
                self.renew_backlog();
            }
            self.fill().await;
            self.launch();
            if let Some(end) = self.step().await {
                return end;
            }
        }
    }

    /// Waits for one thing to happen.
    async fn step(&mut self) -> Option<End> {
        let wake = self.wake();
        let outside = self.dispatcher.outside.clone();
        tokio::select! {
            Some(landed) = self.flights.join_next(), if !self.flights.is_empty() => match landed {
                Ok(landed) => return self.land(landed),
                // A delivery that panics is not to be waited for: the lease is taken anew, and everything with it.
                Err(_) => return Some(End::Lost),
            },
            _ = self.renewal.tick() => return self.renew().await,
            Ok(()) = self.dispatcher.target.changed() => self.stale = true,
            () = outside.deliveries.beyond(self.read), if self.whole => self.whole = false,
            Ok(()) = self.dispatcher.outside.draining.changed(), if !self.closing() => {}
            () = sleep_until(wake) => {}
        }
        None
    }

    fn closing(&self) -> bool {
        self.stale || *self.dispatcher.outside.draining.borrow()
    }

    fn renew_backlog(&mut self) {
        if std::mem::take(&mut self.stale) {
            self.target = Arc::new(self.dispatcher.target.borrow_and_update().clone());
            self.breaker = Breaker::new(Instant::now());
            (self.backlog, self.read, self.whole) = (Backlog::default(), Position(0), false);
        }
    }

    /// Reads what there is room for.
    async fn fill(&mut self) {
        let now = Instant::now();
        if self.closing() || now < self.read_at {
            return;
        }
        let filled = match self.backlog.thin().cloned() {
            Some((stream, after)) => self.refill(&stream, after).await,
            None if !self.whole && self.backlog.due(now, ENOUGH) < ENOUGH => self.read_on().await,
            None => return,
        };
        if let Err(error) = filled {
            tracing::debug!(webhook = %self.target.id, %error, "webhook.unread");
            self.read_at = now + RECOVER;
        }
    }

    async fn refill(&mut self, stream: &str, after: synctv_domain::Seq) -> Result<(), LogError> {
        let deliveries = &self.dispatcher.outside.deliveries;
        let rows = deliveries.waiting_in(self.target.id, stream, after, self.read, KEPT).await?;
        self.backlog.refill(&rows, Instant::now());
        Ok(())
    }

    async fn read_on(&mut self) -> Result<(), LogError> {
        let page = self.dispatcher.outside.deliveries.waiting(self.target.id, self.read, PAGE).await?;
        let now = Instant::now();
        (self.read, self.whole) = (page.reached, page.whole);
        self.backlog.add(page.rows, now);
        if self.whole {
            self.read_at = now + PACE;
        }
        Ok(())
    }

    fn launch(&mut self) {
        let now = Instant::now();
        while !self.closing() && now < self.good && self.breaker.admits(self.flights.len(), now) {
            let Some(head) = self.backlog.next(now) else { return };
            let outside = self.dispatcher.outside.clone();
            let flight =
                Flight { outside, target: Arc::clone(&self.target), claim: self.claim, head, until: self.good };
            self.flights.spawn(flight.fly());
        }
    }

    fn land(&mut self, Landed { head, outcome }: Landed) -> Option<End> {
        let (now, webhook, counted) = (Instant::now(), self.target.id, &self.dispatcher.counted);
        let (change, hold) = match outcome {
            Outcome::Delivered(delay) => {
                counted.delivered(delay);
                self.backlog.done(&head.stream);
                (self.breaker.succeeded(), None)
            }
            Outcome::Failed { attempts, wait, hold } => {
                counted.failed();
                self.backlog.again(&head.stream, attempts, now + wait);
                (self.breaker.failed(now), hold)
            }
            Outcome::Dead { attempts, error, hold } => {
                counted.failed();
                counted.dead();
                tracing::warn!(%webhook, position = head.position.0, attempts, error, "webhook.dead_letter");
                self.backlog.done(&head.stream);
                (self.breaker.failed(now), hold)
            }
            Outcome::Unsent => {
                self.backlog.again(&head.stream, head.attempts, now);
                (Change::None, None)
            }
            Outcome::Gone => {
                tracing::warn!(%webhook, "webhook.paused: the receiver answered 410 Gone; `synctv webhook resume {webhook}`");
                return Some(End::Paused);
            }
            Outcome::Lost => return Some(End::Lost),
        };
        if let Some(hold) = hold {
            self.breaker.hold(now + hold);
        }
        match change {
            Change::Opened => tracing::warn!(%webhook, "webhook.failing: see `synctv outbox status`"),
            Change::Closed => tracing::info!(%webhook, "webhook.recovered"),
            Change::None => {}
        }
        None
    }

    async fn renew(&mut self) -> Option<End> {
        let asked = Instant::now();
        match self.dispatcher.outside.deliveries.claim(self.target.id).await {
            Ok(Some(claim)) if claim == self.claim => self.good = asked + GOOD,
            // A new epoch has other positions.
            Ok(_) => return Some(End::Lost),
            Err(error) => {
                tracing::debug!(webhook = %self.target.id, %error, "webhook.unrenewed");
                return (Instant::now() >= self.good).then_some(End::Lost);
            }
        }
        None
    }

    /// When to look again, if nothing happens.
    fn wake(&self) -> Instant {
        let now = Instant::now();
        if self.closing() {
            return now + IDLE;
        }
        let wants_rows = self.backlog.thin().is_some() || (!self.whole && self.backlog.due(now, ENOUGH) < ENOUGH);
        let read = wants_rows.then_some(self.read_at);
        // What is due and cannot be sent waits for an answer, or for the end of a pause.
        let due = self.backlog.next_at().map(|due| due.max(self.breaker.until())).filter(|due| *due > now);
        read.into_iter().chain(due).min().unwrap_or(now + IDLE)
    }
}
