//! Making read models anew, beside those that readers see.
//!
//! A job makes the next generation of one or several read models: it reads the log once, stream by stream, folds each stream in
//! memory and copies the rows into new tables; makes keys and indexes; applies what happened meanwhile; and puts the tables
//! in place in one transaction. Everything it has done is in the database, so another process can take it up at any time.
//! Nothing outside these tables hears of it: events are not delivered again.

mod bucket;
mod claim;
mod finish;
mod job;
mod keeper;
mod pass;
mod swap;

pub use job::RebuildProgress;
pub use keeper::keep_rebuilding;

pub(super) use job::{begin, cancel};

use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use sqlx::postgres::PgConnectOptions;
use sqlx::{Connection, PgConnection};
use synctv_projections::{Poison, ProjectionError};
use tokio::sync::Semaphore;
use tokio::time::{interval, timeout};

use crate::connect::pool::PgPool;
use crate::vault::Vault;
use claim::Claim;
use job::Watch;

/// How often the lease of a job is renewed.
const RENEW: Duration = Duration::from_secs(1);
/// A lease that could not be renewed for so long may be another's.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why a job did not go on here.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// The database.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The database, while the log was read.
    #[error(transparent)]
    Unread(ProjectionError),
    /// What is in the log cannot be taken in; that read model's part of the job has failed.
    #[error("{name} cannot take in {poison}")]
    Poison {
        /// The read model.
        name: &'static str,
        /// The event.
        poison: Poison,
    },
    /// What is in the log cannot be read, or not be stored; the job has failed.
    #[error("the log: {0}")]
    Log(String),
    /// It was called off, or another process has taken it up.
    #[error("the rebuild was called off, or taken over")]
    Lost,
}

impl From<ProjectionError> for RebuildError {
    /// What is stored wrongly stays so; anything else may be otherwise the next time.
    fn from(error: ProjectionError) -> Self {
        match error {
            ProjectionError::Corrupt(reason) => Self::Log(reason),
            other => Self::Unread(other),
        }
    }
}

/// Does the work of jobs.
#[derive(Clone)]
pub struct Rebuilder {
    pool: PgPool,
    options: PgConnectOptions,
    vault: Arc<Vault>,
    owner: String,
    workers: usize,
    /// Indexes being made: each by one core.
    indexing: Arc<Semaphore>,
}

impl Rebuilder {
    /// As this owner, with so many readers at once.
    #[must_use]
    pub fn new(pool: PgPool, vault: Arc<Vault>, owner: String, workers: usize) -> Self {
        let options = pool.connect_options().as_ref().clone();
        // What is lost in a crash of PostgreSQL is made again: its place in the job is lost with it.
        let options = options.options([
            ("statement_timeout", "0"),
            // What is asked for ends with who asked.
            ("client_connection_check_interval", "1s"),
            ("synchronous_commit", "off"),
            ("maintenance_work_mem", "256MB"),
            // Several indexes are made side by side.
            ("max_parallel_maintenance_workers", "0"),
            // Enough for tables that are read by index; autovacuum looks closer later.
            ("default_statistics_target", "20"),
        ]);
        let workers = workers.max(1);
        Self { pool, options, vault, owner, workers, indexing: Arc::new(Semaphore::new(workers)) }
    }

    /// Takes a job up, wherever it is, and brings it to its end. False: another process is at work on it.
    ///
    /// # Errors
    /// [`RebuildError`]; unless the job failed, somebody else can take it up.
    pub async fn run(
        &self,
        job: &str,
        tell: impl Fn(RebuildProgress) + Send + Sync + 'static,
    ) -> Result<bool, RebuildError> {
        let mut connection = PgConnection::connect_with(&self.options).await?;
        if crate::leases::hold(&mut connection, &lease(job), &self.owner).await?.is_none() {
            return Ok(false);
        }
        let worked = tokio::select! {
            worked = self.take_up(job, tell) => worked,
            () = self.keep(&mut connection, job) => Err(RebuildError::Lost),
        };
        // Whoever waits for it need not wait until it is over.
        let _ = sqlx::query("DELETE FROM leases WHERE name = $1 AND owner = $2")
            .bind(lease(job))
            .bind(&self.owner)
            .execute(&self.pool)
            .await;
        worked.map(|()| true)
    }

    async fn take_up(
        &self,
        job: &str,
        tell: impl Fn(RebuildProgress) + Send + Sync + 'static,
    ) -> Result<(), RebuildError> {
        let mut connection = self.connect(job).await?;
        job::end_sessions(&mut connection, job).await?;
        let Some(claim) = Claim::take(&mut connection, job, &self.owner).await? else { return Ok(()) };
        let (watch, claim) = (Arc::new(Watch::new(tell, claim.target)), Arc::new(claim));
        self.vault.forget();
        let worked = self.work(&claim, &watch).await;
        if let Err(RebuildError::Log(reason)) = &worked {
            claim.fail(&mut connection, None, reason).await?;
        }
        worked
    }

    async fn work(&self, claim: &Arc<Claim>, watch: &Arc<Watch>) -> Result<(), RebuildError> {
        match pass::copy_all(self, claim, watch).await {
            // Nothing is left to make, or it is another's; that is told at the end.
            Ok(()) | Err(RebuildError::Lost) => {}
            Err(error) => return Err(error),
        }
        let finish = |part| async move {
            match finish::finish(self, claim, part, watch).await {
                // Called off; the others of the job are not.
                Err(RebuildError::Lost) => Ok(()),
                Err(RebuildError::Poison { name, poison }) => self.give_up(claim, name, &poison).await,
                other => other,
            }
        };
        // What has the most indexes takes longest.
        let mut parts: Vec<_> = claim.parts.iter().collect();
        parts.sort_by_key(|part| Reverse(part.model.tables().iter().map(|table| table.indexes.len()).sum::<usize>()));
        stream::iter(parts).map(Ok).try_for_each_concurrent(self.workers, finish).await?;
        if claim.is_over(&mut self.connect(&claim.job).await?).await? { Ok(()) } else { Err(RebuildError::Lost) }
    }

    /// Ends when the lease may be another's.
    async fn keep(&self, connection: &mut PgConnection, job: &str) {
        let mut tick = interval(RENEW);
        let name = lease(job);
        loop {
            tick.tick().await;
            let renewed = timeout(PATIENCE, crate::leases::hold(connection, &name, &self.owner)).await;
            if !matches!(renewed, Ok(Ok(Some(_)))) {
                return;
            }
        }
    }

    /// Makes an index, in its turn.
    async fn index(&self, job: &str, sql: &str) -> Result<(), RebuildError> {
        let _turn = self.indexing.acquire().await.map_err(|_| RebuildError::Lost)?;
        Ok(super::schema::run(&mut self.connect(job).await?, sql).await?)
    }

    /// One read model cannot be made; the others of the job can.
    async fn give_up(&self, claim: &Claim, name: &'static str, poison: &Poison) -> Result<(), RebuildError> {
        let reason = RebuildError::Poison { name, poison: poison.clone() }.to_string();
        claim.fail(&mut self.connect(&claim.job).await?, Some(name), &reason).await
    }

    async fn connect(&self, job: &str) -> Result<PgConnection, sqlx::Error> {
        PgConnection::connect_with(&self.options.clone().application_name(&job::session(job))).await
    }
}

fn lease(job: &str) -> String {
    format!("rebuild/{job}")
}
