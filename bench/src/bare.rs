//! The peer of a single command: one prepared insert at a time, on one connection.

use std::time::Duration;

use rand::Rng;
use sqlx::{Connection, Executor, PgConnection};

use crate::drive::{Load, Worker, drive};
use crate::failure::Failure;
use crate::postgres::PrivatePostgres;
use crate::schema;

const DATABASE: &str = "bare";

struct Inserter {
    connection: PgConnection,
}

impl Worker for Inserter {
    async fn step(&mut self) -> Result<bool, Failure> {
        const SQL: &str = "INSERT INTO bare (stream, version, type, payload) VALUES ($1, $2, $3, $4::json)";
        let (stream, version) = (rand::rng().random_range(1..=10_000_i64), rand::rng().random::<i64>());
        let payload = format!(r#"{{"text":"{version:x>358}"}}"#);
        sqlx::query(SQL)
            .bind(stream)
            .bind(version)
            .bind("chat.posted")
            .bind(payload)
            .execute(&mut self.connection)
            .await?;
        Ok(true)
    }
}

/// In a new database.
pub async fn run(postgres: &PrivatePostgres, length: Duration) -> Result<Load, Failure> {
    let url = schema::fresh(postgres, DATABASE).await?;
    let mut connection = PgConnection::connect_with(&schema::options(&url)?).await?;
    connection.execute(schema::BARE).await?;
    drive(vec![Inserter { connection }], length).await
}
