//! The settings of a room.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Role;
use super::permission::{ByRole, Overrides, Permission};
use super::state::Origins;
use crate::events::RoomSettingsUpdated;
use crate::ids::EventId;
use crate::time::RoomSize;

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// The name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

choice!(
    /// How one gets in.
    JoinRule {
        /// Anybody.
        Public = "public",
        /// Who knows the password.
        Password = "password",
        /// Who is approved.
        Approval = "approval",
        /// Who is invited.
        #[default]
        Invite = "invite",
    }
);
choice!(
    /// Whether the room shows up in lists.
    Visibility {
        /// For everybody.
        Listed = "listed",
        /// For its members alone.
        #[default]
        Unlisted = "unlisted",
    }
);
choice!(
    /// Whether playback waits for viewers who buffer.
    Barrier {
        /// It does not.
        Never = "never",
        /// For a bounded time.
        #[default]
        Grace = "grace",
        /// Until all are ready.
        Strict = "strict",
    }
);
choice!(
    /// Who has the rights over playback unless it is allowed to somebody in particular.
    Control {
        /// Everybody whose role grants them.
        #[default]
        Everyone = "everyone",
        /// Moderators and above.
        Moderators = "moderators",
        /// The owner.
        Owner = "owner",
    }
);

/// What the room offers at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Capabilities {
    /// Chat: writing and reacting.
    pub chat: bool,
    /// Reactions to messages.
    pub reactions: bool,
}

impl Default for Capabilities {
    fn default() -> Self {
        Self { chat: true, reactions: true }
    }
}

impl Capabilities {
    /// The capabilities without which a right is worth nothing: the name, whether it is on, and since which event.
    pub(super) fn needed_by(
        &self,
        permission: Permission,
        origins: &Origins,
    ) -> impl Iterator<Item = (&'static str, bool, Option<EventId>)> {
        let chat = permission.is_speech().then_some(("chat", self.chat, origins.chat));
        let reacts = permission == Permission::ChatReact;
        chat.into_iter().chain(reacts.then_some(("reactions", self.reactions, origins.reactions)))
    }
}

/// Capabilities to switch; absent ones stay as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CapabilitiesPatch {
    /// Chat: writing and reacting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<bool>,
    /// Reactions to messages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reactions: Option<bool>,
}

/// The rights of roles to set; absent roles stay as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PermissionsPatch {
    /// Of admins.
    #[serde(deserialize_with = "crate::object::optional", skip_serializing_if = "Option::is_none")]
    pub admin: Option<Overrides>,
    /// Of moderators.
    #[serde(deserialize_with = "crate::object::optional", skip_serializing_if = "Option::is_none")]
    pub moderator: Option<Overrides>,
    /// Of members.
    #[serde(deserialize_with = "crate::object::optional", skip_serializing_if = "Option::is_none")]
    pub member: Option<Overrides>,
    /// Of guests.
    #[serde(deserialize_with = "crate::object::optional", skip_serializing_if = "Option::is_none")]
    pub guest: Option<Overrides>,
}

impl PermissionsPatch {
    /// The roles it is about, and what it says of them.
    pub(super) fn roles(&self) -> impl Iterator<Item = (Role, Overrides)> + use<> {
        let Self { admin, moderator, member, guest } = *self;
        let all = [(Role::Admin, admin), (Role::Moderator, moderator), (Role::Member, member), (Role::Guest, guest)];
        all.into_iter().filter_map(|(role, overrides)| Some((role, overrides?)))
    }

    /// Without what is so already; None: nothing is left.
    pub(super) fn changing(self, present: &ByRole<Overrides>) -> Option<Self> {
        let changed = |wanted: Option<Overrides>, present| wanted.filter(|wanted| *wanted != present);
        let left = Self {
            admin: changed(self.admin, present.admin),
            moderator: changed(self.moderator, present.moderator),
            member: changed(self.member, present.member),
            guest: changed(self.guest, present.guest),
        };
        (left != Self::default()).then_some(left)
    }
}

/// The adjustable behaviour of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// What the room offers.
    #[serde(deserialize_with = "crate::object::object")]
    pub capabilities: Capabilities,
    /// Whether playback waits.
    pub barrier: Barrier,
    /// Who may hold the rights over playback.
    pub control: Control,
    /// What each role has beyond its own rights, and what it lacks.
    #[serde(deserialize_with = "crate::object::object")]
    pub permissions: ByRole<Overrides>,
    /// How many members there may be.
    pub max_members: RoomSize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            capabilities: Capabilities::default(),
            barrier: Barrier::default(),
            control: Control::default(),
            permissions: ByRole::default(),
            max_members: RoomSize::MAX,
        }
    }
}

impl Settings {
    /// With what an update says.
    pub(super) fn updated(mut self, update: &RoomSettingsUpdated) -> Self {
        let switched = update.capabilities.unwrap_or_default();
        self.capabilities.chat = switched.chat.unwrap_or(self.capabilities.chat);
        self.capabilities.reactions = switched.reactions.unwrap_or(self.capabilities.reactions);
        self.barrier = update.barrier.unwrap_or(self.barrier);
        self.control = update.control.unwrap_or(self.control);
        self.max_members = update.max_members.unwrap_or(self.max_members);
        for (role, overrides) in update.permissions.iter().flat_map(PermissionsPatch::roles) {
            if let Some(present) = self.permissions.slot(role) {
                *present = overrides;
            }
        }
        self
    }
}
