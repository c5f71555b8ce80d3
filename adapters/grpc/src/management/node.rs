//! A server, as its management sees it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use synctv_domain::Timestamp;
use synctv_edge::{Build, Edge, Metrics, Sockets};
use tokio::sync::watch;
use tokio::time::Instant;

use super::state::Phase;
use crate::cluster::Cluster;

/// Where a server is between its start and its end.
#[derive(Clone, Copy, Debug, Default)]
pub struct Life {
    /// What it is doing.
    pub phase: Phase,
    /// How often it was asked to stop: once, it drains; more often, it stops at once.
    pub asked: u32,
    /// When it was asked first.
    pub since: Option<Instant>,
}

/// What a server has while it serves.
#[derive(Clone)]
pub struct Running {
    /// What every way in shares.
    pub edge: Arc<Edge>,
    /// Its name among the nodes of one log.
    pub node_id: String,
    /// Where it serves.
    pub address: SocketAddr,
    /// By PostgreSQL's clock.
    pub started_at: Timestamp,
    /// The other nodes, if it speaks to any.
    pub cluster: Option<Arc<Cluster>>,
}

/// A server that can be looked at and stopped.
pub trait Node: Send + Sync + 'static {
    /// What is running.
    fn build(&self) -> Build;
    /// For how long.
    fn uptime(&self) -> Duration;
    /// Where it is between its start and its end.
    fn life(&self) -> watch::Receiver<Life>;
    /// What it has while it serves; none before and after.
    fn running(&self) -> Option<Running>;
    /// Open connections, but for sockets.
    fn connections(&self) -> usize;
    /// What is counted, once it has served.
    fn counted(&self) -> Option<(Arc<Metrics>, Sockets)>;
    /// How long a drain takes at most.
    fn grace(&self) -> Duration;
    /// Asks it to stop, as a signal does; `now`: at once, as a second one does.
    fn stop(&self, now: bool);
}
