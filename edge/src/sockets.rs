//! Open sockets: counted, bounded, and waited for when the server stops.

use std::sync::Arc;

use tokio::sync::watch;

/// Sockets held at once.
const MOST: usize = 20_000;

/// Counts them.
#[derive(Clone, Debug, Default)]
pub struct Sockets(Arc<watch::Sender<usize>>);

impl Sockets {
    /// How many are open.
    #[must_use]
    pub fn open(&self) -> usize {
        *self.0.borrow()
    }

    /// Waits until none is open.
    pub async fn gone(&self) {
        // The sender lives as long as this value.
        let _ = self.0.subscribe().wait_for(|open| *open == 0).await;
    }

    /// A place, as long as it is held; none when all are taken.
    #[must_use]
    pub fn enter(&self) -> Option<Place> {
        let free = self.0.send_if_modified(|open| {
            let free = *open < MOST;
            *open += usize::from(free);
            free
        });
        free.then(|| Place(self.clone()))
    }
}

/// Given back when dropped.
#[derive(Debug)]
pub struct Place(Sockets);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.0.send_modify(|open| *open -= 1);
    }
}
