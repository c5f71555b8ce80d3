//! Fields of `member.*`.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::Secret;
use crate::actor::ActorId;
use crate::room::Role;
use crate::text::Reason;

/// `member.join`; a public room asks for none of the fields
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// The password of the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Secret>,
    /// The token of an invite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<Secret>,
    /// What to tell those who approve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Reason>,
}

/// `member.kick`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kick {
    /// Whom to remove.
    pub member: ActorId,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// `member.set_role`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetRole {
    /// Whose role it is.
    pub member: ActorId,
    /// The new role; never `owner`.
    #[serde(deserialize_with = "assignable")]
    pub role: Role,
}

fn assignable<'de, D: Deserializer<'de>>(from: D) -> Result<Role, D::Error> {
    match Role::deserialize(from)? {
        Role::Owner => Err(D::Error::custom("a role is admin, moderator, member or guest")),
        role => Ok(role),
    }
}
