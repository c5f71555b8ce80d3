//! The log in global order.

use async_trait::async_trait;
use synctv_domain::Position;
use synctv_projections::{Entry, LogPages, ProjectionError};

use crate::log::PgLog;
use crate::read;

#[async_trait]
impl LogPages for PgLog {
    async fn page(&self, after: Position, limit: usize) -> Result<Vec<Entry>, ProjectionError> {
        let events = read::page(self.pool(), self.vault(), after, limit).await;
        let events = events.map_err(|error| ProjectionError::Log(error.to_string()))?;
        Ok(events.into_iter().map(|(room, event)| Entry { room, event }).collect())
    }
}
