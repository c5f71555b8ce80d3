//! From the log to the sockets: the real server in a process of its own, its readers in this one.

mod idle;
mod latency;
mod peer;
mod people;
mod process;
mod rate;
mod recovery;
mod sleepers;
mod storm;

pub use idle::idle;
pub use latency::{PAUSE, age_ms, bare_broadcast, collect, latency};
pub use peer::serve as serve_peer;
pub use people::{Guest, Socket};
pub use process::{Process, Settings, beside};
pub use rate::{ours, peers};
pub use recovery::recovery;
pub use sleepers::sleepers;
pub use storm::storm;

/// Readers of a room, where time is measured, and where deliveries are counted: there what a command costs by itself is
/// shared by many.
pub const READERS: usize = 100;
const AUDIENCE: usize = 400;
