//! The connection to Redis: kept, given up at the first fault, and made again.

use std::time::Duration;

use futures::{Stream, StreamExt};
use redis::{AsyncConnectionConfig, Client, RedisError};
use tokio::sync::watch;
use tokio::time::{Instant, sleep, timeout};

use crate::connection::Connection;

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
    held: watch::Sender<Held>,
}

#[derive(Clone, Default)]
struct Held {
    /// Grows with every connection.
    number: u64,
    connection: Option<Connection>,
}

impl Link {
    pub(crate) fn new(url: &str) -> Result<Self, UrlError> {
        // The library's own words may hold the password.
        let client = Client::open(url).map_err(|_| UrlError)?;
        Ok(Self { client, held: watch::Sender::default() })
    }

    /// The connection and its number, if there is one.
    pub(crate) fn connection(&self) -> Option<(u64, Connection)> {
        let held = self.held.borrow();
        held.connection.clone().map(|connection| (held.number, connection))
    }

    /// Waits until there is one.
    pub(crate) async fn connected(&self) -> (u64, Connection) {
        loop {
            // The sender lives as long as this value.
            let _ = self.held.subscribe().wait_for(|held| held.connection.is_some()).await;
            if let Some(connection) = self.connection() {
                return connection;
            }
        }
    }

    /// This one does not answer: nobody waits for it again.
    pub(crate) fn lose(&self, number: u64, why: &str) {
        let lost = self.held.send_if_modified(|held| held.number == number && held.connection.take().is_some());
        if lost {
            tracing::warn!(why, "redis.lost: this node goes on by itself until Redis is back");
        }
    }

    /// Makes a connection whenever there is none. Runs until dropped.
    pub(crate) async fn keep(&self) {
        let (mut pause, mut told) = (PAUSES.0, false);
        loop {
            match self.dedicated().await {
                Ok(connection) => {
                    tracing::info!("redis.connected");
                    let began = Instant::now();
                    self.held
                        .send_modify(|held| *held = Held { number: held.number + 1, connection: Some(connection) });
                    let _ = self.held.subscribe().wait_for(|held| held.connection.is_none()).await;
                    told = true;
                    if began.elapsed() >= GOOD {
                        pause = PAUSES.0;
                    }
                }
                Err(error) if !std::mem::replace(&mut told, true) => {
                    tracing::warn!(%error, "redis.unreachable: this node goes on by itself until Redis is there");
                }
                Err(error) => tracing::debug!(%error, "redis.unreachable"),
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// A connection of one's own, which answers: for reads that wait.
    pub(crate) async fn dedicated(&self) -> Result<Connection, RedisError> {
        timeout(PATIENCE, self.connect()).await.unwrap_or_else(|_| Err(timed_out()))
    }

    #[expect(dead_code, reason = "for what members tell each other")]
    /// What is published in these channels, until the connection ends: the channel, and what was said.
    pub(crate) async fn listen(
        &self,
        channels: &[String],
    ) -> Result<impl Stream<Item = (String, Vec<u8>)> + Send + use<>, RedisError> {
        let subscribe = async {
            let mut heard = self.client.get_async_pubsub().await?;
            heard.subscribe(channels).await?;
            Ok(heard)
        };
        let heard = timeout(PATIENCE, subscribe).await.unwrap_or_else(|_| Err(timed_out()))?;
        Ok(heard.into_on_message().map(|said| (said.get_channel_name().to_owned(), said.get_payload_bytes().to_vec())))
    }

    /// Accepting a connection is not answering.
    async fn connect(&self) -> Result<Connection, RedisError> {
        let config = AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(None);
        let connection = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        let mut connection = Connection::One(connection);
        redis::cmd("PING").query_async::<()>(&mut connection).await?;
        Ok(connection)
    }
}

fn timed_out() -> RedisError {
    std::io::Error::from(std::io::ErrorKind::TimedOut).into()
}
