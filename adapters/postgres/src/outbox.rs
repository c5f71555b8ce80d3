//! The rows of what goes to all nodes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;
use synctv_commands::{Carried, Epoch, LogError, Outbox, Seen};
use synctv_domain::{Position, Seq};

use crate::append::TOPIC;
use crate::chain::hash;
use crate::connect::pool::PgPool;
use crate::incarnation::Incarnation;
use crate::leases::{Lease, PgLeases};
use crate::read::Micros;
use crate::sqlstate::unavailable;

/// What a node holds while it takes rows to Redis.
pub(crate) const RELAY: &str = "relay";
/// What a node holds while it removes rows that nobody takes anywhere.
pub(crate) const PRUNE: &str = "relay/prune";
/// How often they are removed; more often than leases end.
const PRUNE_EVERY: Duration = Duration::from_secs(2);
/// Rows removed by one statement.
const STEP: i64 = 10_000;

/// The outbox of one node.
pub struct PgOutbox {
    pool: PgPool,
    leases: Arc<PgLeases>,
    incarnation: Arc<Incarnation>,
    work: &'static str,
    held: Mutex<Option<Lease>>,
}

impl PgOutbox {
    /// Of a node that takes rows to Redis, over a pool for work in the background.
    #[must_use]
    pub fn relayed(pool: PgPool, leases: Arc<PgLeases>, incarnation: Arc<Incarnation>) -> Self {
        Self { pool, leases, incarnation, work: RELAY, held: Mutex::default() }
    }

    /// Of a node that removes rows which are too old to be taken there.
    #[must_use]
    pub fn pruned(pool: PgPool, leases: Arc<PgLeases>, incarnation: Arc<Incarnation>) -> Self {
        Self { work: PRUNE, ..Self::relayed(pool, leases, incarnation) }
    }

    /// Removes rows that are older than `secs`. Runs until dropped.
    pub async fn prune(&self, secs: u32) {
        let mut removed = None;
        loop {
            tokio::time::sleep(PRUNE_EVERY).await;
            match self.prune_once(secs, removed).await {
                Ok(upto) => removed = upto,
                Err(error) => tracing::debug!(%error, "outbox.unpruned"),
            }
        }
    }

    /// How far rows were removed, as long as this node has the right to.
    async fn prune_once(&self, secs: u32, removed: Option<Position>) -> Result<Option<Position>, LogError> {
        if !self.hold().await? {
            return Ok(None);
        }
        let after = match removed {
            Some(removed) => removed,
            None => self.first().await?.map_or(Position(0), |first| Position(first.0 - 1)),
        };
        let until = self.head_before(secs).await?;
        self.remove(after, until).await?;
        Ok(Some(until.max(after)))
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Option<Lease>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Outbox for PgOutbox {
    fn epoch(&self) -> Epoch {
        self.incarnation.epoch()
    }

    fn partitions(&self) -> u32 {
        self.incarnation.partitions()
    }

    fn known(&self) -> Position {
        Position(*self.incarnation.positions().borrow())
    }

    async fn hold(&self) -> Result<bool, LogError> {
        let lease = self.leases.take(self.work).await.map_err(|error| unavailable(&error))?;
        let holds = lease.is_some();
        *self.held() = lease;
        Ok(holds)
    }

    async fn give_back(&self) -> Result<(), LogError> {
        if self.held().take().is_none() {
            return Ok(());
        }
        self.leases.end(self.work).await.map_err(|error| unavailable(&error))
    }

    async fn head(&self) -> Result<Position, LogError> {
        Ok(self.incarnation.refresh(&self.pool).await?.position)
    }

    async fn head_before(&self, secs: u32) -> Result<Position, LogError> {
        const SQL: &str = "SELECT position_at(clock_timestamp() - $1 * interval '1 second')";
        let position = sqlx::query_scalar(SQL).bind(f64::from(secs)).fetch_one(&self.pool).await;
        position.map(Position).map_err(|error| unavailable(&error))
    }

    async fn first(&self) -> Result<Option<Position>, LogError> {
        let first = sqlx::query_scalar("SELECT min(position) FROM outbox WHERE topic = $1")
            .bind(TOPIC)
            .fetch_one(&self.pool)
            .await;
        first.map(|first: Option<i64>| first.map(Position)).map_err(|error| unavailable(&error))
    }

    async fn read(&self, after: Position, until: Position, limit: usize) -> Result<Vec<Carried>, LogError> {
        const SQL: &str = "SELECT position, stream_id, seq, event_id, type, version, recorded_at, command_id, metadata, payload, hash \
             FROM events WHERE position > $1 AND position <= $2 ORDER BY position LIMIT $3";
        let rows = sqlx::query(SQL)
            .bind(after.0)
            .bind(until.0)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await;
        let rows = rows.map_err(|error| unavailable(&error))?;
        rows.iter().map(carried).collect::<Result<_, _>>().map_err(|error| unavailable(&error))
    }

    async fn remove(&self, after: Position, until: Position) -> Result<(), LogError> {
        let sql =
            format!("DELETE FROM outbox WHERE topic = $3 AND position > $4 AND position <= $5 AND {}", Lease::HELD);
        let Some(lease) = self.held().clone() else { return Ok(()) };
        let mut after = after.0;
        while after < until.0 {
            let step = until.0.min(after + STEP);
            let query = sqlx::query(&sql).bind(&lease.work).bind(lease.token).bind(TOPIC).bind(after).bind(step);
            query.execute(&self.pool).await.map_err(|error| unavailable(&error))?;
            after = step;
        }
        Ok(())
    }
}

fn carried(row: &PgRow) -> Result<Carried, sqlx::Error> {
    let (position, at): (i64, Micros) = (row.try_get("position")?, row.try_get("recorded_at")?);
    Ok(Carried {
        position: Position(position),
        stream: row.try_get("stream_id")?,
        seq: Seq(row.try_get("seq")?),
        id: row.try_get("event_id")?,
        kind: row.try_get("type")?,
        version: row.try_get("version")?,
        at: at.0,
        command_id: row.try_get("command_id")?,
        metadata: row.try_get_unchecked("metadata")?,
        payload: row.try_get_unchecked("payload")?,
        witness: Seen { position: Position(position), hash: hash(row.try_get("hash")?) },
    })
}
