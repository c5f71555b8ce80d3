//! A batch on its way: sent until the database says what became of it, then answered.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use synctv_commands::{Appended, Batch, Carrier, LogError};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::batch::Batch as Rows;
use super::session::{Session, Stored, backoff};
use super::{Queued, answer_all};
use crate::connect::pool::PgPool;
use crate::incarnation::Incarnation;
use crate::metrics::Metrics;
use crate::sqlstate::Failure;

/// Who appends now may not hear what became of it.
const STUCK: Duration = Duration::from_secs(3);

/// What all flights know.
pub(crate) struct Airspace {
    pub(super) incarnation: Arc<Incarnation>,
    pub(super) pool: PgPool,
    metrics: Arc<Metrics>,
    /// Takes what was stored to the other nodes.
    carrier: Option<Arc<dyn Carrier>>,
    /// Flights whose connection is lost.
    lost: AtomicUsize,
    /// Since when batches are under way.
    under_way: Mutex<Vec<Instant>>,
    pub(super) changed: Notify,
}

impl Airspace {
    pub(crate) fn new(
        incarnation: Arc<Incarnation>,
        pool: PgPool,
        metrics: Arc<Metrics>,
        carrier: Option<Arc<dyn Carrier>>,
    ) -> Self {
        Self {
            incarnation,
            pool,
            metrics,
            carrier,
            lost: AtomicUsize::new(0),
            under_way: Mutex::default(),
            changed: Notify::new(),
        }
    }

    /// Whether a batch has been under way for longer than any should.
    pub(crate) fn is_stuck(&self) -> bool {
        self.under_way().iter().any(|began| began.elapsed() > STUCK)
    }

    fn under_way(&self) -> MutexGuard<'_, Vec<Instant>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the fate of a batch is open for want of a connection.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed) > 0
    }
}

/// That a batch is under way, also if its flight panics.
struct UnderWay {
    began: Instant,
    airspace: Arc<Airspace>,
}

impl UnderWay {
    fn since(began: Instant, airspace: Arc<Airspace>) -> Self {
        airspace.under_way().push(began);
        Self { began, airspace }
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut under_way = self.airspace.under_way();
        let index = under_way.iter().position(|began| *began == self.began);
        index.map(|index| under_way.swap_remove(index));
    }
}

/// What comes back.
pub(super) struct Landed {
    pub(super) session: Session,
    /// Where the log stood after each statement, and how many events it had brought.
    pub(super) stored: Vec<(i64, i64)>,
    /// How long it was under way.
    pub(super) took: Duration,
}

pub(super) struct Flight {
    session: Session,
    airspace: Arc<Airspace>,
    stored: Vec<(i64, i64)>,
}

impl Flight {
    pub(super) fn new(session: Session, airspace: Arc<Airspace>) -> Self {
        Self { session, airspace, stored: Vec::new() }
    }

    /// Stores and answers a batch; gives the session back.
    pub(super) async fn fly(mut self, batch: Vec<Queued>) -> Landed {
        let began = Instant::now();
        // What was folded from another incarnation is decided again by its lane.
        let current = self.airspace.incarnation.epoch();
        let (batch, foreign): (Vec<_>, Vec<_>) = batch.into_iter().partition(|queued| queued.encoded.epoch == current);
        answer_all(foreign, &LogError::EpochChanged);
        if self.airspace.incarnation.is_rewound() {
            answer_all(batch, &LogError::Rewound);
        } else if !batch.is_empty() {
            let _under_way = UnderWay::since(began, Arc::clone(&self.airspace));
            self.commit(batch).await;
        }
        Landed { session: self.session, stored: self.stored, took: began.elapsed() }
    }

    async fn commit(&mut self, batch: Vec<Queued>) {
        match self.store(&batch).await {
            Err(Failure::Content(_)) if batch.len() > 1 => {
                // Only the append that the database cannot take is refused.
                for queued in batch {
                    let result = self.store(std::slice::from_ref(&queued)).await;
                    self.settle(vec![queued], result).await;
                }
            }
            result => self.settle(batch, result).await,
        }
    }

