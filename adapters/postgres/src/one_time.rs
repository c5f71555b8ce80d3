//! Things that may be used once.

use async_trait::async_trait;
use synctv_commands::{LogError, OneTime};
use ulid::Ulid;

use crate::connect::pool::PgPool;
use crate::sqlstate::unavailable;

/// Remembers in the database what was used, for all nodes, as long as somebody could use it again.
pub struct PgOneTime {
    pool: PgPool,
}

impl PgOneTime {
    /// In this database.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }
}

#[async_trait]
impl OneTime for PgOneTime {
    async fn redeem(&self, id: Ulid, secs: i64) -> Result<bool, LogError> {
        const SQL: &str = "WITH gone AS (DELETE FROM redeemed WHERE ctid = ANY(ARRAY( \
               SELECT ctid FROM redeemed WHERE until < clock_timestamp() ORDER BY until LIMIT 10 FOR UPDATE SKIP LOCKED))) \
             INSERT INTO redeemed (id, until) VALUES ($1, clock_timestamp() + $2 * interval '1 second') ON CONFLICT DO NOTHING";
        let done = sqlx::query(SQL)
            .bind(id.to_bytes().as_slice())
            .bind(secs + 1)
            .execute(&self.pool)
            .await
            .map_err(|error| unavailable(&error))?;
        Ok(done.rows_affected() == 1)
    }
}
