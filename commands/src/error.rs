//! What can go wrong, one enum per boundary.

use std::sync::Arc;
use std::time::Duration;

use synctv_domain::{ActorId, CommandId, Rejection, Room};

use crate::append::Epoch;

/// Of the log.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LogError {
    /// Nothing was stored; trying again later may help.
    #[error("the log is unavailable: {0}")]
    Unavailable(String),
    /// The database cannot take what these events hold; nothing was stored.
    #[error("the log refused the content: {0}")]
    Content(String),
    /// The database holds an older log than this node has seen.
    #[error("the log was rewound; it is refused until `synctv log restored`")]
    Rewound,
    /// The room was folded from another incarnation of the log.
    #[error("the log has a new epoch")]
    EpochChanged,
    /// Somebody whose key was destroyed cannot appear in new events.
    #[error("{0} was erased")]
    Erased(ActorId),
    /// A row that this version cannot read.
    #[error("the log holds an unreadable row: {0}")]
    Corrupt(String),
}

/// Of a command.
#[derive(Clone, Debug, thiserror::Error)]
pub enum CommandError {
    /// The domain refused it.
    #[error(transparent)]
    Rejected(#[from] Rejection),
    /// It named a version that is not the current one.
    #[error("{rejection}")]
    Stale {
        /// Which expectation failed.
        rejection: Rejection,
        /// The incarnation of `room`.
        epoch: Epoch,
        /// The current room, when the caller may see it.
        room: Option<Arc<Room>>,
    },
    /// `If-Match` named another version of the room.
    #[error("the room is not at the version named by If-Match")]
    PreconditionFailed {
        /// The incarnation of `room`.
        epoch: Epoch,
        /// The current room, when the caller may see it.
        room: Option<Arc<Room>>,
    },
    /// The id was used for another command.
    #[error("this idempotency key was used with another command")]
    Mismatch,
    /// The actor steers more often than the room takes from one member.
    #[error("more than a member may do at once; try again in {} ms", .0.as_nanos().div_ceil(1_000_000))]
    TooOften(Duration),
    /// More passwords than somebody may try or set, or than may be tried for a room.
    #[error("too many passwords were tried; the next one is taken in {} s", wait.as_secs().max(1))]
    TooManyPasswords {
        /// Which limit.
        limit: &'static str,
        /// Until one more.
        wait: Duration,
    },
    /// It was not taken up before its deadline; nothing was stored.
    #[error("the command was not taken up before its deadline; nothing was stored")]
    DeadlineExceeded,
    /// It was on its way to the log when the deadline passed.
    #[error("the outcome of {0} is not known yet; repeat it under the same idempotency key")]
    OutcomeUnknown(CommandId),
    /// The log could not take it; nothing was stored.
    #[error(transparent)]
    Log(#[from] LogError),
}

/// Of a read.
#[derive(Clone, Debug, thiserror::Error)]
pub enum ReadError {
    /// No such room.
    #[error("there is no such room")]
    RoomNotFound,
    /// The reader is not a member.
    #[error("only members may read this room")]
    NotAMember,
    /// The room never had that version.
    #[error("the room has no such version")]
    NoSuchVersion,
    /// The log could not be read.
    #[error(transparent)]
    Log(#[from] LogError),
}
