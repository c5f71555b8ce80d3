//! The group commit: what arrives while a batch commits is the next batch. No timer, no linger.
//!
//! A second batch may follow while the first is under way, so that this process prepares one while PostgreSQL works on the
//! other; where other nodes are at it as well, they are the ones who keep PostgreSQL busy meanwhile, and one larger batch is better
//! than two. A room is in one of them at most: its lane waits for an append before it hands over the next.

mod batch;
mod encode;
mod flight;
mod session;
mod share;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use synctv_commands::{Append, Appended, LogError};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use self::encode::Encoded;
pub(crate) use self::encode::STREAM_TYPE;
pub(crate) use self::flight::Airspace;
use self::flight::{Flight, Landed};
use self::session::Session;
pub(crate) use self::session::TOPIC;
use self::share::Share;
use crate::vault::Vault;

/// Appends that wait for a batch; more wait in their lanes.
const QUEUE: usize = 4096;
/// Batches under way at once.
const FLIGHTS: usize = 2;
/// A second batch is worth its own commit from this size, and from half the size of the first.
const WORTHWHILE: usize = 12;
/// How long a batch gathers at most; otherwise as long as the last one took.
const GATHERING: Duration = Duration::from_millis(10);

pub(crate) struct Queued {
    encoded: Encoded,
    answer: oneshot::Sender<Result<Appended, LogError>>,
}

/// This node's way into the log.
pub(crate) struct Appender {
    queue: mpsc::Sender<Queued>,
    vault: Arc<Vault>,
    airspace: Arc<Airspace>,
}

impl Appender {
    pub(crate) fn start(options: PgConnectOptions, vault: Arc<Vault>, airspace: Airspace) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let airspace = Arc::new(airspace);
        let commit = GroupCommit {
            idle: (0..FLIGHTS).map(|_| Session::new(options.clone())).collect(),
            options,
            airspace: Arc::clone(&airspace),
            waiting,
            closed: false,
            next: VecDeque::new(),
            flights: JoinSet::new(),
            share: Share::default(),
            last: 0,
            gathers: Instant::now(),
        };
        tokio::spawn(commit.run());
        Self { queue, vault, airspace }
    }

    /// Whether a batch has been under way for longer than any should.
    pub(crate) fn is_stuck(&self) -> bool {
        self.airspace.is_stuck()
    }

    pub(crate) async fn append(&self, append: &Append) -> Result<Appended, LogError> {
        let encoded = Encoded::seal(&self.vault, append).await?;
        let (answer, answered) = oneshot::channel();
        let gone = || LogError::Unavailable("the appender stopped".to_owned());
        self.queue.send(Queued { encoded, answer }).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }
}

struct GroupCommit {
    options: PgConnectOptions,
    airspace: Arc<Airspace>,
    waiting: mpsc::Receiver<Queued>,
    /// Nobody can send any more.
    closed: bool,
    /// Collected for the next batch.
    next: VecDeque<Queued>,
    idle: Vec<Session>,
    flights: JoinSet<Landed>,
    /// Of the log's events.
    share: Share,
    /// Appends in the last batch.
    last: usize,
    /// Where others write too, a batch that is no larger than the last one gathers until then.
    gathers: Instant,
}

impl GroupCommit {
    async fn run(mut self) {
        loop {
            while let Ok(queued) = self.waiting.try_recv() {
                self.next.push_back(queued);
            }
            if self.airspace.is_lost() {
                // What has not been sent need not share the uncertainty of what was.
                let error = LogError::Unavailable("no connection to the database".to_owned());
                answer_all(self.next.drain(..).collect(), &error);
            }
            self.depart();
            if self.closed && self.next.is_empty() && self.flights.is_empty() {
                return;
            }
            tokio::select! {
                biased;
                Some(landed) = self.flights.join_next() => self.landed(landed.ok()),
                queued = self.waiting.recv(), if !self.closed => match queued {
                    Some(queued) => self.next.push_back(queued),
                    None => self.closed = true,
                },
                () = sleep_until(self.gathers), if self.flights.is_empty() && !self.next.is_empty() => {}
                () = self.airspace.changed.notified() => {}
            }
        }
    }

    /// None: it panicked, and has not given its session back.
    fn landed(&mut self, landed: Option<Landed>) {
        let Some(Landed { session, stored, took }) = landed else {
            return self.idle.push(Session::new(self.options.clone()));
        };
        self.idle.push(session);
        for (head, events) in stored {
            self.share.stored(head, events);
        }
        if self.share.is_small() {
            self.gathers = Instant::now() + took.min(GATHERING);
        }
    }

    /// Sends batches off, as many as may be under way.
    fn depart(&mut self) {
        while self.may_depart() {
            let Some(session) = self.idle.pop() else { return };
            let batch = self.gather();
            self.last = batch.len();
            let flight = Flight::new(session, Arc::clone(&self.airspace));
            self.flights.spawn(flight.fly(batch));
        }
    }

    fn may_depart(&self) -> bool {
        let (waiting, shared) = (self.next.len(), self.share.is_small());
        match (waiting, self.flights.is_empty()) {
            (0, _) => false,
            // A lone command goes at once, as after another lone one.
            (_, true) => !shared || waiting >= self.last + self.last / 4 || self.gathers <= Instant::now(),
            (_, false) => !shared && waiting >= WORTHWHILE.max(self.last / 2),
        }
    }

    /// Whatever waits, up to the caps.
    fn gather(&mut self) -> Vec<Queued> {
        let mut size = batch::Size::default();
        let mut batch = Vec::new();
        while let Some(queued) = self.next.pop_front() {
            if !size.admits(&queued.encoded) && !batch.is_empty() {
                self.next.push_front(queued);
                break;
            }
            batch.push(queued);
        }
        batch
    }
}

fn answer_all(batch: Vec<Queued>, error: &LogError) {
    for queued in batch {
        let _ = queued.answer.send(Err(error.clone()));
    }
}
