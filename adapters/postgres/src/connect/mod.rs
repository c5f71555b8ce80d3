//! Connections.

pub(crate) mod pool;

use std::str::FromStr;

use sqlx::ConnectOptions;
use sqlx::migrate::Migrator;
use sqlx::postgres::PgConnectOptions;

pub use self::pool::PgPool;

/// The schema, step by step.
pub(crate) static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// Why there is no usable database.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The URL is wrong, or nobody answers there.
    #[error("PostgreSQL does not answer: {0}")]
    Connect(#[source] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("the database schema could not be migrated: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// The URL cannot be read.
    #[error("DATABASE_URL is not a PostgreSQL URL: {0}")]
    Url(#[source] sqlx::Error),
}

/// A pool for reads and everything but the append.
///
/// # Errors
/// When the URL is wrong or nobody answers within ten seconds.
pub async fn connect(url: &str, connections: u32) -> Result<PgPool, ConnectError> {
    let options = PgConnectOptions::from_str(url).map_err(ConnectError::Url)?;
    PgPool::connect(reading(options), connections).await.map_err(ConnectError::Connect)
}

/// A pool beside another one, to keep read models up to date: what a crash of PostgreSQL takes from them, it takes together
/// with its place in the checkpoint.
#[must_use]
pub fn projecting(beside: &PgPool, connections: u32) -> PgPool {
    background(beside, connections, "synctv-projections")
}

/// A pool beside another one, for deliveries: a crash of PostgreSQL may forget the last of them, which are then repeated.
#[must_use]
pub fn delivering(beside: &PgPool, connections: u32) -> PgPool {
    background(beside, connections, "synctv-webhooks")
}

fn background(beside: &PgPool, connections: u32, name: &str) -> PgPool {
    let options = beside.connect_options().as_ref().clone();
    let options = options.application_name(name).options([
        ("synchronous_commit", "off"),
        // A node that is frozen or cut off must not hold what its successor needs.
        ("idle_in_transaction_session_timeout", "5s"),
    ]);
    PgPool::lazy(options, connections)
}

/// Brings the schema up to date. Several nodes may do so at once.
///
/// # Errors
/// When a migration fails or was changed after it had been applied.
pub async fn migrate(pool: &PgPool) -> Result<(), ConnectError> {
    Ok(MIGRATIONS.run(&**pool).await?)
}

fn reading(options: PgConnectOptions) -> PgConnectOptions {
    // Every read has an index; a plan made while the tables were empty must not say otherwise.
    quiet(options).application_name("synctv").options([
        ("jit", "off"),
        ("enable_seqscan", "off"),
        ("statement_timeout", "30s"),
    ])
}

/// For the append: plans are made once and do not depend on statistics, which lag behind a growing log.
pub(crate) fn appending(options: PgConnectOptions) -> PgConnectOptions {
    quiet(options).application_name("synctv-append").options([
        ("jit", "off"),
        ("plan_cache_mode", "force_generic_plan"),
        ("enable_seqscan", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
        ("default_transaction_isolation", "read\\ committed"),
        ("statement_timeout", "30s"),
        ("idle_in_transaction_session_timeout", "30s"),
    ])
}

fn quiet(options: PgConnectOptions) -> PgConnectOptions {
    options.disable_statement_logging()
}
