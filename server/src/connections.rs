//! Open connections of the listener.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connections(Arc<AtomicUsize>);

impl Connections {
    /// How many are open.
    pub(crate) fn open(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// One more, as long as it is held.
    pub(crate) fn enter(&self) -> Connection {
        self.0.fetch_add(1, Ordering::Relaxed);
        Connection(self.clone())
    }
}

/// One that is open.
#[derive(Debug)]
pub(crate) struct Connection(Connections);

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.0.fetch_sub(1, Ordering::Relaxed);
    }
}
