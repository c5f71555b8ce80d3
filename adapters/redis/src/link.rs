//! The connection to Redis: kept, given up at the first fault, and made again.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep, timeout};

/// For a connection, and for the first answer over it.
const PATIENCE: Duration = Duration::from_secs(1);
/// Before the next attempt: from here, doubled each time, to there.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));
/// A connection that lasted so long was a good one.
const GOOD: Duration = Duration::from_secs(10);

/// The address is none of a Redis.
#[derive(Debug, thiserror::Error)]
#[error("not the address of a Redis: redis:// or rediss://[:password@]host[:port][/database]")]
pub struct UrlError;

/// One connection for all, as long as it answers.
pub(crate) struct Link {
    client: Client,
    held: Mutex<Held>,
    lost: Notify,
}

#[derive(Default)]
struct Held {
    /// Grows with every connection.
    number: u64,
    connection: Option<MultiplexedConnection>,
}

impl Link {
    pub(crate) fn new(url: &str) -> Result<Self, UrlError> {
        // The library's own words may hold the password.
        let client = Client::open(url).map_err(|_| UrlError)?;
        Ok(Self { client, held: Mutex::default(), lost: Notify::new() })
    }

    /// The connection and its number, if there is one.
    pub(crate) fn connection(&self) -> Option<(u64, MultiplexedConnection)> {
        let held = self.held();
        held.connection.clone().map(|connection| (held.number, connection))
    }

    /// This one does not answer: nobody waits for it again.
    pub(crate) fn lose(&self, number: u64, why: &str) {
        let mut held = self.held();
        if held.number == number && held.connection.take().is_some() {
            tracing::warn!(why, "redis.lost: this node counts by itself until Redis is back");
            self.lost.notify_one();
        }
    }

    /// Makes a connection whenever there is none. Runs until dropped.
    pub(crate) async fn keep(&self) {
        let (mut pause, mut told) = (PAUSES.0, false);
        loop {
            match timeout(PATIENCE, self.connect()).await.unwrap_or_else(|_| Err(timed_out())) {
                Ok(connection) => {
                    tracing::info!("redis.connected");
                    let began = Instant::now();
                    self.hold(connection);
                    self.lost.notified().await;
                    told = true;
                    if began.elapsed() >= GOOD {
                        pause = PAUSES.0;
                    }
                }
                Err(error) if !std::mem::replace(&mut told, true) => {
                    tracing::warn!(%error, "redis.unreachable: this node counts by itself until Redis is there");
                }
                Err(error) => tracing::debug!(%error, "redis.unreachable"),
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Accepting a connection is not answering.
    async fn connect(&self) -> Result<MultiplexedConnection, RedisError> {
        let config = AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(None);
        let mut connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        redis::cmd("PING").query_async::<()>(&mut connection).await?;
        Ok(connection)
    }

    fn hold(&self, connection: MultiplexedConnection) {
        let mut held = self.held();
        held.number += 1;
        held.connection = Some(connection);
    }

    fn held(&self) -> std::sync::MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn timed_out() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}
