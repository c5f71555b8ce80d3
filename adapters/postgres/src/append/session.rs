//! The one connection that appends.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, Row};
use synctv_commands::Appended;

use super::batch::Batch;
use crate::connect::appending;
use crate::sqlstate::Failure;

const APPEND: &str = "SELECT base, at_us, head_hash, statuses, head_positions \
     FROM append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)";

/// Every change of a room goes to the subscribers of all nodes.
const TOPIC: &str = "events";

pub(super) struct Stored {
    pub(super) appended: Vec<Appended>,
    pub(super) head: i64,
    pub(super) hash: Vec<u8>,
}

pub(super) struct Session {
    options: PgConnectOptions,
    connection: Option<PgConnection>,
}

impl Session {
    pub(super) fn new(options: PgConnectOptions) -> Self {
        Self { options: appending(options), connection: None }
    }

    pub(super) async fn connect(&mut self) -> Result<(), sqlx::Error> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        // A database set up to lose acknowledged commits is not allowed to.
        sqlx::query(
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
        )
        .execute(&mut connection)
        .await?;
        self.connection = Some(connection);
        Ok(())
    }

    /// One statement, one transaction.
    pub(super) async fn append(&mut self, batch: &Batch<'_>) -> Result<Stored, Failure> {
        if self.connection.is_none() {
            self.connect().await.map_err(|error| Failure::Unsent(error.to_string()))?;
        }
        let Some(connection) = self.connection.as_mut() else {
            return Err(Failure::Unsent("not connected".to_owned()));
        };
        let (a, c, e) = (&batch.appends, &batch.commands, &batch.events);
        let row = sqlx::query(APPEND)
            .bind(&*batch.epoch.name)
            .bind(batch.position)
            .bind(&batch.hash)
            .bind(TOPIC)
            .bind(&a.kind)
            .bind(&a.stream)
            .bind(&a.expected)
            .bind(&c.append)
            .bind(&c.actor)
            .bind(&c.id)
            .bind(&c.fingerprint)
            .bind(&c.events)
            .bind(&c.seq)
            .bind(&e.command)
            .bind(&e.seq)
            .bind(&e.id)
            .bind(&e.kind)
            .bind(&e.version)
            .bind(&e.payload)
            .bind(&e.metadata)
            .bind(&e.content)
            .fetch_one(connection)
            .await;
        let stored = row.and_then(|row| {
            let (statuses, before): (Vec<i32>, Vec<i64>) = (row.try_get("statuses")?, row.try_get("head_positions")?);
            let (appended, head) = batch.results(row.try_get("base")?, row.try_get("at_us")?, &statuses, &before);
            Ok(Stored { appended, head, hash: row.try_get("head_hash")? })
        });
        stored.map_err(|error| {
            let failure = Failure::of(&error);
            if matches!(failure, Failure::Unknown(_)) {
                self.connection = None;
            }
            failure
        })
    }
}

/// 20 ms, doubling to 1 s.
pub(super) fn backoff(attempt: u32) -> Duration {
    Duration::from_millis((20_u64 << attempt.min(6)).min(1000))
}
