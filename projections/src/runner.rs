//! Following the log, page by page.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use synctv_domain::Position;
use tokio::time::{Instant, sleep, sleep_until, timeout};

use crate::entry::{Entry, Poison};

/// Events read and applied at once.
const PAGE: usize = 500;
/// From one page to the next when there is little to do: events that come meanwhile share a transaction. All read models of a node
/// go on at the same time, so that they share a page.
const PACE: Duration = Duration::from_millis(25);
/// How often a lease is renewed, and asked for by those who do not have it.
const RENEW: Duration = Duration::from_secs(1);
/// How soon an event that could not be taken in is tried again: another program may know it.
const RETRY: Duration = Duration::from_secs(2);
/// How soon a database that failed is asked again.
const RECOVER: Duration = Duration::from_millis(200);

/// Why a projection did not move.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// The database did not answer, or refused.
    #[error("the database: {0}")]
    Database(String),
    /// The database refused what was to be written; on its own, the event is poison.
    #[error("the database refused a row: {0}")]
    Content(String),
    /// What is stored cannot be read.
    #[error("stored wrongly: {0}")]
    Corrupt(String),
}

/// The log in global order.
#[async_trait]
pub trait LogPages: Send + Sync {
    /// At most `limit` events after `after`.
    async fn page(&self, after: Position, limit: usize) -> Result<Arc<[Entry]>, ProjectionError>;
    /// Waits until this node knows of an event after `after`.
    async fn beyond(&self, after: Position);
}

/// Grows whenever some work changes hands: what its holder writes is refused from whoever had it before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token(pub i64);

/// Who does which work, among all nodes.
#[async_trait]
pub trait Leases: Send + Sync {
    /// Takes or keeps the lease of some work, for a few seconds. None: another node has it, or should have it.
    async fn hold(&self, work: &str) -> Result<Option<Token>, ProjectionError>;
    /// Lets others have the lease of some work.
    async fn give_back(&self, work: &str) -> Result<(), ProjectionError>;
}

/// How a page was taken in.
#[derive(Debug, PartialEq, Eq)]
pub enum Applied {
    /// Whole.
    All,
    /// Up to this event, and the checkpoint says so.
    Until(Poison),
    /// Not at all: another node is at work, or the checkpoint was elsewhere.
    Elsewhere,
}

/// A read model that can be moved forward.
#[async_trait]
pub trait Projector: Send + Sync {
    /// Names its checkpoint.
    fn name(&self) -> &'static str;
    /// Its checkpoint: the last position that is in it.
    async fn position(&self) -> Result<Position, ProjectionError>;
    /// Writes what events change, and moves the checkpoint from `from` to the last of them: both or neither. Only whoever has the
    /// work under this token can.
    async fn apply(&self, token: Token, from: Position, page: &[Entry]) -> Result<Applied, ProjectionError>;
    /// Says that it stands still at `from` because of an event; so can only they.
    async fn stop(&self, token: Token, from: Position, poison: &Poison) -> Result<(), ProjectionError>;
}

/// Keeps a read model up to date as long as this node has its lease; until dropped. An event that cannot be taken in stops it
/// where it is: nothing is skipped.
pub async fn run(log: Arc<dyn LogPages>, leases: Arc<dyn Leases>, projector: Arc<dyn Projector>) {
    let mut runner = Runner { log, leases, projector, held: None, at: None, failing: false, stopped: None };
    loop {
        let next = match runner.turn().await {
            Ok(next) => {
                runner.failing = false;
                next
            }
            Err(error) => {
                runner.failed(&error);
                Next::Pause(RECOVER)
            }
        };
        match next {
            Next::Pause(time) => sleep(time).await,
            // Bounded, so that the lease is kept meanwhile.
            Next::News(position) => drop(timeout(RENEW, runner.log.beyond(position)).await),
        }
    }
}

