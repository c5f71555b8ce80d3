//! Taking somebody's word for a while, and giving it back.

use serde::{Deserialize, Serialize};

use super::about;
use super::expiry::in_future;
use crate::actor::ActorId;
use crate::command::{Judged, Pardoned};
use crate::decide::{Context, Decision};
use crate::events::{Event, MemberMuted, MemberUnmuted, Recorded};
use crate::ids::EventId;
use crate::rejection::Rejection;
use crate::room::Room;
use crate::room::permission::{Permission, PermissionSet, allow, has_all, outranks};
use crate::time::{ServerMs, Timestamp};

/// Somebody may not write or react. It stays when they leave and come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// The event.
    pub event: EventId,
    /// Until then; None: until somebody lifts it.
    pub expires_at: Option<Timestamp>,
}

pub(crate) fn mute(room: &Room, fields: &Judged, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::MembersMute)?;
    let target = room.member(fields.member).ok_or(Rejection::MemberNotFound)?;
    outranks(room, ctx, Permission::MembersMute, target.role)?;
    let present = room.mute(target.id, ctx.now);
    if present.is_some_and(|mute| ends_sooner(fields.expires_at, mute.expires_at)) {
        has_all(room, ctx, speech())?;
    }
    let in_force = room.mutes.keys().filter(|muted| room.mute(**muted, ctx.now).is_some()).count();
    if present.is_none() && in_force >= Room::MAX_SANCTIONS {
        return Err(Rejection::LimitReached { what: "mutes", max: Room::MAX_SANCTIONS });
    }
    let event = MemberMuted {
        member: target.id,
        reason: about(fields.reason.as_ref()),
        expires_at: in_future(fields.expires_at, ctx.now)?,
    };
    Ok(Decision::one(Event::MemberMuted(event), decided_by))
}

pub(crate) fn unmute(room: &Room, fields: &Pardoned, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::MembersMute)?;
    // Whoever is gone comes back as what they would be.
    outranks(room, ctx, Permission::MembersMute, room.role_of(fields.member))?;
    if room.mute(fields.member, ctx.now).is_none() {
        let known = room.is_member(fields.member);
        return if known { Ok(Decision::nothing(decided_by)) } else { Err(Rejection::MemberNotFound) };
    }
    has_all(room, ctx, speech())?;
    Ok(Decision::one(
        Event::MemberUnmuted(MemberUnmuted { member: fields.member, reason: about(fields.reason.as_ref()) }),
        decided_by,
    ))
}

/// What a mute takes, and its end gives back.
fn speech() -> PermissionSet {
    Permission::ALL.iter().copied().filter(|permission| permission.is_speech()).collect()
}

/// None: never.
fn ends_sooner(one: Option<Timestamp>, other: Option<Timestamp>) -> bool {
    one.is_some_and(|one| other.is_none_or(|other| one < other))
}

impl Room {
    /// The mute in force.
    #[must_use]
    pub fn mute(&self, actor: ActorId, now: ServerMs) -> Option<&Mute> {
        let now = now.timestamp();
        self.mutes.get(&actor).filter(|mute| mute.expires_at.is_none_or(|end| end > now))
    }

    pub(in crate::room) fn muted(&mut self, event: &MemberMuted, recorded: &Recorded) {
        self.expire(recorded.at);
        self.mutes.insert(event.member, Mute { event: recorded.id, expires_at: event.expires_at });
        self.touch(|versions| &mut versions.members);
    }

    pub(in crate::room) fn unmuted(&mut self, event: &MemberUnmuted, recorded: &Recorded) {
        self.mutes.remove(&event.member);
        self.expire(recorded.at);
        self.touch(|versions| &mut versions.members);
    }
}
