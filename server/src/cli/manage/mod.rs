//! Verbs that go through a running server.

mod members;
mod reach;
mod status;
mod stop;
mod words;

pub(super) use self::reach::{Reach, local};
pub(super) use self::status::status;
pub(super) use self::stop::{Stop, stop};
