//! What commands go over.

use redis::aio::{ConnectionLike, MultiplexedConnection};
use redis::cluster_async::ClusterConnection;
use redis::{Cmd, Pipeline, RedisFuture, Value};

use crate::wanderer::Wanderer;
use crate::way::Host;

/// A connection that many use at once, unless it is somebody's own.
#[derive(Clone)]
pub(crate) enum Connection {
    /// To one server.
    Server(Host, MultiplexedConnection),
    /// To all masters of a cluster.
    Cluster(ClusterConnection),
    /// To one node of a cluster after the other: somebody's own.
    Wanderer(Wanderer),
}

impl Connection {
    fn inner(&mut self) -> &mut (dyn ConnectionLike + Send) {
        match self {
            Self::Server(_, connection) => connection,
            Self::Cluster(connection) => connection,
            Self::Wanderer(connection) => connection,
        }
    }
}

impl ConnectionLike for Connection {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        self.inner().req_packed_command(command)
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        self.inner().req_packed_commands(pipeline, offset, count)
    }

    fn get_db(&self) -> i64 {
        match self {
            Self::Server(_, connection) => connection.get_db(),
            Self::Cluster(_) | Self::Wanderer(_) => 0,
        }
    }
}
