//! What is connected to: a server, a cluster, or the server that sentinels call master.

use std::fmt;
use std::sync::Arc;

use futures::stream::BoxStream;
use futures::{StreamExt, TryFutureExt};
use redis::{ErrorKind, RedisError};

use crate::cluster::Cluster;
use crate::connection::Connection;
use crate::sentinels::Sentinels;
use crate::way::{Host, Way, in_time};

/// One of the kinds.
pub(crate) enum Kind {
    Server(Way, Host),
    Cluster(Arc<Cluster>),
    Sentinels(Sentinels),
}

impl Kind {
    /// For all.
    pub(crate) async fn connect(&self) -> Result<Connection, RedisError> {
        match self {
            Self::Cluster(cluster) => Ok(Connection::Cluster(cluster.connect().await?, Arc::clone(cluster))),
            _ => self.dedicated().await,
        }
    }

    /// For one.
    pub(crate) async fn dedicated(&self) -> Result<Connection, RedisError> {
        match self {
            Self::Server(way, host) => {
                way.connect(host).await.map(|connection| Connection::Server(host.clone(), connection))
            }
            Self::Cluster(cluster) => cluster.dedicated().await.map(Connection::Wanderer),
            Self::Sentinels(sentinels) => {
                sentinels.connect().await.map(|(master, connection)| Connection::Server(master, connection))
            }
        }
    }

    /// Whether this connection is still one to have.
    pub(crate) async fn check(&self, connection: Connection) -> Result<(), RedisError> {
        match (self, connection) {
            (Self::Sentinels(sentinels), Connection::Server(master, it)) => sentinels.check(&master, it).await,
            (Self::Cluster(cluster), Connection::Cluster(it, _)) => cluster.check(it).await,
            (_, mut connection) => in_time(redis::cmd("PING").query_async(&mut connection)).await,
        }
    }

    /// What is published in these channels: each node of a cluster hears it all.
    pub(crate) async fn listen(
        &self,
        channels: &[String],
    ) -> Result<BoxStream<'static, (String, Vec<u8>)>, RedisError> {
        match self {
            Self::Server(way, host) => Ok(way.listen(host, channels).await?.boxed()),
            Self::Sentinels(sentinels) => {
                let (master, _) = sentinels.connect().await?;
                Ok(sentinels.way.listen(&master, channels).await?.boxed())
            }
            Self::Cluster(cluster) => {
                for node in cluster.nodes() {
                    let heard = cluster.way.listen(&node, channels);
                    if let Ok(heard) = heard.inspect_err(|error| tracing::debug!(%error, %node, "redis.deaf")).await {
                        return Ok(heard.boxed());
                    }
                }
                Err((ErrorKind::ClusterConnectionNotFound, "no node of the cluster can be listened to").into())
            }
        }
    }

    /// Whether the port is expected to speak TLS.
    pub(crate) fn is_tls(&self) -> bool {
        match self {
            Self::Server(way, _) | Self::Sentinels(Sentinels { way, .. }) => way.tls.is_some(),
            Self::Cluster(cluster) => cluster.way.tls.is_some(),
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, hosts) = match self {
            Self::Server(_, host) => ("", std::slice::from_ref(host)),
            Self::Cluster(cluster) => ("cluster ", cluster.seeds()),
            Self::Sentinels(sentinels) => ("sentinels ", &*sentinels.sentinels),
        };
        let hosts: Vec<_> = hosts.iter().map(ToString::to_string).collect();
        write!(f, "{what}{}", hosts.join(","))
    }
}
