//! Delivery to the subscribers of this node: of durable events, and of what members tell each other in passing, here and at
//! other nodes.
//!
//! A connection is a cursor, not a queue: it reads the room's ring of encoded frames, and the log for what has
//! left the ring, so that no durable event is dropped for a slow reader.

use std::sync::{Mutex, MutexGuard, PoisonError};

#[cfg(test)]
mod arrival_law;
mod attendance;
mod cursor;
mod follow;
mod frame;
mod gathering;
mod hub;
mod member;
#[cfg(test)]
mod memory;
mod metrics;
mod pages;
mod reach;
#[cfg(test)]
mod resume_law;
mod ring;
mod room_hub;
mod talk;

pub use attendance::Gatherings;
pub use follow::follow;
pub use hub::{Hub, Sizes};
pub use metrics::Metrics;

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
