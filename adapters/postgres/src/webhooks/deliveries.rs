//! What waits for a webhook, and what becomes of it.

use std::sync::Arc;
use std::time::Duration;

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::KeyInit;
use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;
use synctv_commands::{Claim, Deliveries, LogError, Outbound, Settlement, Target, Waiting, WaitingPage};
use synctv_domain::{Position, Seq, WebhookId};
use synctv_projections::Leases;

use super::registry::{TARGETS, target};
use super::{WebhookError, settle, topic, work};
use crate::connect::pool::PgPool;
use crate::incarnation::Incarnation;
use crate::leases::{Lease, PgLeases};
use crate::read;
use crate::sqlstate::unavailable;
use crate::vault::Vault;

/// `$1` is the topic.
const COLUMNS: &str = "o.position, e.stream_id, e.seq, coalesce(a.attempts, 0) AS attempts, \
     coalesce(greatest(extract(epoch FROM a.next_at - clock_timestamp()), 0), 0)::float8 AS wait";

/// Deliveries of one node.
pub struct PgDeliveries {
    pool: PgPool,
    leases: Arc<PgLeases>,
    vault: Arc<Vault>,
    incarnation: Arc<Incarnation>,
    key: Aes256Gcm,
}

impl PgDeliveries {
    /// Over a pool of its own. `credential` opens the webhooks' secrets.
    #[must_use]
    pub fn new(
        pool: PgPool,
        leases: Arc<PgLeases>,
        vault: Arc<Vault>,
        incarnation: Arc<Incarnation>,
        credential: &[u8; 32],
    ) -> Self {
        Self { pool, leases, vault, incarnation, key: Aes256Gcm::new(credential.into()) }
    }
}

#[async_trait]
impl Deliveries for PgDeliveries {
    async fn targets(&self) -> Result<Vec<Target>, LogError> {
        let sql = format!("{TARGETS} WHERE paused_at IS NULL ORDER BY id");
        let rows = sqlx::query(&sql).fetch_all(&self.pool).await.map_err(|error| unavailable(&error))?;
        rows.iter().map(|row| target(row, &self.key).map_err(|error| failure(&error))).collect()
    }

    async fn claim(&self, webhook: WebhookId) -> Result<Option<Claim>, LogError> {
        if self.incarnation.is_rewound() {
            return Ok(None);
        }
        let lease = self.leases.take(&work(webhook)).await.map_err(|error| unavailable(&error))?;
        let generation = self.incarnation.epoch().generation;
        Ok(lease.map(|Lease { token, .. }| Claim { webhook, token, generation }))
    }

    async fn give_back(&self, webhook: WebhookId) -> Result<(), LogError> {
        let given = self.leases.give_back(&work(webhook)).await;
        given.map_err(|error| LogError::Unavailable(error.to_string()))
    }

    async fn waiting(&self, webhook: WebhookId, after: Position, limit: usize) -> Result<WaitingPage, LogError> {
        // The head is that of the same snapshot: what is not among the rows and not behind it does not wait.
        let sql = format!(
            "SELECT h.head, w.* FROM (SELECT coalesce(max(position), 0) AS head FROM events) h \
             LEFT JOIN LATERAL (SELECT {COLUMNS} \
               FROM (SELECT position FROM outbox WHERE topic = $1 AND position > $2 ORDER BY position LIMIT $3) o \
               JOIN events e ON e.position = o.position \
               LEFT JOIN outbox_attempts a ON a.topic = $1 AND a.position = o.position) w ON true ORDER BY w.position"
        );
        let limited = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = sqlx::query(&sql).bind(topic(webhook)).bind(after.0).bind(limited).fetch_all(&self.pool).await;
        page(&rows.map_err(|error| unavailable(&error))?, limit).map_err(|error| unavailable(&error))
    }

    async fn waiting_in(
        &self,
        webhook: WebhookId,
        stream: &str,
        after: Seq,
        until: Position,
        limit: usize,
    ) -> Result<Vec<Waiting>, LogError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM events e JOIN outbox o ON o.topic = $1 AND o.position = e.position \
             LEFT JOIN outbox_attempts a ON a.topic = $1 AND a.position = o.position \
             WHERE e.stream_id = $2 AND e.seq > $3 AND e.position <= $4 ORDER BY e.seq LIMIT $5"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let query = sqlx::query(&sql).bind(topic(webhook)).bind(stream).bind(after.0).bind(until.0).bind(limit);
        let rows = query.fetch_all(&self.pool).await.map_err(|error| unavailable(&error))?;
        rows.iter().map(waiting).collect::<Result<_, _>>().map_err(|error| unavailable(&error))
    }

    async fn outbound(&self, position: Position) -> Result<Outbound, LogError> {
        let entry = read::entry(&self.pool, &self.vault, position).await?;
        Ok(Outbound { entry, log_id: self.incarnation.log_id() })
    }

    async fn settle(&self, claim: &Claim, position: Position, settlement: &Settlement) -> Result<bool, LogError> {
        settle::settle(&self.pool, claim, position, settlement).await.map_err(|error| unavailable(&error))
    }

    async fn pause(&self, claim: &Claim, why: &str) -> Result<bool, LogError> {
        settle::pause(&self.pool, claim, why).await.map_err(|error| unavailable(&error))
    }

    async fn beyond(&self, after: Position) {
        let mut positions = self.incarnation.positions();
        // The sender lives as long as the incarnation.
        let _ = positions.wait_for(|position| *position > after.0).await;
    }
}

fn page(rows: &[PgRow], limit: usize) -> Result<WaitingPage, sqlx::Error> {
    let Some(first) = rows.first() else { return Ok(WaitingPage::default()) };
    let found: Vec<_> = match first.try_get::<Option<i64>, _>("position")? {
        Some(_) => rows.iter().map(waiting).collect::<Result<_, _>>()?,
        None => Vec::new(),
    };
    let whole = found.len() < limit;
    let reached = match found.last() {
        Some(last) if !whole => last.position,
        _ => Position(first.try_get("head")?),
    };
    Ok(WaitingPage { rows: found, reached, whole })
}

fn waiting(row: &PgRow) -> Result<Waiting, sqlx::Error> {
    Ok(Waiting {
        position: Position(row.try_get("position")?),
        stream: row.try_get::<&str, _>("stream_id")?.into(),
        seq: Seq(row.try_get("seq")?),
        attempts: u32::try_from(row.try_get::<i32, _>("attempts")?).unwrap_or(0),
        wait: Duration::try_from_secs_f64(row.try_get("wait")?).unwrap_or_default(),
    })
}

fn failure(error: &WebhookError) -> LogError {
    match error {
        WebhookError::Database(error) => unavailable(error),
        _ => LogError::Corrupt(error.to_string()),
    }
}
