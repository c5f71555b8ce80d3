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
use crate::room::permission::{Permission, Place, allow, outranks, passes_on};
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
    if !room.mutes.contains_key(&target.id) && room.mutes.len() >= Room::MAX_SANCTIONS {
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
    let target = room.member(fields.member);
    if let Some(target) = target {
        outranks(room, ctx, Permission::MembersMute, target.role)?;
    }
    if room.mute(fields.member, ctx.now).is_none() {
        return match target {
            Some(_) => Ok(Decision::nothing(decided_by)),
            None => Err(Rejection::MemberNotFound),
        };
    }
    let muted = room.standing(fields.member, ctx.now);
    if let Some(place) = muted.place() {
        passes_on(room, ctx, muted, muted.at(Place { mute: None, ..place }))?;
    }
    Ok(Decision::one(
        Event::MemberUnmuted(MemberUnmuted { member: fields.member, reason: about(fields.reason.as_ref()) }),
        decided_by,
    ))
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
