//! The database of a verb or a server: a given one, or the embedded one.

use std::path::Path;
use std::time::Duration;

use synctv_postgres::{ConnectError, PgPool, connect, migrate};
use tokio::time::{Instant, sleep};

use crate::config::Config;
use crate::data_dir::{DataDir, DataDirError};
use crate::embedded::{EmbeddedError, EmbeddedPostgres};

/// How long a server waits for its database at its start.
const PATIENCE: Duration = Duration::from_secs(30);

/// Why there is no database.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The embedded one.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// The directory.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The connection or the schema.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// There is nothing to look at.
    #[error("{0} holds no data: give --data-dir or DATABASE_URL")]
    NoData(String),
}

/// A database for one verb; an embedded one that was started for it is stopped by [`Session::close`].
pub(crate) struct Session {
    pub(crate) pool: PgPool,
    started: Option<(EmbeddedPostgres, DataDir)>,
}

impl Session {
    /// Works beside a running server and without one.
    pub(crate) async fn open(config: &Config) -> Result<Self, DatabaseError> {
        let session = Self::as_it_is(config).await?;
        migrate(&session.pool).await?;
        Ok(session)
    }

    /// The schema is left as it is.
    pub(crate) async fn as_it_is(config: &Config) -> Result<Self, DatabaseError> {
        if let Some(url) = &config.database_url {
            return Self::over(url, None).await;
        }
        if let Some(url) = EmbeddedPostgres::find_running(&config.data_dir).await {
            return Self::over(&url, None).await;
        }
        if !config.data_dir.join("postgres").exists() {
            return Err(DatabaseError::NoData(config.data_dir.display().to_string()));
        }
        let held = DataDir::hold(&config.data_dir)?;
        let embedded = EmbeddedPostgres::start(held.path()).await?;
        let url = embedded.url().to_owned();
        Self::over(&url, Some((embedded, held))).await
    }

    async fn over(url: &str, started: Option<(EmbeddedPostgres, DataDir)>) -> Result<Self, DatabaseError> {
        Ok(Self { pool: connect(url, 4).await?, started })
    }

    pub(crate) async fn close(self) -> Result<(), DatabaseError> {
        self.pool.close().await;
        if let Some((embedded, _held)) = self.started {
            embedded.stop().await?;
        }
        Ok(())
    }
}

/// For a server: a database that is just being started is waited for.
pub(crate) async fn wait_for(url: &str) -> Result<PgPool, DatabaseError> {
    let until = Instant::now() + PATIENCE;
    loop {
        let error = match connect(url, 16).await {
            Ok(pool) => {
                migrate(&pool).await?;
                return Ok(pool);
            }
            Err(error) => error,
        };
        if matches!(error, ConnectError::Url(_)) || Instant::now() >= until {
            return Err(error.into());
        }
        tracing::warn!(%error, "database.unreachable");
        sleep(Duration::from_secs(1)).await;
    }
}

/// The embedded one, for a server.
pub(crate) async fn embedded(data_dir: &Path) -> Result<EmbeddedPostgres, DatabaseError> {
    Ok(EmbeddedPostgres::start(data_dir).await?)
}

/// Stops what a start of the embedded one that was given up has left behind.
pub(crate) async fn stop_embedded(data_dir: &Path) -> Result<(), DatabaseError> {
    Ok(EmbeddedPostgres::stop_in(data_dir).await?)
}
