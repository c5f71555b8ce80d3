//! Following the log, page by page.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use synctv_domain::{Position, Recorded, RoomId};

/// Events read and applied at once.
const PAGE: usize = 500;

/// An event, and the room it belongs to.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The room.
    pub room: RoomId,
    /// The event.
    pub event: Recorded,
}

/// Why a projection did not move.
#[derive(Debug, thiserror::Error)]
pub enum ProjectionError {
    /// The database did not answer, or refused.
    #[error("the database: {0}")]
    Database(String),
    /// The log could not be read.
    #[error("the log: {0}")]
    Log(String),
}

/// The log in global order.
#[async_trait]
pub trait LogPages: Send + Sync {
    /// At most `limit` events after `after`.
    async fn page(&self, after: Position, limit: usize) -> Result<Vec<Entry>, ProjectionError>;
}

/// A read model that can be moved forward.
#[async_trait]
pub trait Projector: Send + Sync {
    /// Names its checkpoint.
    fn name(&self) -> &'static str;
    /// The last position that is in it.
    async fn checkpoint(&self) -> Result<Position, ProjectionError>;
    /// Applies events and moves the checkpoint from `from` to the last of them, both or neither. False: the checkpoint was
    /// elsewhere, because another node is at work; nothing was applied.
    async fn apply(&self, from: Position, page: &[Entry]) -> Result<bool, ProjectionError>;
}

/// Keeps a read model up to date until dropped. An event that cannot be applied stops it where it is: nothing is skipped.
pub async fn run(log: Arc<dyn LogPages>, projector: Arc<dyn Projector>, every: Duration) {
    let mut failing = false;
    loop {
        match step(&*log, &*projector).await {
            Ok(PAGE) => continue,
            Ok(_) => failing = false,
            // Told once, not with every attempt.
            Err(error) if !failing => {
                tracing::error!(projection = projector.name(), %error, "projection.stopped");
                failing = true;
            }
            Err(_) => {}
        }
        tokio::time::sleep(every).await;
    }
}

/// Applies one page; the number of events in it.
async fn step(log: &dyn LogPages, projector: &dyn Projector) -> Result<usize, ProjectionError> {
    let from = projector.checkpoint().await?;
    let page = log.page(from, PAGE).await?;
    if !page.is_empty() {
        projector.apply(from, &page).await?;
    }
    Ok(page.len())
}
