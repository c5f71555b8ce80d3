//! Who may do what, layer by layer, with the reason.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::{Control, Role, Room};
use crate::actor::ActorId;
use crate::ids::{EventId, InvalidId, serde_as_text};
use crate::rejection::Rejection;

macro_rules! permissions {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $least:ident;)+) => {
        /// A right within a room.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Permission {
            $($(#[$doc])* $variant,)+
        }

        impl Permission {
            /// Every right.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name on the wire, for example `playback.control`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// The lowest role that has it.
            #[must_use]
            pub const fn least_role(self) -> Role {
                match self {
                    $(Self::$variant => Role::$least,)+
                }
            }
        }
    };
}

permissions! {
    /// Play, pause, seek.
    PlaybackControl = "playback.control", Member;
    /// Select an item, next, previous, the mode.
    PlaybackNavigate = "playback.navigate", Member;
    /// Change the rate.
    PlaybackRate = "playback.rate", Member;
    /// Add to the playlist.
    QueueAdd = "queue.add", Member;
    /// Change one's own items.
    QueueEditOwn = "queue.edit_own", Member;
    /// Change everybody's items.
    QueueEditAny = "queue.edit_any", Moderator;
    /// Clear the playlist.
    QueueClear = "queue.clear", Moderator;
    /// Write messages.
    ChatSend = "chat.send", Guest;
    /// React to messages.
    ChatReact = "chat.react", Guest;
    /// Withdraw everybody's messages.
    ChatDeleteAny = "chat.delete_any", Moderator;
    /// Remove members.
    MembersKick = "members.kick", Moderator;
    /// Give roles.
    RolesAssign = "roles.assign", Admin;
    /// Change settings.
    RoomSettings = "room.settings", Admin;
    /// Close and reopen the room.
    RoomClose = "room.close", Owner;
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Permission {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let known = Self::ALL.iter().find(|permission| permission.as_str() == text);
        known.copied().ok_or(InvalidId { what: "permission" })
    }
}

serde_as_text!(Permission);

/// One layer of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The layer and its value, for example `role:guest`.
    pub layer: String,
    /// `allow`, `deny` or `none`.
    pub effect: &'static str,
    /// The event that gave the layer its value.
    pub event: Option<EventId>,
}

/// A decision about a right with every layer it passed; JSON `{allowed, steps}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trace {
    /// The outcome.
    pub allowed: bool,
    /// The layer that settled it.
    #[serde(skip)]
    pub decided_by: String,
    /// The layers in the order they were asked.
    pub steps: Vec<Step>,
}

const ALLOW: &str = "allow";
const DENY: &str = "deny";
const NONE: &str = "none";

/// Whether the actor has the right. The first layer that denies settles it, otherwise the role.
#[must_use]
pub fn check(room: &Room, actor: ActorId, permission: Permission) -> Trace {
    use Permission as P;
    if actor == ActorId::System {
        return settle(vec![step("system".to_owned(), ALLOW, None)]);
    }
    let Some(member) = room.member(actor) else {
        return settle(vec![step("membership".to_owned(), DENY, None)]);
    };
    let (role, mut steps) = (member.role, Vec::new());
    if matches!(permission, P::ChatSend | P::ChatReact) {
        let effect = if room.settings.capabilities.chat { NONE } else { DENY };
        steps.push(step("capability:chat".to_owned(), effect, room.origins.chat));
    }
    if matches!(permission, P::PlaybackControl | P::PlaybackNavigate | P::PlaybackRate) {
        let control = room.settings.control;
        let least = match control {
            Control::Everyone => Role::Guest,
            Control::Moderators => Role::Moderator,
            Control::Owner => Role::Owner,
        };
        let effect = if role.rank() >= least.rank() { NONE } else { DENY };
        steps.push(step(format!("control:{control}"), effect, room.origins.control));
    }
    let granted = role.rank() >= permission.least_role().rank();
    let effect = if granted { ALLOW } else { DENY };
    steps.push(step(format!("role:{role}"), effect, Some(member.role_event)));
    settle(steps)
}

fn step(layer: String, effect: &'static str, event: Option<EventId>) -> Step {
    Step { layer, effect, event }
}

fn settle(steps: Vec<Step>) -> Trace {
    let denied = steps.iter().find(|step| step.effect == DENY);
    let decisive = denied.or_else(|| steps.iter().find(|step| step.effect == ALLOW));
    Trace {
        allowed: denied.is_none() && decisive.is_some(),
        decided_by: decisive.map_or_else(String::new, |step| step.layer.clone()),
        steps,
    }
}

/// The deciding rule if the actor has the right, otherwise the refusal.
pub(super) fn allow(room: &Room, actor: ActorId, permission: Permission) -> Result<String, Rejection> {
    let trace = check(room, actor, permission);
    if trace.allowed { Ok(trace.decided_by) } else { Err(forbidden(permission.as_str(), trace)) }
}

/// Refuses unless the actor stands strictly above a role. The system stands above all but owners.
pub(super) fn outranks(room: &Room, actor: ActorId, permission: Permission, role: Role) -> Result<(), Rejection> {
    let member = room.member(actor);
    let rank = member.map_or(Role::Owner.rank(), |member| member.role.rank());
    if rank > role.rank() {
        return Ok(());
    }
    let layer = member.map_or("rank:system".to_owned(), |member| format!("rank:{}", member.role));
    let mut steps = check(room, actor, permission).steps;
    steps.push(step(layer, DENY, member.map(|member| member.role_event)));
    Err(forbidden(permission.as_str(), settle(steps)))
}

/// Refuses because the thing belongs to somebody else.
pub(super) fn not_own(permission: &'static str) -> Rejection {
    forbidden(permission, settle(vec![step("own".to_owned(), DENY, None)]))
}

fn forbidden(permission: &'static str, trace: Trace) -> Rejection {
    Rejection::Forbidden { permission, decided_by: trace.decided_by.clone(), trace }
}
