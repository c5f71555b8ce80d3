//! What commands go over.

use std::sync::Arc;

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, Pipeline, RedisError, RedisFuture, Value};

use crate::cluster::Cluster;
use crate::wanderer::Wanderer;
use crate::way::Host;

/// A connection that many use at once, unless it is somebody's own. Pipelines are for one key each, and no transactions.
#[derive(Clone)]
pub(crate) enum Connection {
    /// To one server.
    Server(Host, MultiplexedConnection),
    /// To all masters of a cluster.
    Cluster(ClusterConnection, Arc<Cluster>),
    /// To one node of a cluster after the other: somebody's own.
    Wanderer(Wanderer),
}

impl Connection {
    /// The only server that it is to, if there is only one.
    pub(crate) fn server(&self) -> Option<&Host> {
        match self {
            Self::Server(host, _) => Some(host),
            Self::Cluster(..) | Self::Wanderer(_) => None,
        }
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        match self {
            Self::Server(_, connection) => connection.req_packed_command(command),
            Self::Wanderer(connection) => connection.req_packed_command(command),
            Self::Cluster(connection, cluster) => Box::pin(async move {
                match connection.req_packed_command(command).await {
                    Err(error) if is_on_its_way(&error) => cluster.dedicated().await?.req_packed_command(command).await,
                    answer => answer,
                }
            }),
        }
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        match self {
            Self::Server(_, connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Wanderer(connection) => connection.req_packed_commands(pipeline, offset, count),
            Self::Cluster(connection, cluster) => Box::pin(async move {
                match connection.req_packed_commands(pipeline, offset, count).await {
                    Err(error) if is_on_its_way(&error) => {
                        cluster.dedicated().await?.req_packed_commands(pipeline, offset, count).await
                    }
                    answers => answers,
                }
            }),
        }
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Server(_, connection) => connection.get_db(),
            Self::Cluster(..) | Self::Wanderer(_) => 0,
        }
    }
}

/// The key is on its way between two nodes. To ask for it there takes a word before each command, which the library says
/// once for a pipeline, and over a connection in which others may put a word in.
fn is_on_its_way(error: &RedisError) -> bool {
    error.redirect_node().is_some()
}
