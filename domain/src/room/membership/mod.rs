//! Who is in a room: getting in and out, ranks, sanctions.

mod expiry;
mod invite;
mod join;
mod knock;
mod member;
mod mute;
mod rank;
mod remove;
mod transfer;

pub(in crate::room) use expiry::in_future;

use crate::personal::Personal;
use crate::text::Reason;

pub use invite::Invite;
pub(crate) use invite::{create as create_invite, revoke as revoke_invite};
pub(crate) use join::{join, leave};
pub use knock::Knock;
pub(crate) use knock::{approve, reject};
pub(crate) use member::Former;
pub use member::Member;
pub use mute::Mute;
pub(crate) use mute::{mute, unmute};
pub(crate) use rank::{override_permissions, set_role};
pub use remove::Ban;
pub(crate) use remove::{Cooldown, ban, expel_guests, kick, unban};
pub use transfer::Offer;
pub(crate) use transfer::{accept as accept_transfer, offer as offer_transfer};

/// What is said about somebody, as it goes into an event.
fn about(reason: Option<&Reason>) -> Option<Personal> {
    reason.map(|reason| Personal::Clear(reason.to_string()))
}
