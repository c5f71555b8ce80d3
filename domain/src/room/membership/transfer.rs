//! Another owner, in two steps: the owner offers, the other accepts.

use serde::{Deserialize, Serialize};

use crate::actor::ActorId;
use crate::command::{AcceptTransfer, Transfer};
use crate::decide::{Context, Decision};
use crate::events::{Event, Recorded, RoomTransferOffered, RoomTransferred};
use crate::rejection::Rejection;
use crate::room::permission::{Overrides, Permission, allow};
use crate::room::{Member, Role, Room};
use crate::time::Timestamp;

/// The owner would give the room to a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// To whom.
    pub member: ActorId,
    /// Since when.
    pub at: Timestamp,
}

pub(crate) fn offer(room: &Room, fields: &Transfer, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::RoomTransfer)?;
    if let Some(member) = fields.member {
        let target = room.member(member).ok_or(Rejection::MemberNotFound)?;
        if target.role == Role::Owner {
            return Ok(Decision::nothing(decided_by));
        }
    }
    if room.offer.as_ref().map(|offer| offer.member) == fields.member {
        return Ok(Decision::nothing(decided_by));
    }
    Ok(Decision::one(Event::RoomTransferOffered(RoomTransferOffered { member: fields.member }), decided_by))
}

pub(crate) fn accept(room: &Room, fields: &AcceptTransfer, ctx: &Context) -> Result<Decision, Rejection> {
    let offered = room.offer.as_ref().is_some_and(|offer| offer.member == ctx.actor.id);
    let named = fields.member.is_none_or(|member| Some(member) == room.owner);
    let Some(from) = room.owner.filter(|_| offered && named) else { return Err(Rejection::NoTransfer) };
    let event = RoomTransferred { from, to: ctx.actor.id };
    Ok(Decision::one(Event::RoomTransferred(event), "offer"))
}

impl Room {
    pub(in crate::room) fn transfer_offered(&mut self, event: RoomTransferOffered, recorded: &Recorded) {
        self.offer = event.member.map(|member| Offer { member, at: recorded.at });
        self.touch(|versions| &mut versions.members);
    }

    pub(in crate::room) fn transferred(&mut self, event: RoomTransferred, recorded: &Recorded) {
        let rank = |member: &mut Member, role| {
            member.role = role;
            member.role_event = recorded.id;
            member.cap = None;
        };
        if let Some(former) = self.members.get_mut(&event.from) {
            rank(former, Role::Admin);
        }
        if let Some(owner) = self.members.get_mut(&event.to) {
            rank(owner, Role::Owner);
            // An owner has every right, and none of this would be found again under them.
            owner.overrides = Overrides::default();
            owner.override_event = None;
        }
        self.mutes.remove(&event.to);
        self.owner = Some(event.to);
        self.offer = None;
        self.touch(|versions| &mut versions.members);
    }
}
