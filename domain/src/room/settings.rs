//! The settings of a room.

use std::fmt;

use serde::{Deserialize, Serialize};

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
    /// Who may hold the rights over playback.
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
}

impl Default for Capabilities {
    fn default() -> Self {
        Self { chat: true }
    }
}

/// Capabilities to switch; absent ones stay as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CapabilitiesPatch {
    /// Chat: writing and reacting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chat: Option<bool>,
}

/// The adjustable behaviour of a room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    /// What the room offers.
    #[serde(deserialize_with = "crate::object::object")]
    pub capabilities: Capabilities,
    /// Whether playback waits.
    pub barrier: Barrier,
    /// Who may hold the rights over playback.
    pub control: Control,
}
