//! Connections, none of which is waited for in vain.
//!
//! A connection may fall silent without an end: its host lost power, a firewall forgot it, a proxy hangs. The database ends
//! statements that take too long, but who hears nothing does not hear that either.

use std::ops::Deref;
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{BoxStream, StreamExt, unfold};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions, PgQueryResult, PgRow, PgStatement, PgTypeInfo};
use sqlx::{Connection, Describe, Either, Error, Execute, Executor, Postgres};
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
        .before_acquire(|connection, _| Box::pin(within(PING, connection.ping(), |()| true)))
        .after_release(|connection, _| Box::pin(within(PING, connection.ping(), |()| true)))
}

/// What is asked, or an error when there is no answer in time.
async fn within<T, U>(
    time: Duration,
    asked: impl Future<Output = Result<T, Error>>,
    then: impl FnOnce(T) -> U,
) -> Result<U, Error> {
    timeout(time, asked).await.unwrap_or_else(|_| Err(silent())).map(then)
}

/// For work that is done again soon: an error when there is no answer in a few seconds.
pub(crate) async fn soon<T, E: Silent>(asked: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    timeout(SOON, asked).await.unwrap_or_else(|_| Err(E::silent()))
}

/// For several statements: an error when there is no answer in the time of one that is allowed to be slow.
pub(crate) async fn answered<T, E: Silent>(asked: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    timeout(ANSWER, asked).await.unwrap_or_else(|_| Err(E::silent()))
}

/// What says that there was no answer.
pub(crate) trait Silent {
    /// It.
    fn silent() -> Self;
}

impl Silent for Error {
    fn silent() -> Self {
        silent()
    }
}

impl Silent for LogError {
    fn silent() -> Self {
        unavailable(&silent())
    }
}

impl Silent for ProjectionError {
    fn silent() -> Self {
        projection_failure(&silent())
    }
}

/// The connection is of no use any more.
pub(crate) fn silent() -> Error {
    Error::Io(std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer in time"))
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
                Err(_) => Some((Err(silent()), None)),
            }
        };
        Box::pin(unfold(Some(rows), next))
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, Result<Option<PgRow>, Error>>
    where
        E: 'q + Execute<'q, Postgres>,
    {
        Box::pin(within(ANSWER, self.0.fetch_optional(query), |row| row))
    }

    fn prepare_with<'e, 'q: 'e>(
        self,
        sql: &'q str,
        parameters: &'e [PgTypeInfo],
    ) -> BoxFuture<'e, Result<PgStatement<'q>, Error>> {
        Box::pin(within(ANSWER, self.0.prepare_with(sql, parameters), |statement| statement))
    }

    fn describe<'e, 'q: 'e>(self, sql: &'q str) -> BoxFuture<'e, Result<Describe<Postgres>, Error>> {
        Box::pin(within(ANSWER, self.0.describe(sql), |described| described))
    }
}
