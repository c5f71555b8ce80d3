//! The one connection that appends.

use std::time::Duration;

use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection, Row};
use synctv_commands::{Appended, Epoch, Seen};
use synctv_domain::Position;

use super::batch::Batch;
use crate::chain::hash;
use crate::connect::appending;
use crate::connect::pool::within;
use crate::sqlstate::Failure;

const APPEND: &str = "SELECT base, at_us, head_hash, statuses \
     FROM append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)";

const APPEND_ONE: &str = "SELECT base, at_us, head_hash, status \
     FROM append_one($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";

/// Until there is a connection.
const CONNECTED: Duration = Duration::from_secs(5);
/// Until the database says what became of a batch: from then on its connection counts as lost.
const ANSWERED: Duration = Duration::from_secs(10);

/// Every change of a room goes to the subscribers of all nodes.
pub(crate) const TOPIC: &str = "events";

pub(super) struct Stored {
    pub(super) epoch: Epoch,
    pub(super) appended: Vec<Appended>,
    /// Where the log ended before, and after.
    pub(super) base: i64,
    pub(super) head: i64,
    pub(super) hash: Vec<u8>,
}

impl Stored {
    /// The last event of the batch.
    pub(super) fn seen(&self) -> Seen {
        Seen { position: Position(self.head), hash: hash(&self.hash) }
    }
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
        within(CONNECTED, self.try_connect()).await
    }

    async fn try_connect(&mut self) -> Result<(), sqlx::Error> {
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
        let stored = match batch.is_single() {
            true => within(ANSWERED, one(connection, batch)).await,
            false => within(ANSWERED, many(connection, batch)).await,
        };
        stored.map_err(|error| {
            let failure = Failure::of(&error);
            if matches!(failure, Failure::Unknown(_)) {
                self.connection = None;
            }
            failure
        })
    }
}

async fn many(connection: &mut PgConnection, batch: &Batch<'_>) -> Result<Stored, sqlx::Error> {
    let (a, c, e) = (&batch.appends, &batch.commands, &batch.events);
    let row = sqlx::query(APPEND)
        .bind(&*batch.epoch.name)
        .bind(batch.position)
        .bind(&batch.hash)
        .bind(TOPIC)
        .bind(&a.kind)
        .bind(&a.stream)
        .bind(&a.expected)
        .bind(&a.head)
        .bind(&a.events)
        .bind(&c.append)
        .bind(&c.key)
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
        .await?;
    let statuses: Vec<i32> = row.try_get("statuses")?;
    let base = row.try_get("base")?;
    let (appended, head) = batch.results(base, row.try_get("at_us")?, &statuses);
    Ok(Stored { epoch: batch.epoch.clone(), appended, base, head, hash: row.try_get("head_hash")? })
}

async fn one(connection: &mut PgConnection, batch: &Batch<'_>) -> Result<Stored, sqlx::Error> {
    let (a, c, e) = (&batch.appends, &batch.commands, &batch.events);
    let row = sqlx::query(APPEND_ONE)
        .bind(&*batch.epoch.name)
        .bind(batch.position)
        .bind(&batch.hash)
        .bind(TOPIC)
        .bind(a.kind[0])
        .bind(a.stream[0])
        .bind(a.expected[0])
        .bind(c.key[0])
        .bind(c.id[0])
        .bind(c.fingerprint[0])
        .bind(e.id[0])
        .bind(e.kind[0])
        .bind(e.version[0])
        .bind(e.payload[0])
        .bind(e.metadata[0])
        .bind(e.content[0])
        .fetch_one(connection)
        .await?;
    let base = row.try_get("base")?;
    let (appended, head) = batch.results(base, row.try_get("at_us")?, &[row.try_get("status")?]);
    Ok(Stored { epoch: batch.epoch.clone(), appended, base, head, hash: row.try_get("head_hash")? })
}

/// 20 ms, doubling to 1 s.
pub(super) fn backoff(attempt: u32) -> Duration {
    Duration::from_millis((20_u64 << attempt.min(6)).min(1000))
}
