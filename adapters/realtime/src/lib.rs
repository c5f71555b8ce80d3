//! Delivery of durable events to the subscribers of this node.
//!
//! A connection is a cursor, not a queue: it reads the room's ring of encoded frames, and the log for what has
//! left the ring, so that no durable event is dropped for a slow reader.

mod cursor;
mod follow;
mod frame;
mod hub;
mod ring;

pub use follow::follow;
pub use hub::Hub;
