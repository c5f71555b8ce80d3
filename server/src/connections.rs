//! Open connections of a listener.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Enough for operators and what they watch with.
pub(crate) const FEW: u32 = 1000;

/// Counts them, and holds so many at once.
#[derive(Clone, Debug)]
pub(crate) struct Connections {
    open: Arc<AtomicUsize>,
    slots: Arc<Semaphore>,
}

impl Connections {
    /// At most so many.
    pub(crate) fn of(most: u32) -> Self {
        Self { open: Arc::default(), slots: Arc::new(Semaphore::new(most as usize)) }
    }

    /// How many are open.
    pub(crate) fn open(&self) -> usize {
        self.open.load(Ordering::Relaxed)
    }

    /// Waits until there may be one more.
    pub(crate) async fn slot(&self) -> Slot {
        let permit = Arc::clone(&self.slots).acquire_owned().await.expect("nobody closes it");
        Slot { open: Arc::clone(&self.open), permit }
    }
}

/// Room for one that is not there yet.
#[derive(Debug)]
pub(crate) struct Slot {
    open: Arc<AtomicUsize>,
    permit: OwnedSemaphorePermit,
}

impl Slot {
    /// It is there, as long as this is held.
    pub(crate) fn taken(self) -> Connection {
        self.open.fetch_add(1, Ordering::Relaxed);
        Connection { open: self.open, _slot: self.permit }
    }
}

/// One that is open.
#[derive(Debug)]
pub(crate) struct Connection {
    open: Arc<AtomicUsize>,
    _slot: OwnedSemaphorePermit,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }
}
