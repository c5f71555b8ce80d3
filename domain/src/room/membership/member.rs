//! A member, and what the room remembers of one who is gone.

use serde::{Deserialize, Serialize};

use crate::actor::ActorId;
use crate::events::{MemberJoined, Recorded};
use crate::ids::EventId;
use crate::order::Seq;
use crate::personal::Personal;
use crate::room::permission::{Overrides, PermissionSet};
use crate::room::{Role, Room};
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
    /// The role that somebody gave them last, by hand: leaving and coming back does not lift them above it.
    pub(in crate::room) cap: Option<(Role, EventId)>,
    /// What they were allowed and denied in particular.
    pub overrides: Overrides,
    /// The event that did.
    pub override_event: Option<EventId>,
    /// When they joined.
    pub joined_at: Timestamp,
    /// The event by which they joined.
    pub joined_seq: Seq,
}

/// What was taken from somebody who left: going out and coming in again does not give it back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Former {
    /// The role that somebody gave them last, and by which event.
    pub(in crate::room) cap: Option<(Role, EventId)>,
    pub(super) deny: PermissionSet,
    override_event: Option<EventId>,
    since: Seq,
}

impl Former {
    fn of(member: &Member, since: Seq) -> Option<Self> {
        // Nobody comes in above an admin.
        let cap = member.cap.filter(|(role, _)| role.rank() < Role::Admin.rank());
        let deny = member.overrides.deny;
        let override_event = member.override_event.filter(|_| !deny.is_empty());
        (cap.is_some() || !deny.is_empty()).then_some(Self { cap, deny, override_event, since })
    }
}

impl Room {
    pub(in crate::room) fn joined(&mut self, event: &MemberJoined, recorded: &Recorded) {
        let former = self.former.remove(&event.member);
        let cap = former.as_ref().and_then(|former| former.cap);
        let member = Member {
            id: event.member,
            display_name: event.display_name.clone(),
            role: event.role,
            role_event: cap.filter(|(role, _)| *role == event.role).map_or(recorded.id, |(_, by)| by),
            cap,
            overrides: Overrides { deny: event.deny, ..Overrides::default() },
            override_event: former.and_then(|former| former.override_event),
            joined_at: recorded.at,
            joined_seq: recorded.seq,
        };
        self.members.insert(event.member, member);
        self.knocks.remove(&event.member);
        if let Some(invite) = event.invite.and_then(|invite| self.invites.get_mut(&invite)) {
            invite.uses += 1;
        }
        self.expire(recorded.at);
        self.touch(|versions| &mut versions.members);
    }

    pub(in crate::room) fn gone(&mut self, member: ActorId, recorded: &Recorded) {
        if let Some(left) = self.members.remove(&member)
            && let Some(former) = Former::of(&left, self.seq)
        {
            self.remember(member, former);
        }
        // What they made is worth nothing any more, and keeps no place.
        self.invites.retain(|_, invite| invite.by != member);
        if self.offer.as_ref().is_some_and(|offer| offer.member == member) {
            self.offer = None;
        }
        self.not_asked(member);
        self.playback.holds.forget(member);
        self.expire(recorded.at);
        self.touch(|versions| &mut versions.members);
    }

    /// What somebody is, or would be if they came in by the door that is open to everybody.
    pub(in crate::room) fn role_of(&self, actor: ActorId) -> Role {
        let usual: Role = self.default_role.into();
        let cap = self.former.get(&actor).and_then(|former| former.cap);
        self.member(actor).map_or(cap.map_or(usual, |(cap, _)| usual.lower(cap)), |member| member.role)
    }

    /// The longest gone make room.
    fn remember(&mut self, member: ActorId, former: Former) {
        self.former.insert(member, former);
        if self.former.len() > Self::MAX_SANCTIONS
            && let Some(oldest) = self.former.iter().min_by_key(|(_, former)| former.since).map(|(member, _)| *member)
        {
            self.former.remove(&oldest);
        }
    }
}
