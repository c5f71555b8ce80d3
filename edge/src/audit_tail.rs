//! The log as it grows.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{LogEntry, LogError, LogHead, LogQuery};
use synctv_domain::Position;
use tokio::time::{Instant, sleep};

use crate::crowd::Seat;
use crate::edge::Edge;
use crate::metrics::Open;
use crate::session::HEARTBEAT;

/// How often the head is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Events sent at once.
const BURST: usize = 100;

/// What an auditor's stream tells.
#[derive(Debug)]
pub enum Tailed {
    /// What happened.
    Entries(Vec<LogEntry>),
    /// It has been silent for long.
    Heartbeat,
    /// The log was replaced by an older one; nothing follows.
    Reset {
        /// The new one.
        epoch: Arc<str>,
        /// Its head.
        position: Position,
    },
    /// The server is about to stop: come back in so many ms. Nothing follows.
    Drain(u64),
    /// It cannot be read now: come back with what was read last. Nothing follows.
    Unread,
}

/// An auditor's stream; nothing is read from the log before it can be sent.
pub struct AuditTail {
    edge: Arc<Edge>,
    /// `after` is how far it has come, `head` how far it can go.
    query: LogQuery,
    spoke: Instant,
    _open: (Open, Seat),
}

impl AuditTail {
    /// From there on.
    #[must_use]
    pub fn new(edge: &Arc<Edge>, query: LogQuery, seat: Seat) -> Self {
        let (query, open) = (LogQuery { limit: BURST, ..query }, edge.metrics.audit.open());
        Self { edge: Arc::clone(edge), query, spoke: Instant::now(), _open: (open, seat) }
    }

    /// How far it has come.
    #[must_use]
    pub fn query(&self) -> &LogQuery {
        &self.query
    }

    /// Waits for what comes next.
    pub async fn next(&mut self) -> Tailed {
        let mut draining = self.edge.draining.clone();
        loop {
            let step = tokio::select! {
                step = self.step() => step,
                _ = draining.wait_for(|draining| *draining) => return Tailed::Drain(self.edge.come_back()),
            };
            match step {
                Ok(entries) if entries.is_empty() && self.spoke.elapsed() < HEARTBEAT => {}
                Ok(entries) => {
                    self.spoke = Instant::now();
                    return if entries.is_empty() { Tailed::Heartbeat } else { Tailed::Entries(entries) };
                }
                Err(LogError::EpochChanged) => return self.reset().await,
                Err(error) => {
                    tracing::debug!(%error, "tail.unread");
                    return Tailed::Unread;
                }
            }
        }
    }

    async fn reset(&self) -> Tailed {
        match self.edge.tail.head().await {
            Ok(LogHead { epoch, position, .. }) => Tailed::Reset { epoch: epoch.name, position },
            Err(_) => Tailed::Unread,
        }
    }

    /// Looks once at what is next, or waits a moment for there to be something.
    async fn step(&mut self) -> Result<Vec<LogEntry>, LogError> {
        if self.query.after >= self.query.head {
            sleep(LOOK_EVERY).await;
            let head = self.edge.tail.head().await?;
            if head.epoch != self.query.epoch {
                return Err(LogError::EpochChanged);
            }
            self.query.head = head.position.max(self.query.head);
            return Ok(Vec::new());
        }
        let page = self.edge.log.entries(&self.query).await?;
        self.edge.metrics.audit.delivered(page.events.len());
        self.query.after = page.reached;
        Ok(page.events)
    }
}

impl Edge {
    /// When a reader of a server that is about to stop may come back, ms: all of them at different times.
    #[must_use]
    pub fn come_back(&self) -> u64 {
        500 + self.ids.entropy() % 1500
    }
}
