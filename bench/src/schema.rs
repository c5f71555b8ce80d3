//! Databases of the private server.

use std::str::FromStr;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, Executor, PgConnection, PgPool};

use crate::failure::Failure;
use crate::postgres::PrivatePostgres;

/// The table of a bare insert: what an event store has at least.
pub const BARE: &str = "CREATE TABLE bare (
  position   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  stream     bigint NOT NULL,
  version    bigint NOT NULL,
  type       text NOT NULL,
  payload    json NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  UNIQUE (stream, version))";

/// The table of events that postgres-es documents.
pub const STOCK: &str = "CREATE TABLE events (
  aggregate_type text NOT NULL,
  aggregate_id   text NOT NULL,
  sequence       bigint NOT NULL CHECK (sequence >= 0),
  event_type     text NOT NULL,
  event_version  text NOT NULL,
  payload        json NOT NULL,
  metadata       json NOT NULL,
  PRIMARY KEY (aggregate_type, aggregate_id, sequence))";

/// Makes an empty database in place of one of that name.
pub async fn fresh(postgres: &PrivatePostgres, name: &str) -> Result<String, Failure> {
    let mut admin = PgConnection::connect_with(&options(&postgres.url("postgres"))?).await?;
    // Names are the harness's own; FORCE, because connections may linger.
    admin.execute(&*format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
    admin.execute(&*format!("CREATE DATABASE {name}")).await?;
    admin.close().await?;
    Ok(postgres.url(name))
}

/// A pool without statement logging, of `connections` that are all open.
pub async fn pool(url: &str, connections: u32) -> Result<PgPool, Failure> {
    let pool = PgPoolOptions::new()
        .max_connections(connections)
        .min_connections(connections)
        .connect_with(options(url)?)
        .await?;
    Ok(pool)
}

/// For one connection.
pub fn options(url: &str) -> Result<PgConnectOptions, Failure> {
    Ok(PgConnectOptions::from_str(url)?.disable_statement_logging())
}
