//! Where all clients are.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::failure::Failure;

const PATIENCE: Duration = Duration::from_secs(120);

/// Which of them are live, and where.
pub struct Clients {
    hosts: Vec<String>,
    places: Mutex<Vec<Place>>,
    /// Events that they have seen, each once and in order.
    pub delivered: AtomicU64,
    /// Attempts to subscribe that led to nothing.
    pub failed: AtomicU64,
}

/// The node where a client is live, and since when.
type Place = Option<(usize, Instant)>;

impl Clients {
    /// None is live yet. Nodes keep their addresses.
    pub fn new(hosts: Vec<String>, count: usize) -> Self {
        let places = Mutex::new(vec![None; count]);
        Self { hosts, places, delivered: AtomicU64::new(0), failed: AtomicU64::new(0) }
    }

    pub fn nodes(&self) -> usize {
        self.hosts.len()
    }

    pub fn host(&self, node: usize) -> &str {
        &self.hosts[node]
    }

    /// One has what it missed, and hears of what is new.
    pub fn live(&self, number: usize, node: usize, at: Instant) {
        self.places()[number] = Some((node, at));
    }

    /// One has lost its connection.
    pub fn left(&self, number: usize) {
        self.places()[number] = None;
    }

    /// One could not subscribe, and tries again.
    pub fn fail(&self, failure: &Failure) {
        if self.failed.fetch_add(1, Ordering::Relaxed) == 0 {
            eprintln!("  the first attempt that failed: {failure}");
        }
    }

    /// Waits until all are live, and none on a connection to `node` from before `ordered`, when it was to stop. Gives when the
    /// last became so.
    pub async fn settled(&self, node: usize, ordered: Instant) -> Result<Instant, Failure> {
        let new = |place: &Place| place.filter(|(at, since)| *at != node || *since > ordered).map(|(_, since)| since);
        let settled = async {
            loop {
                let all: Option<Vec<Instant>> = self.places().iter().map(new).collect();
                if let Some(last) = all.and_then(|all| all.into_iter().max()) {
                    return last;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let late = |_| {
            let (live, all) = (self.places().iter().filter_map(new).count(), self.places().len());
            Failure::Delivery(format!("{live} of {all} clients are live"))
        };
        tokio::time::timeout(PATIENCE, settled).await.map_err(late)
    }

    fn places(&self) -> MutexGuard<'_, Vec<Place>> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn all_are_live_when_the_last_one_is_on_a_new_connection() {
        let clients = Clients::new(vec![String::new(); 2], 2);
        let at = |seconds| Instant::now() + Duration::from_secs(seconds);
        let (before, ordered, moved, back) = (at(0), at(10), at(20), at(30));
        clients.live(0, 0, before);
        clients.live(1, 1, before);
        let settled = clients.settled(0, ordered);
        let course = async {
            tokio::task::yield_now().await;
            clients.left(0);
            clients.live(1, 0, back);
            tokio::task::yield_now().await;
            clients.live(0, 1, moved);
        };
        let (last, ()) = tokio::join!(settled, course);
        assert_eq!(last.ok(), Some(back));
    }
}
