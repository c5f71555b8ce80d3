//! Instants and amounts of time, all integers.

mod amount;
mod civil;
mod timestamp;

pub use amount::{InviteUses, MediaMs, OutOfRange, RatePermille, RoomSize, ServerMs};
pub use timestamp::{InvalidTime, Timestamp};
