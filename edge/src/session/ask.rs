//! What a client asks of a session.

use serde_json::{Number, Value};
use synctv_commands::{IfMatch, Signal};
use synctv_domain::{Command, CommandId, Expect};

use crate::place::Place;
use crate::problem::Problem;

/// Where a subscription begins.
#[derive(Debug, PartialEq)]
pub enum From {
    /// With the room as it is.
    Snapshot,
    /// With the next event.
    Now,
    /// Behind what the client has.
    At(Place),
}

/// What is asked.
pub enum Ask {
    /// Events, from there on.
    Subscribe(From),
    /// Something of the room.
    Command {
        /// What.
        command: Box<Command>,
        /// Versions that it depends on.
        expect: Expect,
        /// Under which it can be repeated.
        key: Option<CommandId>,
        /// The version of the room that it depends on.
        if_match: Option<IfMatch>,
    },
    /// The time.
    Clock {
        /// The client's own.
        t0: Number,
    },
    /// To tell the others.
    Tell(Signal),
    /// To stay longer.
    Auth {
        /// An access token.
        token: String,
    },
}

/// An ask with the id that its answer carries; the id is known even if the rest is wrong.
pub struct Asked {
    /// A number, a short text, or null.
    pub id: Value,
    /// What is asked, or what is wrong with it.
    pub ask: Result<Ask, Problem>,
}
