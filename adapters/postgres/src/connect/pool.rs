//! Connections, none of which is waited for in vain.
//!
//! A connection may fall silent without an end: its host lost power, a firewall forgot it, a proxy hangs. The database ends
//! statements that take too long, but who hears nothing does not hear that either.

use std::ops::Deref;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{BoxStream, StreamExt, unfold};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Connection, Describe, Either, Error, Execute, Executor, PgConnection, Postgres};
use synctv_commands::LogError;
use synctv_projections::ProjectionError;
use tokio::time::{Instant, timeout, timeout_at};

use crate::sqlstate::{projection_failure, unavailable};

/// For a statement; the database ends those of thirty seconds.
const ANSWER: Duration = Duration::from_secs(35);
/// For work that waits for no other and is done again soon.
const SOON: Duration = Duration::from_secs(5);
/// For an empty question.
const PING: Duration = Duration::from_secs(2);
/// Until there is a connection.
const ACQUIRE: Duration = Duration::from_secs(5);

/// A pool whose statements end, one way or the other.
#[derive(Clone, Debug)]
pub struct PgPool(sqlx::PgPool);

impl PgPool {
    /// Of so many connections, made when they are needed.
    pub(crate) fn lazy(options: PgConnectOptions, connections: u32) -> Self {
        Self(settings(connections).connect_lazy_with(options))
    }

    /// … the first of them now.
    pub(crate) async fn connect(options: PgConnectOptions, connections: u32) -> Result<Self, Error> {
        Ok(Self(settings(connections).connect_with(options).await?))
    }
}

fn settings(connections: u32) -> PgPoolOptions {
    // With a deadline, unlike the test that the pool makes by itself; what fails it is closed without a word.
    PgPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(tried(connection)))
        .after_release(|connection, _| Box::pin(tried(connection)))
}

/// What is asked, or an error when there is no answer in time: the connection is of no use any more.
pub(crate) async fn within<T, E: Silent>(time: Duration, asked: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    timeout(time, asked).await.unwrap_or_else(|_| Err(E::silent()))
}

/// For work that is done again soon.
pub(crate) async fn soon<T, E: Silent>(asked: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    within(SOON, asked).await
}

/// For several statements that are allowed to be slow.
pub(crate) async fn answered<T, E: Silent>(asked: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    within(ANSWER, asked).await
}

async fn tried(connection: &mut PgConnection) -> Result<bool, Error> {
    within(PING, connection.ping()).await.map(|()| true)
}

/// What says that there was no answer.
pub(crate) trait Silent {
    /// It.
    fn silent() -> Self;
}

impl Silent for Error {
    fn silent() -> Self {
        Self::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer in time"))
    }
}

impl Silent for LogError {
    fn silent() -> Self {
        unavailable(&Error::silent())
    }
}

impl Silent for ProjectionError {
    fn silent() -> Self {
        projection_failure(&Error::silent())
    }
}

impl Deref for PgPool {
    type Target = sqlx::PgPool;

    fn deref(&self) -> &sqlx::PgPool {
        &self.0
    }
}

impl<'p> Executor<'p> for &'_ PgPool {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, Result<Either<PgQueryResult, PgRow>, Error>>
    where
        E: 'q + Execute<'q, Postgres>,
    {
        let (until, rows) = (Instant::now() + ANSWER, self.0.fetch_many(query));
        let next = move |rows: Option<BoxStream<'e, _>>| async move {
            let mut rows = rows?;
            match timeout_at(until, rows.next()).await {
                Ok(row) => row.map(|row| (row, Some(rows))),
                Err(_) => Some((Err(Error::silent()), None)),
            }
        };
        Box::pin(unfold(Some(rows), next))
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        E: 'q + Execute<'q, Postgres>,
    {
        Box::pin(answered(self.0.fetch_optional(query)))
    }

    fn prepare_with<'e, 'q: 'e>(
        self,
        sql: &'q str,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement<'q>, Error>> {
        Box::pin(answered(self.0.prepare_with(sql, parameters)))
    }

    fn describe<'e, 'q: 'e>(self, sql: &'q str) -> BoxFuture<'e, Result<Describe<Postgres>, Error>> {
        Box::pin(answered(self.0.describe(sql)))
    }
}
