//! How a server is spoken to: where it is, who asks, and over what.

use std::fmt;
use std::time::Duration;

use futures::{Stream, StreamExt};
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, ConnectionAddr, ConnectionInfo, IntoConnectionInfo, RedisConnectionInfo, RedisError,
    TlsCertificates, Value,
};
use tokio::time::{sleep, timeout};

/// For a connection, and for the first answer over it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);
/// How often a listener asks whether it still would hear something.
const LISTENERS_ASK: Duration = Duration::from_secs(5);

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) port: u16,
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let brackets = if self.name.contains(':') { ("[", "]") } else { ("", "") };
        write!(f, "{}{}{}:{}", brackets.0, self.name, brackets.1, self.port)
    }
}

impl Host {
    /// As Redis writes it, which puts no brackets around IPv6.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (name, port) = text.rsplit_once(':')?;
        Some(Self { name: name.to_owned(), port: port.parse().ok()? })
    }
}

/// The same for all servers of one kind.
#[derive(Clone)]
pub(crate) struct Way {
    /// Who asks, and for which database.
    pub(crate) who: RedisConnectionInfo,
    pub(crate) tls: Option<TlsCertificates>,
}

impl Way {
    /// # Errors
    /// When the certificates are none.
    pub(crate) fn client(&self, to: &Host) -> Result<Client, RedisError> {
        match &self.tls {
            Some(certificates) => Client::build_with_tls(self.address(to)?, certificates.clone()),
            None => Client::open(self.address(to)?),
        }
    }

    /// # Errors
    /// Never, as the library is now.
    pub(crate) fn address(&self, to: &Host) -> Result<ConnectionInfo, RedisError> {
        let (host, port) = (to.name.clone(), to.port);
        let address = match self.tls {
            Some(_) => ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None },
            None => ConnectionAddr::Tcp(host, port),
        };
        Ok(address.into_connection_info()?.set_redis_settings(self.who.clone()))
    }

    /// A connection that answers within [`PATIENCE`]. What is asked over it may wait for ever.
    pub(crate) async fn connect(&self, to: &Host) -> Result<MultiplexedConnection, RedisError> {
        let client = self.client(to)?;
        let connect = async {
            let config = AsyncConnectionConfig::new().set_connection_timeout(Some(PATIENCE)).set_response_timeout(None);
            let mut connection = client.get_multiplexed_async_connection_with_config(&config).await?;
            // Accepting a connection is not answering.
            redis::cmd("PING").query_async::<()>(&mut connection).await?;
            Ok(connection)
        };
        in_time(connect).await
    }

    /// What is published in these channels, until the server no longer answers.
    pub(crate) async fn listen(
        &self,
        to: &Host,
        channels: &[String],
    ) -> Result<impl Stream<Item = (String, Vec<u8>)> + Send + use<>, RedisError> {
        let client = self.client(to)?;
        let subscribe = async {
            let (mut asks, hears) = client.get_async_pubsub().await?.split();
            asks.subscribe(channels).await?;
            Ok((asks, hears))
        };
        let (mut asks, hears) = in_time(subscribe).await?;
        let silent = async move {
            while in_time(asks.ping::<Value>()).await.is_ok() {
                sleep(LISTENERS_ASK).await;
            }
        };
        let said = hears.map(|said| (said.get_channel_name().to_owned(), said.get_payload_bytes().to_vec()));
        Ok(said.take_until(Box::pin(silent)))
    }
}

/// Within [`PATIENCE`].
pub(crate) async fn in_time<T>(answer: impl Future<Output = Result<T, RedisError>>) -> Result<T, RedisError> {
    timeout(PATIENCE, answer).await.unwrap_or_else(|_| Err(timed_out()))
}

pub(crate) fn timed_out() -> RedisError {
    std::io::Error::new(std::io::ErrorKind::TimedOut, "no answer in time").into()
}