    /// Sends a batch until the database says what became of it.
    async fn store(&mut self, batch: &[Queued]) -> Result<Stored, Failure> {
        let incarnation = Arc::clone(&self.airspace.incarnation);
        let (epoch, position, hash) = incarnation.claim();
        if batch.iter().any(|queued| queued.encoded.epoch != epoch) {
            // It changed since the batch was checked.
            return Err(Failure::Rewound);
        }
        let rows = Rows::new(batch.iter().map(|queued| &queued.encoded), epoch, position, hash);
        let (mut lost, began) = (0, Instant::now());
        loop {
            match self.session.append(&rows).await {
                Ok(stored) => {
                    self.airspace.metrics.appended(began.elapsed(), &rows.appends.events, &stored.appended);
                    incarnation.advance(&rows.epoch, stored.head, stored.hash.clone());
                    self.stored.push((stored.head, stored.head - stored.base));
                    return Ok(stored);
                }
                Err(Failure::Unsent(reason)) if lost == 0 => return Err(Failure::Refused(reason)),
                Err(Failure::Unknown(reason) | Failure::Unsent(reason)) => {
                    // The lost statement may still wait for the lock and commit later. The same batch under the same ids
                    // finds out: what was stored comes back as known.
                    tracing::warn!(reason, appends = batch.len(), "append.connection_lost");
                    self.reconnect(lost).await;
                    lost += 1;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Until there is a connection. The first attempt is made at once, unless connections were `lost` on this batch before:
    /// what ends every session must not be kept busy. Once an attempt has failed, nobody else need wait for this one.
    async fn reconnect(&mut self, lost: u32) {
        if lost > 0 {
            tokio::time::sleep(backoff(lost - 1)).await;
        }
        let Err(error) = self.session.connect().await else { return };
        tracing::warn!(%error, "append.unconnected");
        self.airspace.lost.fetch_add(1, Ordering::Relaxed);
        self.airspace.changed.notify_one();
        let mut attempt = lost;
        while let Err(error) = self.session.connect().await {
            tracing::debug!(%error, attempt, "append.unconnected");
            tokio::time::sleep(backoff(attempt)).await;
            attempt += 1;
        }
        self.airspace.lost.fetch_sub(1, Ordering::Relaxed);
    }

    /// Those who wait are answered before the other nodes hear of it.
    fn answer(&self, batch: Vec<Queued>, stored: &Stored) {
        let (mut carried, witness) = (Vec::new(), stored.seen());
        for (queued, appended) in batch.into_iter().zip(&stored.appended) {
            let _ = queued.answer.send(Ok(*appended));
            if let (Appended::Accepted { first, at }, Some(_)) = (appended, &self.airspace.carrier) {
                carried.extend(queued.encoded.carried(*first, *at, &witness));
            }
        }
        if let (Some(carrier), false) = (&self.airspace.carrier, carried.is_empty()) {
            carrier.carry(Batch { epoch: stored.epoch.clone(), events: carried });
        }
    }

    async fn settle(&self, batch: Vec<Queued>, result: Result<Stored, Failure>) {
        let error = match result {
            Ok(stored) => return self.answer(batch, &stored),

            Err(Failure::Rewound) => match self.airspace.incarnation.refresh(&self.airspace.pool).await {
                // Somebody declared the log restored: there is a new epoch to decide on.
                Ok(_) => LogError::EpochChanged,
                Err(error) => error,
            },
            Err(Failure::Content(reason)) => {
                tracing::error!(reason, "append.content_refused");
                LogError::Content(reason)
            }
            Err(Failure::Refused(reason) | Failure::Unknown(reason) | Failure::Unsent(reason)) => {
                tracing::error!(reason, appends = batch.len(), "append.refused");
                LogError::Unavailable(reason)
            }
        };
        answer_all(batch, &error);
    }
}
