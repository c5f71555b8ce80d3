//! Roles and their ranks.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a member is in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, closing the room included; exactly one.
    Owner,
    /// Settings, roles and rights.
    Admin,
    /// Other people's items, messages and behaviour.
    Moderator,
    /// Playback, the playlist, invites.
    Member,
    /// Chat.
    Guest,
}

impl Role {
    /// The rank: a member acts only upon strictly lower ones.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Owner => 100,
            Self::Admin => 80,
            Self::Moderator => 50,
            Self::Member => 10,
            Self::Guest => 0,
        }
    }

    /// Every role, the highest first.
    pub const ALL: [Self; 5] = [Self::Owner, Self::Admin, Self::Moderator, Self::Member, Self::Guest];

    /// The lower of two.
    #[must_use]
    pub const fn lower(self, other: Self) -> Self {
        if self.rank() < other.rank() { self } else { other }
    }

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Admin => "admin",
            Self::Moderator => "moderator",
            Self::Member => "member",
            Self::Guest => "guest",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a joiner becomes: never more than a moderator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DefaultRole {
    /// A moderator.
    Moderator,
    /// A member.
    #[default]
    Member,
    /// A guest.
    Guest,
}

impl From<DefaultRole> for Role {
    fn from(role: DefaultRole) -> Self {
        match role {
            DefaultRole::Moderator => Self::Moderator,
            DefaultRole::Member => Self::Member,
            DefaultRole::Guest => Self::Guest,
        }
    }
}
