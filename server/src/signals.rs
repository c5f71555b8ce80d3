//! SIGTERM and SIGINT.

use std::sync::Arc;

use synctv_grpc::management::Node as _;
use tokio::signal::unix::{SignalKind, signal};

use crate::node::Node;
use crate::serve::ServeError;

/// From now on they ask the node to stop.
pub(crate) fn stop_by_signals(node: &Arc<Node>) -> Result<(), ServeError> {
    let on = |kind| signal(kind).map_err(ServeError::Signals);
    let (mut terminate, mut interrupt) = (on(SignalKind::terminate())?, on(SignalKind::interrupt())?);
    let node = Arc::clone(node);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            node.stop(false);
        }
    });
    Ok(())
}
