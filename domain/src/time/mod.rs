//! Instants and amounts of time, all integers.

mod amount;
mod civil;
mod timestamp;

pub use amount::{MediaMs, OutOfRange, RatePermille, ServerMs};
pub use timestamp::{InvalidTime, Timestamp};
