//! Getting in, by each of the ways in.

use super::invite;
use crate::actor::ActorId;
use crate::command::Join;
use crate::decide::{Context, Decision};
use crate::events::{Event, MemberJoined, MemberLeft, Muted};
use crate::ids::InviteId;
use crate::personal::Personal;
use crate::rejection::Rejection;
use crate::room::permission::PermissionSet;
use crate::room::{JoinRule, Role, Room};
use crate::text::DisplayName;
use crate::time::ServerMs;

pub(crate) fn join(room: &Room, fields: &Join, ctx: &Context) -> Result<Decision, Rejection> {
    let rule = room.join_rule;
    let by_rule = format!("join_rule:{rule}");
    if room.is_member(ctx.actor.id) {
        return Ok(Decision::nothing(by_rule));
    }
    if ctx.actor.id == ActorId::System {
        return Err(Rejection::JoinRefused { rule });
    }
    room.keeps_out(ctx.actor.id, ctx.now)?;
    let name = ctx.display_name.as_ref().ok_or(Rejection::DisplayNameRequired)?;
    if fields.invite.is_some() {
        let (id, role) = invite::usable(room, ctx)?;
        return enter(room, ctx, name, role, Some(id), format!("invite:{id}"));
    }
    match rule {
        JoinRule::Public => {}
        JoinRule::Password => knows_password(room, fields, ctx)?,
        JoinRule::Approval => return super::knock::knock(room, fields, name, ctx),
        JoinRule::Invite => return Err(Rejection::JoinRefused { rule }),
    }
    enter(room, ctx, name, room.default_role.into(), None, by_rule)
}

fn knows_password(room: &Room, fields: &Join, ctx: &Context) -> Result<(), Rejection> {
    if fields.password.is_none() {
        return Err(Rejection::JoinRefused { rule: JoinRule::Password });
    }
    let Some(credential) = room.credential else { return Err(Rejection::WrongPassword) };
    if ctx.proof.credential == Some(credential) {
        return Ok(());
    }
    // It was held against a password that was the room's until just now.
    Err(if ctx.proof.wrong == Some(credential) { Rejection::WrongPassword } else { Rejection::PasswordMoved })
}

fn enter(
    room: &Room,
    ctx: &Context,
    name: &DisplayName,
    role: Role,
    invite: Option<InviteId>,
    decided_by: String,
) -> Result<Decision, Rejection> {
    let joined = joins(room, ctx.actor.id, Personal::Clear(name.to_string()), role, ctx.now)?;
    let joined = MemberJoined { invite, ..joined };
    Ok(Decision::one(Event::MemberJoined(joined), decided_by))
}

/// The event by which somebody becomes a member: never with more than was left to them when they were here before.
pub(super) fn joins(
    room: &Room,
    member: ActorId,
    name: Personal,
    role: Role,
    now: ServerMs,
) -> Result<MemberJoined, Rejection> {
    let max = usize::try_from(room.settings.max_members.get()).unwrap_or(Room::MAX_MEMBERS);
    if room.members.len() >= max {
        return Err(Rejection::LimitReached { what: "members", max });
    }
    let former = room.former.get(&member);
    let role = former.and_then(|former| former.cap).map_or(role, |(cap, _)| role.lower(cap));
    Ok(MemberJoined {
        deny: former.map_or(PermissionSet::NONE, |former| former.deny),
        muted: room.mute(member, now).map(|mute| Muted { expires_at: mute.expires_at }),
        ..MemberJoined::new(member, name, role)
    })
}

pub(crate) fn leave(room: &Room, ctx: &Context) -> Result<Decision, Rejection> {
    let member = room.member(ctx.actor.id).ok_or(Rejection::NotAMember)?;
    if member.role == Role::Owner {
        return Err(Rejection::OwnerCannotLeave);
    }
    Ok(Decision::one(Event::MemberLeft(MemberLeft { member: member.id }), "self"))
}
