//! Whether somebody may do something: one function, which also says why.

use super::{Effect, Overrides, Permission, PermissionSet, Trace};
use crate::actor::ActorId;
use crate::ids::EventId;
use crate::room::state::Origins;
use crate::room::{Capabilities, Control, Role, Room, Settings};
use crate::time::ServerMs;

/// Everything that the rights of somebody in a room depend on.
#[derive(Debug, Clone, Copy)]
pub(in crate::room) struct Standing {
    who: Who,
    closed: bool,
    settings: Settings,
    origins: Origins,
}

#[derive(Debug, Clone, Copy)]
enum Who {
    System,
    Outside { ban: Option<EventId> },
    Inside(Place),
}

/// A member's, or one that somebody could have.
#[derive(Debug, Clone, Copy)]
pub(in crate::room) struct Place {
    pub(in crate::room) role: Role,
    pub(in crate::room) role_event: Option<EventId>,
    pub(in crate::room) overrides: Overrides,
    pub(in crate::room) override_event: Option<EventId>,
    pub(in crate::room) mute: Option<EventId>,
}

impl Room {
    /// Of the actor, now.
    pub(in crate::room) fn standing(&self, actor: ActorId, now: ServerMs) -> Standing {
        let who = match self.member(actor) {
            _ if actor == ActorId::System => Who::System,
            None => Who::Outside { ban: self.ban(actor, now).map(|ban| ban.event) },
            Some(member) => Who::Inside(Place {
                role: member.role,
                role_event: Some(member.role_event),
                overrides: member.overrides,
                override_event: member.override_event,
                mute: self.mute(actor, now).map(|mute| mute.event),
            }),
        };
        Standing { who, closed: self.closed, settings: self.settings, origins: self.origins }
    }
}

impl Place {
    /// Of somebody about whom nothing else is said.
    pub(in crate::room) fn of(role: Role) -> Self {
        Self { role, role_event: None, overrides: Overrides::default(), override_event: None, mute: None }
    }
}

impl Standing {
    /// Of somebody at another place in the same room.
    pub(in crate::room) fn at(self, place: Place) -> Self {
        Self { who: Who::Inside(place), ..self }
    }

    /// Of the same one under other settings.
    pub(in crate::room) fn under(self, settings: Settings) -> Self {
        Self { settings, ..self }
    }

    /// The place; None: not a member.
    pub(in crate::room) fn place(&self) -> Option<Place> {
        match self.who {
            Who::Inside(place) => Some(place),
            Who::System | Who::Outside { .. } => None,
        }
    }

    /// Whether the right is there, and every layer that was asked, in order. The later layer wins over the earlier; within
    /// an override what is denied wins; a mute, the role's ceiling, a closed room and its capabilities come last and only deny. The
    /// owner has every right that the room offers.
    pub(in crate::room) fn explain(&self, permission: Permission) -> Trace {
        let mut trace = Trace::default();
        let place = match self.who {
            Who::System => {
                trace.say("system", Effect::Allow, None);
                return trace;
            }
            Who::Outside { ban: Some(ban) } => return trace.denied_by("banned", Some(ban)),
            Who::Outside { ban: None } => return trace.denied_by("membership", None),
            Who::Inside(place) => place,
        };
        let role = place.role;
        let reaches = |least: Role| role.rank() >= least.rank();
        let granted = if reaches(permission.least_role()) { Effect::Allow } else { Effect::Deny };
        trace.say(format!("role:{role}"), granted, place.role_event);
        if role != Role::Owner {
            if permission.is_playback() {
                let control = self.settings.control;
                let free = match control {
                    Control::Everyone => true,
                    Control::Moderators => reaches(Role::Moderator),
                    Control::Owner => false,
                };
                trace.say(format!("control:{control}"), Effect::unless(free), self.origins.control);
            }
            let for_role = self.settings.permissions.get(role).unwrap_or_default();
            let role_origin = self.origins.permissions.get(role).flatten();
            let overriding = [
                (format!("room_override:{role}"), for_role, role_origin),
                ("member_override".to_owned(), place.overrides, place.override_event),
            ];
            for (layer, overrides, event) in overriding {
                if overrides.deny.contains(permission) {
                    trace.say(layer, Effect::Deny, event);
                } else if overrides.allow.contains(permission) {
                    trace.say(layer, Effect::Allow, event);
                }
            }
            if permission.is_speech() && place.mute.is_some() {
                trace.say("muted", Effect::Deny, place.mute);
            }
            if trace.allowed && !reaches(permission.ceiling()) {
                trace.say(format!("ceiling:{role}"), Effect::Deny, None);
            }
        }
        if self.closed && permission != Permission::RoomClose {
            trace.say("closed", Effect::Deny, None);
        }
        for (capability, on, origin) in self.settings.capabilities.needed_by(permission, &self.origins) {
            trace.say(format!("capability:{capability}"), Effect::unless(on), origin);
        }
        trace
    }

    /// The rights there, whether or not the room offers what they are for: those that one can pass on.
    pub(in crate::room) fn held(self) -> PermissionSet {
        let offered = self.under(Settings { capabilities: Capabilities::default(), ..self.settings });
        Permission::ALL.iter().copied().filter(|permission| offered.explain(*permission).allowed).collect()
    }
}

/// Whether the actor has the right now, with every layer that was asked.
#[must_use]
pub fn explain(room: &Room, actor: ActorId, permission: Permission, now: ServerMs) -> Trace {
    room.standing(actor, now).explain(permission)
}
