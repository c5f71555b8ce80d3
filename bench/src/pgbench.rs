//! The peer without an application: pgbench, one row per transaction.

use std::ffi::OsStr;
use std::fs;
use std::time::Duration;

use sqlx::{Connection, Executor, PgConnection};

use crate::failure::Failure;
use crate::postgres::PrivatePostgres;
use crate::schema;

const DATABASE: &str = "pgbench";
const CLIENTS: &str = "64";

/// Rows per second, in a new database.
pub async fn run(postgres: &PrivatePostgres, length: Duration) -> Result<f64, Failure> {
    let url = schema::fresh(postgres, DATABASE).await?;
    let mut connection = PgConnection::connect_with(&schema::options(&url)?).await?;
    connection.execute(schema::BARE).await?;
    connection.close().await?;

    let path = postgres.dir().join("insert.sql");
    fs::write(&path, script()).map_err(|source| Failure::File { path: path.clone(), source })?;
    let seconds = length.as_secs().to_string();
    let words = ["-n", "-M", "prepared", "-c", CLIENTS, "-j", "2", "-T", &seconds, "-f"].map(OsStr::new);
    let files = [path.as_os_str(), OsStr::new(DATABASE)];
    let output = tokio::task::block_in_place(|| postgres.run("pgbench", words.iter().chain(&files)))?;
    let rate = output.lines().find_map(|line| {
        let rest = line.strip_prefix("tps = ")?;
        rest.split(' ').next()?.parse().ok()
    });
    rate.ok_or(Failure::Unreadable { program: "pgbench", output })
}

/// Streams as many as our rooms; versions that do not collide.
fn script() -> String {
    let payload = format!(r#"{{"text":"{}"}}"#, "x".repeat(358));
    format!(
        "\\set stream random(1, 10000)\n\\set version random(1, 9000000000000000)\n\
         INSERT INTO bare (stream, version, type, payload) VALUES (:stream, :version, 'chat.posted', '{payload}');\n"
    )
}
