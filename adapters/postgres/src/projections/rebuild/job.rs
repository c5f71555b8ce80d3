//! Jobs in the database.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use sqlx::{Connection, PgConnection, Row};
use synctv_domain::Position;
use synctv_projections::operate::{OperateError, RebuildState};
use tokio::time::sleep;

use crate::ids::unseeded;
use crate::projections::model::Model;
use crate::projections::schema;
use crate::projections::table::Place;
use crate::sqlstate::projection_failure as failure;

/// How far a job is, while it runs here.
#[derive(Clone, Debug)]
pub struct RebuildProgress {
    /// What is being done.
    pub state: RebuildState,
    /// To which read model, once they are treated one by one.
    pub name: Option<&'static str>,
    /// Events read.
    pub done: i64,
    /// Events to read.
    pub of: i64,
}

/// Tells how far a job is.
pub(super) struct Watch {
    tell: Box<dyn Fn(RebuildProgress) + Send + Sync>,
    done: AtomicI64,
    of: i64,
}

impl Watch {
    pub(super) fn new(tell: impl Fn(RebuildProgress) + Send + Sync + 'static, target: Position) -> Self {
        Self { tell: Box::new(tell), done: AtomicI64::new(0), of: target.0 }
    }

    pub(super) fn read(&self, events: i64) {
        let done = self.done.fetch_add(events, Ordering::Relaxed) + events;
        (self.tell)(RebuildProgress { state: RebuildState::Copying, name: None, done, of: self.of });
    }

    pub(super) fn at(&self, state: RebuildState, name: &'static str) {
        (self.tell)(RebuildProgress { state, name: Some(name), done: self.done.load(Ordering::Relaxed), of: self.of });
    }
}

pub(super) const fn state_name(state: RebuildState) -> &'static str {
    match state {
        RebuildState::Copying => "copying",
        RebuildState::Indexing => "indexing",
        RebuildState::CatchingUp => "catching_up",
        RebuildState::Swapping => "swapping",
        RebuildState::Done => "done",
        RebuildState::Cancelled => "cancelled",
        RebuildState::Failed => "failed",
    }
}

