//! Why a command was refused.

use std::fmt;

use crate::actor::ActorId;
use crate::ids::ItemId;
use crate::order::Seq;
use crate::room::JoinRule;
use crate::room::permission::Trace;
use crate::time::Timestamp;

/// A refusal; it changes nothing and is not recorded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No such room.
    #[error("there is no such room")]
    RoomNotFound,
    /// The actor is not a member.
    #[error("you are not a member of this room")]
    NotAMember,
    /// The actor lacks a right.
    #[error("{permission} is denied by {decided_by}")]
    Forbidden {
        /// The right, for example `playback.control`.
        permission: &'static str,
        /// The rule that denied it.
        decided_by: String,
        /// Every layer that was asked.
        trace: Trace,
    },
    /// The room is closed.
    #[error("the room is closed")]
    RoomClosed,
    /// The room exists already.
    #[error("the room exists already")]
    RoomExists,
    /// Another item is current than the actor believed.
    #[error("another item is current")]
    StaleItem {
        /// The current item.
        current: Option<ItemId>,
    },
    /// A concern has changed since the version the command was based on.
    #[error("{concern} is at version {current}, not {expected}")]
    StaleVersion {
        /// `settings`, `members`, `playlist` or `playback`.
        concern: &'static str,
        /// What the command was based on.
        expected: Seq,
        /// What it is.
        current: Seq,
    },
    /// The same, to somebody who may not see the room.
    #[error("the room is at another version")]
    Outdated,
    /// No such item in the playlist.
    #[error("there is no such item in the playlist")]
    ItemNotFound,
    /// No such member.
    #[error("there is no such member")]
    MemberNotFound,
    /// No such message, or one too old to be changed.
    #[error("there is no such message, or it is too old")]
    MessageNotFound,
    /// There is no item to play.
    #[error("there is nothing to play")]
    NothingToPlay,
    /// No ready check is under way.
    #[error("no ready check is under way")]
    NoReadyCheck,
    /// The deadline is over already, or too far away.
    #[error("a ready check ends within ten minutes")]
    InvalidDeadline,
    /// A cap is reached.
    #[error("there are {max} {what} already")]
    LimitReached {
        /// What is capped.
        what: &'static str,
        /// The cap.
        max: usize,
    },
    /// The owner cannot leave.
    #[error("the owner cannot leave the room")]
    OwnerCannotLeave,
    /// The room's join rule does not let the actor in.
    #[error("the join rule {rule} does not let you in")]
    JoinRefused {
        /// The rule.
        rule: JoinRule,
    },
    /// The actor is banned.
    #[error("you are banned from this room")]
    Banned {
        /// Until then; None: for good.
        expires_at: Option<Timestamp>,
    },
    /// The actor was removed or rejected a moment ago.
    #[error("you were sent away, and can try again at {expires_at}")]
    Cooldown {
        /// Until then.
        expires_at: Timestamp,
    },
    /// The password is another one.
    #[error("this is not the password")]
    WrongPassword,
    /// The password was changed while it was checked.
    #[error("the password was changed at the same time")]
    PasswordMoved,
    /// A room that asks for a password needs one.
    #[error("the join rule password needs a password, and goes with no other rule")]
    PasswordRequired,
    /// The invite cannot be used.
    #[error("the invite {fault}")]
    InvalidInvite {
        /// Why.
        fault: InviteFault,
    },
    /// No such invite.
    #[error("there is no such invite")]
    InviteNotFound,
    /// No such key, or one that is over.
    #[error("there is no such key")]
    LiveKeyNotFound,
    /// Somebody publishes already.
    #[error("{by} is live already")]
    AlreadyLive {
        /// Who.
        by: ActorId,
    },
    /// Nobody of that name waits at the door.
    #[error("nobody with this id is waiting to be let in")]
    KnockNotFound,
    /// The room was not offered to the actor.
    #[error("the room was not offered to you")]
    NoTransfer,
    /// An end in the past, or too far away.
    #[error("expires_at has to be within {within}")]
    InvalidExpiry {
        /// Where it would have to be.
        within: &'static str,
    },
    /// The command must name what it was based on.
    #[error("the command must name the version it is based on")]
    PreconditionRequired,
    /// A joiner needs a display name.
    #[error("a display name is required")]
    DisplayNameRequired,
}

/// Why an invite cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InviteFault {
    /// The token is none of this room's.
    Unknown,
    /// It was revoked, or is long over.
    Gone,
    /// Its time is over.
    Expired,
    /// It was used as often as it could be.
    UsedUp,
    /// Whoever made it may not give that any more.
    Void,
}

impl fmt::Display for InviteFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "is not for this room",
            Self::Gone => "was revoked, used up or has expired",
            Self::Expired => "has expired",
            Self::UsedUp => "is used up",
            Self::Void => "is void: whoever made it may not give that any more",
        })
    }
}

impl Rejection {
    /// The stable code of the refusal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::RoomNotFound => "room_not_found",
            Self::NotAMember => "not_a_member",
            Self::Forbidden { .. } => "forbidden",
            Self::RoomClosed => "room_closed",
            Self::RoomExists => "room_exists",
            Self::StaleItem { .. } => "stale_item",
            Self::StaleVersion { .. } | Self::Outdated => "stale_version",
            Self::ItemNotFound => "item_not_found",
            Self::MemberNotFound => "member_not_found",
            Self::MessageNotFound => "message_not_found",
            Self::NothingToPlay => "nothing_to_play",
            Self::NoReadyCheck => "no_ready_check",
            Self::InvalidDeadline => "invalid_deadline",
            Self::LimitReached { .. } => "limit_reached",
            Self::OwnerCannotLeave => "owner_cannot_leave",
            Self::JoinRefused { .. } => "join_refused",
            Self::Banned { .. } => "banned",
            Self::Cooldown { .. } => "cooldown",
            Self::WrongPassword => "wrong_password",
            Self::PasswordMoved => "password_changed",
            Self::PasswordRequired => "password_required",
            Self::InvalidInvite { .. } => "invalid_invite",
            Self::InviteNotFound => "invite_not_found",
            Self::LiveKeyNotFound => "live_key_not_found",
            Self::AlreadyLive { .. } => "already_live",
            Self::KnockNotFound => "knock_not_found",
            Self::NoTransfer => "no_transfer",
            Self::InvalidExpiry { .. } => "invalid_expiry",
            Self::PreconditionRequired => "precondition_required",
            Self::DisplayNameRequired => "display_name_required",
        }
    }
}
