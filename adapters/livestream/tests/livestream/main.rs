//! The laws of live streams, without a network.

mod clock;
mod hub;
