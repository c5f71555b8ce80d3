//! Removing members, one or all guests, and keeping them out for a while or for good.

use serde::{Deserialize, Serialize};

use super::about;
use super::expiry::{in_future, within_a_day};
use crate::actor::{ActorId, ActorKind};
use crate::command::{Judged, Pardoned};
use crate::decide::{Context, Decision};
use crate::events::{Event, MemberBanned, MemberKicked, MemberUnbanned, Recorded, RoomGuestsExpelled};
use crate::ids::EventId;
use crate::personal::Personal;
use crate::rejection::Rejection;
use crate::room::permission::{Permission, allow, outranks};
use crate::room::{Member, Role, Room};
use crate::time::{ServerMs, Timestamp};

/// Somebody may not come in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// What they were called when they were a member.
    pub display_name: Option<Personal>,
    /// Why.
    pub reason: Option<Personal>,
    /// Who said so.
    pub by: ActorId,
    /// The event.
    pub event: EventId,
    /// When.
    pub at: Timestamp,
    /// Until then; None: for good.
    pub expires_at: Option<Timestamp>,
}

/// Somebody who was removed may not come in again yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Cooldown {
    pub(super) until: Timestamp,
}

pub(crate) fn kick(room: &Room, fields: &Judged, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::MembersKick)?;
    let target = room.member(fields.member).ok_or(Rejection::MemberNotFound)?;
    outranks(room, ctx, Permission::MembersKick, target.role)?;
    let event = MemberKicked {
        member: target.id,
        reason: about(fields.reason.as_ref()),
        expires_at: Some(within_a_day(fields.expires_at, ctx.now)?),
    };
    Ok(Decision::one(Event::MemberKicked(event), decided_by))
}

pub(crate) fn ban(room: &Room, fields: &Judged, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::MembersBan)?;
    if fields.member == ActorId::System {
        return Err(Rejection::MemberNotFound);
    }
    // Whoever is gone comes back as what they would be.
    outranks(room, ctx, Permission::MembersBan, room.role_of(fields.member))?;
    let event = MemberBanned {
        member: fields.member,
        was_member: room.is_member(fields.member),
        reason: about(fields.reason.as_ref()),
        expires_at: in_future(fields.expires_at, ctx.now)?,
    };
    Ok(Decision::one(Event::MemberBanned(event), decided_by))
}

pub(crate) fn unban(room: &Room, fields: &Pardoned, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::MembersBan)?;
    if room.keeps_out(fields.member, ctx.now).is_ok() {
        return Ok(Decision::nothing(decided_by));
    }
    Ok(Decision::one(
        Event::MemberUnbanned(MemberUnbanned { member: fields.member, reason: about(fields.reason.as_ref()) }),
        decided_by,
    ))
}

/// All without an account or with the role of a guest go, but for those who were made more than members.
pub(crate) fn expel_guests(room: &Room, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::MembersKick)?;
    let is_guest = |member: &&&Member| match member.role {
        Role::Guest => true,
        Role::Member => member.id.kind() == ActorKind::Guest,
        Role::Owner | Role::Admin | Role::Moderator => false,
    };
    let below = |member: &&Member| outranks(room, ctx, Permission::MembersKick, member.role).is_ok();
    let present = room.members();
    let members: Vec<_> =
        present.iter().filter(is_guest).filter(|member| below(member)).map(|member| member.id).collect();
    if members.is_empty() {
        return Ok(Decision::nothing(decided_by));
    }
    let event = RoomGuestsExpelled { members, expires_at: within_a_day(None, ctx.now)? };
    Ok(Decision::one(Event::RoomGuestsExpelled(event), decided_by))
}

impl Ban {
    fn holds(&self, now: ServerMs) -> bool {
        self.expires_at.is_none_or(|end| end > now.timestamp())
    }
}

impl Room {
    /// The ban in force.
    #[must_use]
    pub fn ban(&self, actor: ActorId, now: ServerMs) -> Option<&Ban> {
        self.bans.get(&actor).filter(|ban| ban.holds(now))
    }

    /// Refuses those who may not come in, whatever they know.
    pub(super) fn keeps_out(&self, actor: ActorId, now: ServerMs) -> Result<(), Rejection> {
        if let Some(ban) = self.ban(actor, now) {
            return Err(Rejection::Banned { expires_at: ban.expires_at });
        }
        match self.cooldowns.get(&actor) {
            Some(cooldown) if cooldown.until > now.timestamp() => {
                Err(Rejection::Cooldown { expires_at: cooldown.until })
            }
            _ => Ok(()),
        }
    }

    /// The ones that end first make room.
    pub(super) fn cool(&mut self, member: ActorId, until: Timestamp) {
        self.cooldowns.insert(member, Cooldown { until });
        if self.cooldowns.len() > Self::MAX_MEMBERS
            && let Some(first) = self.cooldowns.iter().min_by_key(|(_, cooldown)| cooldown.until).map(|(of, _)| *of)
        {
            self.cooldowns.remove(&first);
        }
    }

    pub(in crate::room) fn kicked(&mut self, event: &MemberKicked, recorded: &Recorded) {
        self.gone(event.member, recorded);
        if let Some(until) = event.expires_at {
            self.cool(event.member, until);
        }
    }

    pub(in crate::room) fn guests_expelled(&mut self, event: &RoomGuestsExpelled, recorded: &Recorded) {
        for member in &event.members {
            self.gone(*member, recorded);
            self.cool(*member, event.expires_at);
        }
    }

    pub(in crate::room) fn banned(&mut self, event: &MemberBanned, recorded: &Recorded) {
        let known = self.bans.remove(&event.member).and_then(|ban| ban.display_name);
        let present = self.members.get(&event.member).map(|member| member.display_name.clone());
        let knocking = self.knocks.remove(&event.member).map(|knock| knock.display_name);
        self.gone(event.member, recorded);
        let ban = Ban {
            display_name: present.or(knocking).or(known),
            reason: event.reason.clone(),
            by: recorded.actor.id,
            event: recorded.id,
            at: recorded.at,
            expires_at: event.expires_at,
        };
        self.bans.insert(event.member, ban);
        // The oldest makes room: who bans can lift bans as well.
        if self.bans.len() > Self::MAX_SANCTIONS
            && let Some(oldest) = self.bans.iter().min_by_key(|(_, ban)| ban.at).map(|(banned, _)| *banned)
        {
            self.bans.remove(&oldest);
        }
    }

    pub(in crate::room) fn unbanned(&mut self, event: &MemberUnbanned, recorded: &Recorded) {
        self.bans.remove(&event.member);
        self.cooldowns.remove(&event.member);
        self.expire(recorded.at);
        self.touch(|versions| &mut versions.members);
    }
}