/// The next time at which read models go on.
fn beat() -> Instant {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let (first, now) = (*FIRST.get_or_init(Instant::now), Instant::now());
    let since = now.saturating_duration_since(first).as_millis() % PACE.as_millis();
    now + PACE - Duration::from_millis(u64::try_from(since).unwrap_or(0))
}

enum Next {
    Pause(Duration),
    /// Everything up to here is done.
    News(Position),
}

struct Runner {
    log: Arc<dyn LogPages>,
    leases: Arc<dyn Leases>,
    projector: Arc<dyn Projector>,
    /// Since when this node is known to have the lease, and under which token.
    held: Option<(Instant, Token)>,
    /// Where the projection stands, if this node moved it last.
    at: Option<Position>,
    failing: bool,
    /// What was told of.
    stopped: Option<Poison>,
}

impl Runner {
    async fn turn(&mut self) -> Result<Next, ProjectionError> {
        let Some(token) = self.hold().await? else { return Ok(Next::Pause(RENEW)) };
        let position = match self.at.take() {
            Some(position) => position,
            None => self.projector.position().await?,
        };
        let page = self.log.page(position, PAGE).await?;
        let Some(last) = page.last() else {
            self.at = Some(position);
            return Ok(Next::News(position));
        };
        match self.apply(token, position, &page).await? {
            Applied::All => {
                self.stopped = None;
                self.at = Some(last.position);
                Ok(if page.len() == PAGE {
                    Next::Pause(Duration::ZERO)
                } else {
                    sleep_until(beat()).await;
                    Next::News(last.position)
                })
            }
            Applied::Elsewhere => {
                self.held = None;
                Ok(Next::Pause(RECOVER))
            }
            Applied::Until(poison) => {
                if self.stopped.as_ref() != Some(&poison) {
                    tracing::error!(
                        projection = self.projector.name(),
                        position = poison.position.0,
                        reason = poison.reason,
                        "projection.stopped"
                    );
                    self.stopped = Some(poison);
                }
                // Another node may have a program that knows it.
                self.held = None;
                self.leases.give_back(&self.work()).await?;
                Ok(Next::Pause(RETRY))
            }
        }
    }

    fn work(&self) -> String {
        format!("projection/{}", self.projector.name())
    }

    async fn hold(&mut self) -> Result<Option<Token>, ProjectionError> {
        if let Some((_, token)) = self.held.filter(|(since, _)| since.elapsed() < RENEW) {
            return Ok(Some(token));
        }
        // With the lease the place is looked at anew: an older log may have been restored.
        (self.held, self.at) = (None, None);
        let asked = Instant::now();
        let token = self.leases.hold(&self.work()).await?;
        self.held = token.map(|token| (asked, token));
        Ok(token)
    }

    /// What the database refuses is narrowed down to the event that it comes from.
    async fn apply(&self, token: Token, from: Position, page: &[Entry]) -> Result<Applied, ProjectionError> {
        match self.projector.apply(token, from, page).await {
            Err(ProjectionError::Content(reason)) => match page {
                [entry] => {
                    let poison = entry.poison(&reason);
                    self.projector.stop(token, from, &poison).await?;
                    Ok(Applied::Until(poison))
                }
                _ => self.one_by_one(token, from, page).await,
            },
            other => other,
        }
    }

    async fn one_by_one(&self, token: Token, mut from: Position, page: &[Entry]) -> Result<Applied, ProjectionError> {
        for entry in page {
            let applied = Box::pin(self.apply(token, from, std::slice::from_ref(entry))).await?;
            if applied != Applied::All {
                return Ok(applied);
            }
            from = entry.position;
        }
        Ok(Applied::All)
    }

    /// Told once, not with every attempt.
    fn failed(&mut self, error: &ProjectionError) {
        if !self.failing {
            tracing::error!(projection = self.projector.name(), %error, "projection.failing");
            self.failing = true;
        }
        self.held = None;
    }
}
