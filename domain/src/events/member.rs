//! Payloads of `member.*`.

use serde::{Deserialize, Serialize};

use crate::actor::ActorId;
use crate::ids::InviteId;
use crate::personal::{Personal, present};
use crate::room::Role;
use crate::room::permission::PermissionSet;
use crate::time::Timestamp;

/// `member.joined`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberJoined {
    /// Who joined.
    pub member: ActorId,
    /// What they are called; theirs.
    pub display_name: Personal,
    /// The role they start with.
    pub role: Role,
    /// The invite they came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<InviteId>,
    /// Rights that were taken from them when they were here before.
    #[serde(default, skip_serializing_if = "PermissionSet::is_empty")]
    pub deny: PermissionSet,
    /// They were muted when they were here before, and still are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub muted: Option<Muted>,
}

impl MemberJoined {
    /// Somebody about whom nothing else is known.
    #[must_use]
    pub fn new(member: ActorId, display_name: Personal, role: Role) -> Self {
        Self { member, display_name, role, invite: None, deny: PermissionSet::NONE, muted: None }
    }
}

/// How long somebody may not write or react.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Muted {
    /// Until when; null: until it is lifted.
    pub expires_at: Option<Timestamp>,
}

/// `member.left`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberLeft {
    /// Who left.
    pub member: ActorId,
}

/// `member.kicked`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberKicked {
    /// Who was removed.
    pub member: ActorId,
    /// Why; about the removed member, and theirs.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub reason: Option<Personal>,
    /// Until when they cannot join again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// `member.role_set`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRoleSet {
    /// Whose role it is.
    pub member: ActorId,
    /// The new role.
    pub role: Role,
}

/// `member.knocked`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberKnocked {
    /// Who would like to come in.
    pub member: ActorId,
    /// What they are called; theirs.
    pub display_name: Personal,
    /// What they said; theirs.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub message: Option<Personal>,
    /// Until when they wait for an answer.
    pub expires_at: Timestamp,
}

/// `member.approved`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberApproved {
    /// Who was let in; `member.joined` follows.
    pub member: ActorId,
    /// Why; about them, and theirs.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub reason: Option<Personal>,
}

/// `member.rejected`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRejected {
    /// Who was sent away.
    pub member: ActorId,
    /// Why; about them, and theirs.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub reason: Option<Personal>,
    /// Until when they cannot ask again.
    pub expires_at: Timestamp,
}

/// `member.banned`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberBanned {
    /// Who may not come in.
    pub member: ActorId,
    /// Whether they were a member until now.
    pub was_member: bool,
    /// Why; about them, and theirs.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub reason: Option<Personal>,
    /// Until when; unless set, until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// `member.unbanned`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberUnbanned {
    /// Who may come in again.
    pub member: ActorId,
    /// Why; about them, and theirs.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub reason: Option<Personal>,
}

/// `member.muted`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberMuted {
    /// Who may not write or react.
    pub member: ActorId,
    /// Why; about them, and theirs.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub reason: Option<Personal>,
    /// Until when; unless set, until it is lifted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// `member.unmuted`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberUnmuted {
    /// Who may again.
    pub member: ActorId,
    /// Why; about them, and theirs.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "present")]
    pub reason: Option<Personal>,
}

/// `member.permissions_overridden`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberPermissionsOverridden {
    /// Whose rights they are.
    pub member: ActorId,
    /// Rights beyond those of the role.
    pub allow: PermissionSet,
    /// Rights of the role that they do not have.
    pub deny: PermissionSet,
}