/// Writes a job down, with empty tables for it. Its name.
pub(in crate::projections) async fn begin(
    connection: &mut PgConnection,
    models: &[&'static dyn Model],
) -> Result<String, OperateError> {
    try_begin(connection, models)
        .await
        .map_err(|error| failure(&error))?
        .map_err(|name| OperateError::Running(name.to_owned()))
}

async fn try_begin(
    connection: &mut PgConnection,
    models: &[&'static dyn Model],
) -> Result<Result<String, &'static str>, sqlx::Error> {
    const BEGIN: &str = "INSERT INTO rebuilds AS r (name, job, generation, state, target, position) \
         VALUES ($1, $2, $3, 'copying', $4, $4) \
         ON CONFLICT (name) DO UPDATE SET job = $2, generation = $3, state = 'copying', target = $4, position = $4, \
           owner = NULL, started_at = clock_timestamp(), resumed_at = clock_timestamp(), resumed_done = 0, \
           ended_at = NULL, error = NULL";
    let job = unseeded().to_string();
    let mut transaction = connection.begin().await?;
    schema::exclude_others(&mut transaction).await?;
    sqlx::query("DELETE FROM rebuild_buckets WHERE job NOT IN (SELECT job FROM rebuilds WHERE ended_at IS NULL)")
        .execute(&mut *transaction)
        .await?;
    // One pass has one end, however the log grows meanwhile.
    let target: i64 =
        sqlx::query_scalar("SELECT coalesce(max(position), 0) FROM events").fetch_one(&mut *transaction).await?;
    for model in models {
        let name = model.name();
        let Some(generation) = next_generation(&mut transaction, name).await? else { return Ok(Err(name)) };
        sqlx::query(BEGIN).bind(name).bind(&job).bind(generation).bind(target).execute(&mut *transaction).await?;
        schema::create(&mut transaction, *model, Place::Beside(generation)).await?;
    }
    transaction.commit().await?;
    Ok(Ok(job))
}

/// None: it is being rebuilt.
async fn next_generation(connection: &mut PgConnection, name: &str) -> Result<Option<i64>, sqlx::Error> {
    const SQL: &str = "SELECT greatest(c.generation, coalesce(r.generation, 0)) + 1 AS next, \
           r.name IS NOT NULL AND r.ended_at IS NULL AS running \
         FROM checkpoints c LEFT JOIN rebuilds r USING (name) WHERE c.name = $1";
    let row = sqlx::query(SQL).bind(name).fetch_one(connection).await?;
    let running: bool = row.try_get("running")?;
    Ok(if running { None } else { Some(row.try_get("next")?) })
}

/// Jobs that have not come to an end.
pub(in crate::projections) async fn unfinished(connection: &mut PgConnection) -> Result<Vec<String>, sqlx::Error> {
    sqlx::query_scalar("SELECT DISTINCT job FROM rebuilds WHERE ended_at IS NULL ORDER BY job")
        .fetch_all(connection)
        .await
}

/// Calls the rebuild of a read model off, and drops its new tables. False: there is none under way.
pub(in crate::projections) async fn cancel(
    connection: &mut PgConnection,
    model: &'static dyn Model,
) -> Result<bool, sqlx::Error> {
    const SQL: &str = "UPDATE rebuilds SET state = 'cancelled', ended_at = clock_timestamp() \
         WHERE name = $1 AND ended_at IS NULL RETURNING generation";
    const JOB: &str = "SELECT job FROM rebuilds WHERE name = $1 AND ended_at IS NULL";
    let mut transaction = connection.begin().await?;
    // Waits for the parts of the log that are being copied, or for an index.
    sqlx::query("SET LOCAL statement_timeout = 0").execute(&mut *transaction).await?;
    let job: Option<String> = sqlx::query_scalar(JOB).bind(model.name()).fetch_optional(&mut *transaction).await?;
    let Some(job) = job else { return Ok(false) };
    exclude(&mut transaction, &job).await?;
    let generation: Option<i64> = sqlx::query_scalar(SQL).bind(model.name()).fetch_optional(&mut *transaction).await?;
    if let Some(generation) = generation {
        schema::drop_tables(&mut transaction, model, Place::Beside(generation)).await?;
    }
    transaction.commit().await?;
    Ok(generation.is_some())
}

/// What a part of the log is copied under. Of those who wait for the other lock, nobody is overtaken.
pub(super) async fn share(connection: &mut PgConnection, job: &str) -> Result<(), sqlx::Error> {
    let sql = "SELECT pg_advisory_xact_lock_shared(7243394, hashtext($1))";
    sqlx::query(sql).bind(job).execute(connection).await.map(drop)
}

/// No part of the log is being copied, until the transaction ends.
pub(super) async fn exclude(connection: &mut PgConnection, job: &str) -> Result<(), sqlx::Error> {
    let sql = "SELECT pg_advisory_xact_lock(7243394, hashtext($1))";
    sqlx::query(sql).bind(job).execute(connection).await.map(drop)
}

/// The name of sessions that work on a job.
pub(super) fn session(job: &str) -> String {
    format!("synctv-rebuild {job}")
}

/// Ends the sessions of whoever worked on a job before: PostgreSQL goes on with what they asked for, and holds what they held.
pub(super) async fn end_sessions(connection: &mut PgConnection, job: &str) -> Result<(), sqlx::Error> {
    const SQL: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
         WHERE application_name = $1 AND datname = current_database() AND pid <> pg_backend_pid()";
    for _ in 0..100 {
        let found: i64 = sqlx::query_scalar(SQL).bind(session(job)).fetch_one(&mut *connection).await?;
        if found == 0 {
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
