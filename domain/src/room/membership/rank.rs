//! Roles, and what single members are allowed and denied beyond them.

use crate::command::{OverridePermissions, SetRole};
use crate::decide::{Context, Decision};
use crate::events::{Event, MemberPermissionsOverridden, MemberRoleSet, Recorded};
use crate::rejection::Rejection;
use crate::room::Room;
use crate::room::permission::{Overrides, Permission, Place, allow, has_all, outranks, passes_on};

pub(crate) fn set_role(room: &Room, fields: &SetRole, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::RolesAssign)?;
    let target = room.member(fields.member).ok_or(Rejection::MemberNotFound)?;
    // One's own rank is never below itself, so this also keeps everybody from their own role.
    outranks(room, ctx, Permission::RolesAssign, target.role)?;
    outranks(room, ctx, Permission::RolesAssign, fields.role)?;
    if target.role == fields.role {
        return Ok(Decision::nothing(decided_by));
    }
    let was = room.standing(target.id, ctx.now);
    if let Some(place) = was.place() {
        passes_on(room, ctx, was, was.at(Place { role: fields.role, ..place }))?;
    }
    let event = MemberRoleSet { member: target.id, role: fields.role };
    Ok(Decision::one(Event::MemberRoleSet(event), decided_by))
}

pub(crate) fn override_permissions(
    room: &Room,
    fields: &OverridePermissions,
    ctx: &Context,
) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::PermissionsOverride)?;
    let target = room.member(fields.member).ok_or(Rejection::MemberNotFound)?;
    outranks(room, ctx, Permission::PermissionsOverride, target.role)?;
    let wanted = Overrides { allow: fields.allow, deny: fields.deny };
    if wanted == target.overrides {
        return Ok(Decision::nothing(decided_by));
    }
    has_all(room, ctx, wanted.differing(target.overrides))?;
    let event = MemberPermissionsOverridden { member: target.id, allow: fields.allow, deny: fields.deny };
    Ok(Decision::one(Event::MemberPermissionsOverridden(event), decided_by))
}

impl Room {
    pub(in crate::room) fn role_set(&mut self, event: &MemberRoleSet, recorded: &Recorded) {
        if let Some(member) = self.members.get_mut(&event.member) {
            member.role = event.role;
            member.role_event = recorded.id;
            member.cap = Some((event.role, recorded.id));
        }
        self.touch(|versions| &mut versions.members);
    }

    pub(in crate::room) fn overridden(&mut self, event: &MemberPermissionsOverridden, recorded: &Recorded) {
        if let Some(member) = self.members.get_mut(&event.member) {
            member.overrides = Overrides { allow: event.allow, deny: event.deny };
            member.override_event = Some(recorded.id);
        }
        self.touch(|versions| &mut versions.members);
    }
}
