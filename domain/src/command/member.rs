//! Fields of `member.*`.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::{Password, Secret};
use crate::actor::ActorId;
use crate::room::Role;
use crate::room::permission::PermissionSet;
use crate::text::Reason;
use crate::time::Timestamp;

/// `member.join`; a public room asks for none of the fields
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// The password of the room.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
    /// The token of an invite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<Secret>,
    /// What to tell those who approve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Reason>,
}

/// `member.reject`, `.kick`, `.ban`, `.mute`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// Whom it is about.
    pub member: ActorId,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Until then; unless set, a rejection and a removal hold for a minute, a ban and a mute until they are lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// `member.approve`, `.unban`, `.unmute`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pardoned {
    /// Whom it is about.
    pub member: ActorId,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// `member.override_permissions`; replaces what was said before
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OverridePermissions {
    /// Whose rights they are.
    pub member: ActorId,
    /// Rights beyond those of the role.
    pub allow: PermissionSet,
    /// Rights of the role that the member shall not have.
    pub deny: PermissionSet,
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

pub(super) fn assignable<'de, D: Deserializer<'de>>(from: D) -> Result<Role, D::Error> {
    match Role::deserialize(from)? {
        Role::Owner => Err(D::Error::custom("a role is admin, moderator, member or guest")),
        role => Ok(role),
    }
}
