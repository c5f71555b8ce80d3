//! Where all clients are.

use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::time::{Duration, Instant};

use crate::failure::Failure;

const PATIENCE: Duration = Duration::from_secs(120);

/// Which of them are live, and where.
pub struct Clients {
    hosts: Vec<String>,
    places: Mutex<Places>,
    /// Events that they have seen, each once and in order.
    pub delivered: AtomicU64,
}

struct Places {
    /// The node where a client is live.
    nodes: Vec<Option<usize>>,
    /// When the last of them became so.
    last: Instant,
}

impl Clients {
    /// None is live yet. Nodes keep their addresses.
    pub fn new(hosts: Vec<String>, count: usize) -> Self {
        let places = Places { nodes: vec![None; count], last: Instant::now() };
        Self { hosts, places: Mutex::new(places), delivered: AtomicU64::new(0) }
    }

    pub fn nodes(&self) -> usize {
        self.hosts.len()
    }

    pub fn host(&self, node: usize) -> &str {
        &self.hosts[node]
    }

    /// One has what it missed, and hears of what is new.
    pub fn live(&self, number: usize, node: usize, at: Instant) {
        let mut places = self.places();
        places.nodes[number] = Some(node);
        places.last = at;
    }

    /// One has lost its connection.
    pub fn left(&self, number: usize) {
        self.places().nodes[number] = None;
    }

    /// Waits until all are live, and none on the connections that they had to a node that was stopped; gives when the last became
    /// so.
    pub async fn settled(&self, without: Option<usize>) -> Result<Instant, Failure> {
        let settled = async {
            loop {
                {
                    let places = self.places();
                    if places.nodes.iter().all(|node| node.is_some() && (without.is_none() || *node != without)) {
                        return places.last;
                    }
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let late = |_| {
            let live = self.places().nodes.iter().flatten().count();
            Failure::Delivery(format!("{live} of {} clients are live", self.places().nodes.len()))
        };
        tokio::time::timeout(PATIENCE, settled).await.map_err(late)
    }

    fn places(&self) -> std::sync::MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_are_live_when_the_last_one_is_at_another_node() {
        let clients = Clients::new(vec![String::new(); 2], 2);
        let began = Instant::now();
        clients.live(0, 0, began);
        clients.live(1, 1, began + Duration::from_secs(1));
        assert_eq!(clients.settled(None).await.ok(), Some(began + Duration::from_secs(1)));
        clients.left(0);
        let moved = began + Duration::from_secs(2);
        let (last, ()) = tokio::join!(clients.settled(Some(0)), async {
            tokio::task::yield_now().await;
            clients.live(0, 1, moved);
        });
        assert_eq!(last.ok(), Some(moved));
    }
}
