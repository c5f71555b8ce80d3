//! Why there are no results.

use std::path::PathBuf;

use synctv_commands::{CommandError, LogError, ReadError};
use synctv_postgres::{ConnectError, SecretError, VerifyError};

/// Of a run.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("no figure has such a name; --help lists them")]
    NothingMatches,
    #[error("interrupted; PostgreSQL was stopped and its files were removed")]
    Interrupted,
    #[error("PostgreSQL's programs were found neither on the PATH nor in /usr/lib/postgresql")]
    NoPostgres,
    #[error("PostgreSQL refuses to run as root, and there is no user named postgres")]
    NoAccount,
    #[error("redis-server was not found, or does not start")]
    NoRedis,
    #[error("nginx or its RTMP module was not found, or does not start: scripts/install.sh --bench")]
    NoNginx,
    #[error("a live stream: {0}")]
    Live(String),
    #[error("Redis: {0}")]
    Redis(#[from] redis::RedisError),
    #[error("{program} failed: {output}")]
    Program { program: String, output: String },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Connect(#[from] ConnectError),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error(transparent)]
    Log(#[from] LogError),
    #[error("a command was refused: {0}")]
    Command(Box<CommandError>),
    #[error("a room could not be read: {0}")]
    Read(#[from] ReadError),
    #[error(transparent)]
    Verify(#[from] VerifyError),
    #[error("stock postgres-es: {0}")]
    Stock(String),
    #[error("{what}: {accepted} commands were accepted, but the log grew by {stored} events")]
    Lost { what: String, accepted: u64, stored: i64 },
    #[error("the log of the benchmark is not whole: {0}")]
    Flawed(String),
    #[error("{program} printed no figure: {output}")]
    Unreadable { program: &'static str, output: String },
    #[error("a task of the load generator died: {0}")]
    Task(#[from] tokio::task::JoinError),
    #[error("{} is missing: build it with cargo build --release", .0.display())]
    NoServer(PathBuf),
    #[error("a reader or a writer: {0}")]
    Delivery(String),
    #[error("the results could not be written: {0}")]
    Json(#[from] serde_json::Error),
}

impl From<CommandError> for Failure {
    fn from(error: CommandError) -> Self {
        // It may hold a whole room.
        Self::Command(Box::new(error))
    }
}
