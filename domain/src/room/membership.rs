//! Joining, leaving, removing, and roles.

use serde::{Deserialize, Serialize};

use super::permission::{Permission, allow, outranks};
use super::{JoinRule, Role, Room};
use crate::actor::ActorId;
use crate::command::{Kick, SetRole};
use crate::decide::{Context, Decision};
use crate::events::{Event, MemberJoined, MemberKicked, MemberLeft, MemberRoleSet, Recorded};
use crate::ids::EventId;
use crate::order::Seq;
use crate::personal::Personal;
use crate::rejection::Rejection;
use crate::time::Timestamp;

/// A member of a room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Who it is.
    pub id: ActorId,
    /// What they are called.
    pub display_name: Personal,
    /// Their role.
    pub role: Role,
    /// The event that gave them the role.
    pub role_event: EventId,
    /// When they joined.
    pub joined_at: Timestamp,
    /// The event by which they joined.
    pub joined_seq: Seq,
}

pub(crate) fn join(room: &Room, ctx: &Context) -> Result<Decision, Rejection> {
    let rule = room.join_rule;
    let decided_by = format!("join_rule:{rule}");
    if room.is_member(ctx.actor.id) {
        return Ok(Decision::nothing(decided_by));
    }
    if rule != JoinRule::Public || ctx.actor.id == ActorId::System {
        return Err(Rejection::JoinRefused { rule });
    }
    let name = ctx.display_name.as_ref().ok_or(Rejection::DisplayNameRequired)?;
    if room.members.len() >= Room::MAX_MEMBERS {
        return Err(Rejection::LimitReached { what: "members", max: Room::MAX_MEMBERS });
    }
    let event = MemberJoined {
        member: ctx.actor.id,
        display_name: Personal::Clear(name.to_string()),
        role: room.default_role.into(),
    };
    Ok(Decision::one(Event::MemberJoined(event), decided_by))
}

pub(crate) fn leave(room: &Room, ctx: &Context) -> Result<Decision, Rejection> {
    let member = room.member(ctx.actor.id).ok_or(Rejection::NotAMember)?;
    if member.role == Role::Owner {
        return Err(Rejection::OwnerCannotLeave);
    }
    Ok(Decision::one(Event::MemberLeft(MemberLeft { member: member.id }), "self"))
}

pub(crate) fn kick(room: &Room, fields: &Kick, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx.actor.id, Permission::MembersKick)?;
    let target = room.member(fields.member).ok_or(Rejection::MemberNotFound)?;
    outranks(room, ctx.actor.id, Permission::MembersKick, target.role)?;
    let event = MemberKicked {
        member: target.id,
        reason: fields.reason.as_ref().map(|reason| Personal::Clear(reason.to_string())),
    };
    Ok(Decision::one(Event::MemberKicked(event), decided_by))
}

pub(crate) fn set_role(room: &Room, fields: &SetRole, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx.actor.id, Permission::RolesAssign)?;
    let target = room.member(fields.member).ok_or(Rejection::MemberNotFound)?;
    // One's own rank is never below itself, so this also keeps everybody from their own role.
    outranks(room, ctx.actor.id, Permission::RolesAssign, target.role)?;
    outranks(room, ctx.actor.id, Permission::RolesAssign, fields.role)?;
    if target.role == fields.role {
        return Ok(Decision::nothing(decided_by));
    }
    let event = MemberRoleSet { member: target.id, role: fields.role };
    Ok(Decision::one(Event::MemberRoleSet(event), decided_by))
}

impl Room {
    pub(super) fn joined(&mut self, event: &MemberJoined, recorded: &Recorded) {
        let member = Member {
            id: event.member,
            display_name: event.display_name.clone(),
            role: event.role,
            role_event: recorded.id,
            joined_at: recorded.at,
            joined_seq: recorded.seq,
        };
        self.members.insert(event.member, member);
        self.touch(|versions| &mut versions.members);
    }

    pub(super) fn gone(&mut self, member: ActorId) {
        self.members.remove(&member);
        self.not_asked(member);
        self.playback.holds.forget(member);
        self.touch(|versions| &mut versions.members);
    }

    pub(super) fn role_set(&mut self, event: &MemberRoleSet, recorded: &Recorded) {
        if let Some(member) = self.members.get_mut(&event.member) {
            member.role = event.role;
            member.role_event = recorded.id;
        }
        self.touch(|versions| &mut versions.members);
    }
}
