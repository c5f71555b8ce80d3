//! The connection to Redis: kept, given up at the first fault, and made again.

use std::time::Duration;

use futures::Stream;
use redis::{ErrorKind, RedisError, ServerErrorKind};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::connection::Connection;
use crate::kind::Kind;
use crate::tls::explain;

/// Before the next attempt: from here, doubled each time, to there.
const PAUSES: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(2));
/// A connection that lasted so long was a good one.
const GOOD: Duration = Duration::from_secs(10);
/// How often a connection is looked at, whether or not anybody uses it.
const LOOKS: Duration = Duration::from_secs(5);

/// One connection for all, as long as it answers.
pub(crate) struct Link {
    kind: Kind,
    held: watch::Sender<Held>,
}

#[derive(Clone, Default)]
struct Held {
    /// Grows with every connection.
    number: u64,
    connection: Option<Connection>,
}

impl Link {
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, held: watch::Sender::default() }
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

    /// Whether this connection is to a server that sentinels no longer name; it may answer for long.
    pub(crate) fn is_elsewhere(&self, connection: &Connection) -> bool {
        let held = self.held.borrow();
        let now = held.connection.as_ref().and_then(Connection::server);
        now.is_some_and(|now| connection.server().is_some_and(|server| server != now))
    }

    /// A command failed. A server that refuses one answers all others: the connection is given up only for its own faults, or
    /// when that server is not the one to ask any more.
    pub(crate) fn failed(&self, number: u64, error: &RedisError) {
        use ServerErrorKind::{CrossSlot, ExecAbort, NoPerm, NoScript, NoSub, NotBusy, ResponseError, TryAgain};
        match error.kind() {
            ErrorKind::Extension
            | ErrorKind::UnexpectedReturnType
            | ErrorKind::Server(
                ResponseError | ExecAbort | NoScript | TryAgain | CrossSlot | NotBusy | NoSub | NoPerm,
            ) => tracing::debug!(%error, "redis.refused"),
            _ => self.lose(number, &error.to_string()),
        }
    }

    /// Makes a connection whenever there is none. Runs until dropped.
    pub(crate) async fn keep(&self) {
        let (mut pause, mut told) = (PAUSES.0, false);
        loop {
            match self.kind.connect().await {
                Ok(connection) => {
                    tracing::info!(at = %self.kind, "redis.connected");
                    let began = Instant::now();
                    self.hold(connection).await;
                    told = true;
                    if began.elapsed() >= GOOD {
                        pause = PAUSES.0;
                    }
                }
                Err(error) => {
                    let (at, error) = (&self.kind, explain(&error, self.kind.is_tls()));
                    if std::mem::replace(&mut told, true) {
                        tracing::debug!(%at, error, "redis.unreachable");
                    } else {
                        tracing::warn!(%at, error, "redis.unreachable: this node goes on by itself until Redis is there");
                    }
                }
            }
            sleep(pause).await;
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    /// Until it is lost.
    async fn hold(&self, connection: Connection) {
        let mut number = 0;
        self.held.send_modify(|held| {
            number = held.number + 1;
            *held = Held { number, connection: Some(connection.clone()) };
        });
        let mut held = self.held.subscribe();
        let fault = async {
            loop {
                sleep(LOOKS).await;
                if let Err(error) = self.kind.check(connection.clone()).await {
                    break error;
                }
            }
        };
        tokio::select! {
            _ = held.wait_for(|held| held.connection.is_none()) => {}
            error = fault => self.lose(number, &error.to_string()),
        }
    }

    /// Whether keys are at several servers.
    pub(crate) fn is_cluster(&self) -> bool {
        matches!(self.kind, Kind::Cluster(_))
    }

    /// A connection of one's own, which answers: for reads that wait. In a cluster it is for one key at a time.
    pub(crate) async fn dedicated(&self) -> Result<Connection, RedisError> {
        self.kind.dedicated().await
    }

    /// What is published in these channels, until nothing can be heard any more: the channel, and what was said.
    pub(crate) async fn listen(
        &self,
        channels: &[String],
    ) -> Result<impl Stream<Item = (String, Vec<u8>)> + Send + use<>, RedisError> {
        self.kind.listen(channels).await
    }
}
