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
        let Some((metrics, held)) = node.counted() else { return Self { connections, ..Self::default() } };
        let streams = metrics.sse.now() + metrics.grpc.now() + metrics.audit.now();
        // A place is held until the last word has arrived, by sockets and by streams of rooms over gRPC.
        let held = i64::try_from(held.open()).unwrap_or(i64::MAX);
        let sockets = held.saturating_sub(metrics.grpc.now()).max(metrics.socket.now());
        // Sockets have left the connections that they began as.
        Self { connections: connections + sockets, sockets, streams }
    }
}
