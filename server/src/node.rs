//! This server between its start and its end: what it is doing, and the switch that stops it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use synctv_domain::Timestamp;
use synctv_edge::{Build, Metrics, Sockets};
use synctv_grpc::management::{self, Life, Phase, Running};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::connections::Connections;
use crate::wiring::App;

/// What is running.
pub(crate) const BUILD: Build = Build { name: "synctv", version: env!("CARGO_PKG_VERSION") };

pub(crate) struct Node {
    began: Instant,
    life: watch::Sender<Life>,
    running: Mutex<Option<Running>>,
    counted: OnceLock<(Arc<Metrics>, Sockets)>,
    connections: Connections,
    grace: Duration,
}

impl Node {
    /// One that starts now, holds `connections` at most, and whose stop takes at most `grace`.
    pub(crate) fn new(connections: u32, grace: Duration) -> Self {
        Self {
            began: Instant::now(),
            life: watch::Sender::default(),
            running: Mutex::default(),
            counted: OnceLock::new(),
            connections: Connections::of(connections),
            grace,
        }
    }

    /// Those of its listener.
    pub(crate) fn connections(&self) -> &Connections {
        &self.connections
    }

    /// Its parts are together.
    pub(crate) fn serves(&self, app: &App, address: SocketAddr) {
        let up = i64::try_from(self.began.elapsed().as_micros()).unwrap_or(i64::MAX);
        let started_at = Timestamp(app.edge.clock.now().0.saturating_mul(1000).saturating_sub(up));
        let (edge, cluster) = (Arc::clone(&app.edge), app.cluster.clone());
        let running = Running { edge, node_id: app.node.clone(), address, started_at, cluster };
        // Outlives the parts: what is open is counted until all is closed.
        let _ = self.counted.set((Arc::clone(&app.edge.metrics), app.edge.sockets.clone()));
        self.hold(Some(running));
        self.reach(Phase::Serving);
    }

    /// Nobody is served any more; the parts are let go.
    pub(crate) fn closes(&self) {
        self.hold(None);
        self.reach(Phase::Closing);
    }

    /// Nothing is left to do.
    pub(crate) fn ends(&self) {
        self.reach(Phase::Stopped);
    }

    /// Waits until it was asked to stop.
    pub(crate) async fn asked(&self) {
        self.asked_more_than(0).await;
    }

    /// Waits until it was asked to stop at once.
    pub(crate) async fn asked_again(&self) {
        self.asked_more_than(1).await;
    }

    /// Waits until it is asked once more than now.
    pub(crate) async fn asked_anew(&self) {
        let times = self.life.borrow().asked;
        self.asked_more_than(times).await;
    }

    async fn asked_more_than(&self, times: u32) {
        // The sender lives as long as this value.
        let _ = self.life.subscribe().wait_for(|life| life.asked > times).await;
    }

    fn hold(&self, running: Option<Running>) {
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = running;
    }

    /// A phase is never gone back to.
    fn reach(&self, phase: Phase) {
        self.life.send_modify(|life| life.phase = life.phase.max(phase));
    }
}

impl management::Node for Node {
    fn build(&self) -> Build {
        BUILD
    }

    fn uptime(&self) -> Duration {
        self.began.elapsed()
    }

    fn life(&self) -> watch::Receiver<Life> {
        self.life.subscribe()
    }

    fn running(&self) -> Option<Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn connections(&self) -> usize {
        self.connections.open()
    }

    fn counted(&self) -> Option<(Arc<Metrics>, Sockets)> {
        self.counted.get().cloned()
    }

    fn grace(&self) -> Duration {
        self.grace
    }

    fn stop(&self, now: bool) {
        self.life.send_modify(|life| {
            life.asked = life.asked.saturating_add(1).max(if now { 2 } else { 1 });
            life.since.get_or_insert_with(Instant::now);
            life.phase = life.phase.max(Phase::Draining);
        });
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use synctv_grpc::management::Node as _;

    use super::*;

    #[tokio::test]
    async fn who_asks_twice_or_for_now_means_at_once() {
        let node = Node::new(1, Duration::ZERO);
        assert!(node.asked().now_or_never().is_none());
        node.stop(false);
        assert!(node.asked().now_or_never().is_some() && node.asked_again().now_or_never().is_none());
        node.stop(false);
        assert!(node.asked_again().now_or_never().is_some() && node.asked_anew().now_or_never().is_none());
        let node = Node::new(1, Duration::ZERO);
        node.stop(true);
        assert!(node.asked_again().now_or_never().is_some());
    }

    #[test]
    fn a_phase_is_never_gone_back_to() {
        let node = Node::new(1, Duration::ZERO);
        let phase = || node.life().borrow().phase;
        assert_eq!(phase(), Phase::Starting);
        node.stop(false);
        assert_eq!(phase(), Phase::Draining);
        node.reach(Phase::Serving);
        assert_eq!(phase(), Phase::Draining);
        node.ends();
        node.closes();
        node.stop(false);
        assert_eq!(phase(), Phase::Stopped);
    }
}
