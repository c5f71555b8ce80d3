//! A connection of a member to a room: it hears, delivers, answers after the events of an answer, and ends with a code that
//! tells whether to come back. What it speaks is the affair of its [`Link`].

mod ask;
mod end;
mod flow;
mod following;
mod link;
mod obey;
mod read;
mod replies;
#[expect(clippy::module_inception, reason = "the one thing that it holds")]
mod session;

use std::time::Duration;

pub use ask::{Ask, Asked, From};
pub use end::End;
pub use following::{HEARTBEAT, JUDGE, is_replay};
pub use link::{Heard, Link, Told};
pub use read::read;
pub use session::{Opening, Over};

/// Limits of patience.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    /// A reader takes nothing: it is told to come back.
    pub stall: Duration,
    /// For a last word to arrive.
    pub linger: Duration,
    /// Nothing is heard, not even the answer to a ping.
    pub silence: Duration,
    /// Between two heartbeats.
    pub beat: Duration,
}

/// Those of every session.
pub const PATIENCE: Patience = Patience {
    stall: Duration::from_secs(15),
    linger: Duration::from_secs(60),
    silence: Duration::from_secs(45),
    beat: Duration::from_secs(20),
};
