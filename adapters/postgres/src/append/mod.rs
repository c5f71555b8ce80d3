//! The group commit: what arrives while one batch commits is the next batch. No timer, no linger.

mod batch;
mod encode;
mod session;

use std::collections::VecDeque;
use std::sync::Arc;

use sqlx::postgres::PgConnectOptions;
use synctv_commands::{Append, Appended, LogError};
use tokio::sync::{mpsc, oneshot};

use self::batch::Batch;
use self::encode::Encoded;
use self::session::Session;
use crate::incarnation::Incarnation;
use crate::sqlstate::Failure;
use crate::vault::Vault;

/// Appends that wait for the next batch; more wait in their lanes.
const QUEUE: usize = 4096;

pub(crate) struct Queued {
    pub(crate) encoded: Encoded,
    answer: oneshot::Sender<Result<Appended, LogError>>,
}

/// This node's way into the log.
pub(crate) struct Appender {
    queue: mpsc::Sender<Queued>,
    vault: Arc<Vault>,
}

impl Appender {
    pub(crate) fn start(
        options: PgConnectOptions,
        vault: Arc<Vault>,
        incarnation: Arc<Incarnation>,
        pool: sqlx::PgPool,
    ) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let commit = GroupCommit { session: Session::new(options), incarnation, pool, waiting, next: VecDeque::new() };
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
    session: Session,
    incarnation: Arc<Incarnation>,
    pool: sqlx::PgPool,
    waiting: mpsc::Receiver<Queued>,
    /// Taken from the queue, and too much for the last batch.
    next: VecDeque<Queued>,
}

impl GroupCommit {
    async fn run(mut self) {
        while let Some(batch) = self.gather().await {
            self.commit(batch).await;
        }
    }

    /// Whatever waits, up to the caps; waits only when nothing does.
    async fn gather(&mut self) -> Option<Vec<Queued>> {
        let first = match self.next.pop_front() {
            Some(queued) => queued,
            None => self.waiting.recv().await?,
        };
        let mut size = batch::Size::of(&first.encoded);
        let mut batch = vec![first];
        while let Some(queued) = self.next.pop_front().or_else(|| self.waiting.try_recv().ok()) {
            if !size.admits(&queued.encoded) {
                self.next.push_front(queued);
                break;
            }
            batch.push(queued);
        }
        Some(batch)
    }

    async fn commit(&mut self, batch: Vec<Queued>) {
        // What was folded from another incarnation is decided again by its lane.
        let current = self.incarnation.epoch();
        let (batch, foreign): (Vec<_>, Vec<_>) = batch.into_iter().partition(|queued| queued.encoded.epoch == current);
        answer_all(foreign, &LogError::EpochChanged);
        if self.incarnation.is_rewound() {
            return answer_all(batch, &LogError::Rewound);
        }
        if batch.is_empty() {
            return;
        }
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
    async fn store(&mut self, batch: &[Queued]) -> Result<Vec<Appended>, Failure> {
        let (epoch, position, hash) = self.incarnation.claim();
        let rows = Batch::new(batch.iter().map(|queued| &queued.encoded), epoch, position, hash);
        let mut sent = false;
        loop {
            match self.session.append(&rows).await {
                Ok(stored) => {
                    self.incarnation.advance(&rows.epoch, stored.head, stored.hash);
                    return Ok(stored.appended);
                }
                Err(Failure::Unsent(reason)) if !sent => return Err(Failure::Refused(reason)),
                Err(Failure::Unknown(reason) | Failure::Unsent(reason)) => {
                    sent = true;
                    // The lost statement may still wait for the lock and commit later. The same batch under the same ids
                    // finds out: what was stored comes back as known.
                    tracing::warn!(reason, appends = batch.len(), "append.connection_lost");
                    self.reconnect().await;
                }
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Until there is a connection; what arrives meanwhile is refused at once.
    async fn reconnect(&mut self) {
        let mut attempt = 0;
        loop {
            match self.session.connect().await {
                Ok(()) => return,
                Err(error) if attempt % 10 == 0 => tracing::warn!(%error, attempt, "append.unconnected"),
                Err(error) => tracing::debug!(%error, attempt, "append.unconnected"),
            }
            let pause = tokio::time::sleep(session::backoff(attempt));
            attempt += 1;
            tokio::pin!(pause);
            loop {
                tokio::select! {
                    () = &mut pause => break,
                    Some(queued) = self.waiting.recv() => {
                        answer_all(vec![queued], &LogError::Unavailable("no connection to the database".to_owned()));
                    }
                    else => break,
                }
            }
        }
    }

    async fn settle(&self, batch: Vec<Queued>, result: Result<Vec<Appended>, Failure>) {
        let error = match result {
            Ok(appended) => {
                for (queued, appended) in batch.into_iter().zip(appended) {
                    let _ = queued.answer.send(Ok(appended));
                }
                return;
            }
            Err(Failure::Rewound) => match self.incarnation.refresh(&self.pool).await {
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

fn answer_all(batch: Vec<Queued>, error: &LogError) {
    for queued in batch {
        let _ = queued.answer.send(Err(error.clone()));
    }
}
