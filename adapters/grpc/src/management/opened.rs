//! What is open.

use super::node::Node;

/// How much is open at a server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Opened {
    /// Connections of any kind.
    pub(super) connections: i64,
    /// WebSockets.
    pub(super) sockets: i64,
    /// Server-sent events, and streams of gRPC.
    pub(super) streams: i64,
}

impl Opened {
    /// As it is now.
    pub(super) fn of(node: &dyn Node) -> Self {
        let connections = i64::try_from(node.connections()).unwrap_or(i64::MAX);
        let Some(metrics) = node.metrics() else { return Self { connections, ..Self::default() } };
        let sockets = metrics.socket.now();
        let streams = metrics.sse.now() + metrics.grpc.now() + metrics.audit.now();
        // Sockets have left the connections that they began as.
        Self { connections: connections + sockets, sockets, streams }
    }
}
