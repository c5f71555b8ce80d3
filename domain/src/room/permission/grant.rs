//! What decisions ask: a right, a higher rank, and that nobody gives what they lack.

use super::standing::Standing;
use super::{Permission, PermissionSet, Trace};
use crate::decide::Context;
use crate::rejection::Rejection;
use crate::room::{Role, Room};

/// The deciding rule if the actor has the right, otherwise the refusal.
pub(in crate::room) fn allow(room: &Room, ctx: &Context, permission: Permission) -> Result<String, Rejection> {
    let trace = room.standing(ctx.actor.id, ctx.now).explain(permission);
    if trace.allowed { Ok(trace.decided_by) } else { Err(forbidden(permission.as_str(), trace)) }
}

/// Refuses unless the actor stands strictly above a role. The system stands above all but owners.
pub(in crate::room) fn outranks(
    room: &Room,
    ctx: &Context,
    permission: Permission,
    role: Role,
) -> Result<(), Rejection> {
    let standing = room.standing(ctx.actor.id, ctx.now);
    let place = standing.place();
    if place.map_or(Role::Owner, |place| place.role).rank() > role.rank() {
        return Ok(());
    }
    let layer = place.map_or("rank:system".to_owned(), |place| format!("rank:{}", place.role));
    let event = place.and_then(|place| place.role_event);
    Err(forbidden(permission.as_str(), standing.explain(permission).denied_by(layer, event)))
}

/// Refuses if somebody would gain a right that the actor does not have.
pub(in crate::room) fn passes_on(
    room: &Room,
    ctx: &Context,
    was: Standing,
    becomes: Standing,
) -> Result<(), Rejection> {
    has_all(room, ctx, becomes.held() - was.held())
}

/// Refuses unless the actor has all of these rights, offered by the room or not.
pub(in crate::room) fn has_all(room: &Room, ctx: &Context, permissions: PermissionSet) -> Result<(), Rejection> {
    let standing = room.standing(ctx.actor.id, ctx.now);
    let Some(lacking) = (permissions - standing.held()).iter().next() else { return Ok(()) };
    Err(forbidden(lacking.as_str(), standing.explain(lacking)))
}

/// Refuses because the thing belongs to somebody else.
pub(in crate::room) fn not_own(permission: &'static str) -> Rejection {
    forbidden(permission, Trace::default().denied_by("own", None))
}

fn forbidden(permission: &'static str, trace: Trace) -> Rejection {
    Rejection::Forbidden { permission, decided_by: trace.decided_by.clone(), trace }
}
