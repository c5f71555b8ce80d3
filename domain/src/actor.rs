//! Who acts: a user, a guest, or the system itself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ulid::Ulid;

use crate::ids::{InvalidId, parse_prefixed, serde_as_text};

/// An acting party: `usr_…`, `gst_…` or `system`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActorId {
    /// A registered account.
    User(Ulid),
    /// Somebody without an account.
    Guest(Ulid),
    /// The server itself, for example at the end of an item.
    System,
}

/// The kind of an [`ActorId`]: `user`, `guest` or `system`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A registered account.
    User,
    /// Somebody without an account.
    Guest,
    /// The server itself.
    System,
}

impl ActorId {
    /// Which kind of party this is.
    #[must_use]
    pub const fn kind(self) -> ActorKind {
        match self {
            Self::User(_) => ActorKind::User,
            Self::Guest(_) => ActorKind::Guest,
            Self::System => ActorKind::System,
        }
    }
}

impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(ulid) => write!(f, "usr_{ulid}"),
            Self::Guest(ulid) => write!(f, "gst_{ulid}"),
            Self::System => f.write_str("system"),
        }
    }
}

impl FromStr for ActorId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        if text == "system" {
            return Ok(Self::System);
        }
        parse_prefixed(text, "usr_")
            .map(Self::User)
            .or_else(|| parse_prefixed(text, "gst_").map(Self::Guest))
            .ok_or(InvalidId { what: "actor id" })
    }
}

serde_as_text!(ActorId);

/// The author of a command or event; JSON `{"id","kind"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "ActorParts", into = "ActorParts")]
pub struct Actor {
    /// Who it is.
    pub id: ActorId,
}

impl From<ActorId> for Actor {
    fn from(id: ActorId) -> Self {
        Self { id }
    }
}

#[derive(Serialize, Deserialize)]
struct ActorParts {
    id: ActorId,
    kind: ActorKind,
}

impl From<Actor> for ActorParts {
    fn from(actor: Actor) -> Self {
        Self { id: actor.id, kind: actor.id.kind() }
    }
}

impl TryFrom<ActorParts> for Actor {
    type Error = &'static str;

    fn try_from(parts: ActorParts) -> Result<Self, Self::Error> {
        if parts.id.kind() == parts.kind {
            Ok(Self { id: parts.id })
        } else {
            Err("the kind of the actor does not agree with its id")
        }
    }
}
