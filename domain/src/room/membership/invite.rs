//! Invites: who holds one gets in, as often and as long as it says, and as what.

use serde::{Deserialize, Serialize};

use super::expiry::in_future;
use crate::actor::ActorId;
use crate::command::{CreateInvite, RevokeInvite};
use crate::decide::{Context, Decision};
use crate::events::{Event, InviteCreated, InviteRevoked, Recorded};
use crate::ids::InviteId;
use crate::rejection::{InviteFault, Rejection};
use crate::room::permission::{Permission, Place, allow, outranks, passes_on};
use crate::room::{Role, Room};
use crate::time::{InviteUses, Timestamp};

/// How long an invite is good unless it says otherwise, in ms.
const LIFE_MS: i64 = 7 * 24 * 3_600_000;

/// An invite that may still be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// Who made it. It is worth what they may still give.
    pub by: ActorId,
    /// What its users become; None: what every joiner does.
    pub role: Option<Role>,
    /// How often it can be used; None: any number of times.
    pub max_uses: Option<InviteUses>,
    /// How often it was.
    pub uses: i64,
    /// When it was made.
    pub at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl Invite {
    pub(super) fn is_used_up(&self) -> bool {
        self.max_uses.is_some_and(|max| self.uses >= max.get())
    }
}

pub(crate) fn create(room: &Room, fields: &CreateInvite, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::MembersInvite)?;
    let role = fields.role.filter(|role| *role != room.default_role.into());
    grantable(room, role, ctx)?;
    let good = || room.invites.values().filter(|invite| invite.expires_at > ctx.now.timestamp());
    if good().filter(|invite| invite.by == ctx.actor.id).count() >= Room::MAX_OWN_INVITES {
        return Err(Rejection::LimitReached { what: "invites of yours", max: Room::MAX_OWN_INVITES });
    }
    if good().count() >= Room::MAX_INVITES {
        return Err(Rejection::LimitReached { what: "invites", max: Room::MAX_INVITES });
    }
    let event = InviteCreated {
        invite_id: InviteId::new(ctx.fresh),
        role: fields.role,
        max_uses: fields.max_uses,
        expires_at: in_future(fields.expires_at, ctx.now)?.unwrap_or(ctx.now.plus(LIFE_MS).timestamp()),
    };
    Ok(Decision::one(Event::InviteCreated(event), decided_by))
}

/// A role other than the one that everybody gets is given as if by hand: below one's own, with no right that one lacks.
fn grantable(room: &Room, role: Option<Role>, ctx: &Context) -> Result<(), Rejection> {
    let Some(role) = role else { return Ok(()) };
    outranks(room, ctx, Permission::MembersInvite, role)?;
    let standing = room.standing(ctx.actor.id, ctx.now);
    passes_on(room, ctx, standing.at(Place::of(room.default_role.into())), standing.at(Place::of(role)))
}

pub(crate) fn revoke(room: &Room, fields: RevokeInvite, ctx: &Context) -> Result<Decision, Rejection> {
    let invite = room.invites.get(&fields.invite_id);
    let own = invite.is_some_and(|invite| invite.by == ctx.actor.id);
    let decided_by = if own { "own".to_owned() } else { allow(room, ctx, Permission::MembersReview)? };
    if invite.is_none() {
        return Err(Rejection::InviteNotFound);
    }
    Ok(Decision::one(Event::InviteRevoked(InviteRevoked { invite_id: fields.invite_id }), decided_by))
}

/// The invite that the joiner showed, and the role that comes with it.
pub(super) fn usable(room: &Room, ctx: &Context) -> Result<(InviteId, Role), Rejection> {
    let refused = |fault| Rejection::InvalidInvite { fault };
    let id = ctx.proof.invite.ok_or(refused(InviteFault::Unknown))?;
    let invite = room.invites.get(&id).ok_or(refused(InviteFault::Gone))?;
    if invite.expires_at <= ctx.now.timestamp() {
        return Err(refused(InviteFault::Expired));
    }
    if invite.is_used_up() {
        return Err(refused(InviteFault::UsedUp));
    }
    let usual = room.default_role.into();
    let role = invite.role.unwrap_or(usual);
    let maker = Context { actor: invite.by.into(), ..ctx.clone() };
    let still = allow(room, &maker, Permission::MembersInvite)
        .and_then(|_| grantable(room, Some(role).filter(|role| *role != usual), &maker));
    still.map_err(|_| refused(InviteFault::Void))?;
    Ok((id, role))
}

impl Room {
    /// The invite with this id, unless it was revoked or used up.
    #[must_use]
    pub fn invite(&self, id: InviteId) -> Option<&Invite> {
        self.invites.get(&id)
    }

    pub(in crate::room) fn invite_created(&mut self, event: &InviteCreated, recorded: &Recorded) {
        self.expire(recorded.at);
        let invite = Invite {
            by: recorded.actor.id,
            role: event.role,
            max_uses: event.max_uses,
            uses: 0,
            at: recorded.at,
            expires_at: event.expires_at,
        };
        self.invites.insert(event.invite_id, invite);
    }

    pub(in crate::room) fn invite_revoked(&mut self, event: InviteRevoked, recorded: &Recorded) {
        self.invites.remove(&event.invite_id);
        self.expire(recorded.at);
    }
}
