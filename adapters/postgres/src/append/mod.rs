//! The group commit: what arrives while a batch commits is the next batch. No timer, no linger.
//!
//! A second batch may follow while the first is under way, so that this process prepares one while PostgreSQL works on the
//! other. A room is in one of them at most: its lane waits for an append before it hands over the next.

mod batch;
mod encode;
mod flight;
mod session;

use std::collections::VecDeque;
use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use synctv_commands::{Append, Appended, LogError};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use self::encode::Encoded;
pub(crate) use self::encode::STREAM_TYPE;
pub(crate) use self::flight::Airspace;
use self::flight::Flight;
use self::session::Session;
pub(crate) use self::session::TOPIC;
use crate::vault::Vault;

/// Appends that wait for a batch; more wait in their lanes.
const QUEUE: usize = 4096;
/// Batches under way at once.
const FLIGHTS: usize = 2;
/// A second batch is worth its own commit from this size, and from half the size of the first.
const WORTHWHILE: usize = 12;

pub(crate) struct Queued {
    encoded: Encoded,
    answer: oneshot::Sender<Result<Appended, LogError>>,
}

/// This node's way into the log.
pub(crate) struct Appender {
    queue: mpsc::Sender<Queued>,
    vault: Arc<Vault>,
}

impl Appender {
    pub(crate) fn start(options: PgConnectOptions, vault: Arc<Vault>, airspace: Airspace) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let commit = GroupCommit {
            idle: (0..FLIGHTS).map(|_| Session::new(options.clone())).collect(),
            options,
            airspace: Arc::new(airspace),
            waiting,
            closed: false,
            next: VecDeque::new(),
            flights: JoinSet::new(),
            enough: WORTHWHILE,
        };
        tokio::spawn(commit.run());
        Self { queue, vault }
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
    flights: JoinSet<Session>,
    /// Appends that a batch needs while another is under way.
    enough: usize,
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
            if self.closed && self.flights.is_empty() {
                return;
            }
            tokio::select! {
                biased;
                Some(landed) = self.flights.join_next() => {
                    // A flight that panicked has not given its session back.
                    self.idle.push(landed.unwrap_or_else(|_| Session::new(self.options.clone())));
                }
                queued = self.waiting.recv(), if !self.closed => match queued {
                    Some(queued) => self.next.push_back(queued),
                    None => self.closed = true,
                },
                () = self.airspace.changed.notified() => {}
            }
        }
    }

    /// Sends batches off, as many as may be under way.
    fn depart(&mut self) {
        while !self.next.is_empty() && (self.flights.is_empty() || self.next.len() >= self.enough) {
            let Some(session) = self.idle.pop() else { return };
            let batch = self.gather();
            self.enough = WORTHWHILE.max(batch.len() / 2);
            let flight = Flight { session, airspace: Arc::clone(&self.airspace) };
            self.flights.spawn(flight.fly(batch));
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
