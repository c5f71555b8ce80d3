//! Asking to be let in, and the answer.

use serde::{Deserialize, Serialize};

use super::about;
use super::expiry::within_a_day;
use super::join::joins;
use crate::actor::ActorId;
use crate::command::{Join, Judged, Pardoned};
use crate::decide::{Context, Decision};
use crate::events::{Event, MemberApproved, MemberKnocked, MemberRejected, Recorded};
use crate::personal::Personal;
use crate::rejection::Rejection;
use crate::room::Room;
use crate::room::permission::{Permission, allow};
use crate::text::DisplayName;
use crate::time::Timestamp;

/// How long a knock waits for an answer, in ms.
const PATIENCE_MS: i64 = 24 * 3_600_000;

/// Somebody who waits at the door.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knock {
    /// What they are called.
    pub display_name: Personal,
    /// What they said.
    pub message: Option<Personal>,
    /// When they knocked.
    pub at: Timestamp,
    /// Until when they wait.
    pub expires_at: Timestamp,
}

pub(super) fn knock(room: &Room, fields: &Join, name: &DisplayName, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = "join_rule:approval";
    let now = ctx.now.timestamp();
    let waiting = |knock: &Knock| knock.expires_at > now;
    if room.knocks.get(&ctx.actor.id).is_some_and(waiting) {
        return Ok(Decision::nothing(decided_by));
    }
    if room.knocks.values().filter(|knock| waiting(knock)).count() >= Room::MAX_KNOCKS {
        return Err(Rejection::LimitReached { what: "knocks", max: Room::MAX_KNOCKS });
    }
    let event = MemberKnocked {
        member: ctx.actor.id,
        display_name: Personal::Clear(name.to_string()),
        message: about(fields.message.as_ref()),
        expires_at: ctx.now.plus(PATIENCE_MS).timestamp(),
    };
    Ok(Decision::one(Event::MemberKnocked(event), decided_by))
}

pub(crate) fn approve(room: &Room, fields: &Pardoned, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::MembersReview)?;
    let knock = waiting(room, fields.member, ctx)?;
    // The role is the room's to give: whoever set it had the rights that come with it.
    let joined = joins(room, fields.member, knock.display_name.clone(), room.default_role.into(), ctx.now)?;
    let approved = MemberApproved { member: fields.member, reason: about(fields.reason.as_ref()) };
    Ok(Decision { events: vec![Event::MemberApproved(approved), Event::MemberJoined(joined)], decided_by })
}

pub(crate) fn reject(room: &Room, fields: &Judged, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::MembersReview)?;
    waiting(room, fields.member, ctx)?;
    let event = MemberRejected {
        member: fields.member,
        reason: about(fields.reason.as_ref()),
        expires_at: within_a_day(fields.expires_at, ctx.now)?,
    };
    Ok(Decision::one(Event::MemberRejected(event), decided_by))
}

fn waiting<'a>(room: &'a Room, member: ActorId, ctx: &Context) -> Result<&'a Knock, Rejection> {
    let knock = room.knocks.get(&member).filter(|knock| knock.expires_at > ctx.now.timestamp());
    knock.ok_or(Rejection::KnockNotFound)
}

impl Room {
    pub(in crate::room) fn knocked(&mut self, event: &MemberKnocked, recorded: &Recorded) {
        self.expire(recorded.at);
        let knock = Knock {
            display_name: event.display_name.clone(),
            message: event.message.clone(),
            at: recorded.at,
            expires_at: event.expires_at,
        };
        self.knocks.insert(event.member, knock);
    }

    pub(in crate::room) fn rejected(&mut self, event: &MemberRejected, recorded: &Recorded) {
        self.expire(recorded.at);
        self.knocks.remove(&event.member);
        self.cool(event.member, event.expires_at);
    }
}
