//! Payloads of `member.*`.

use serde::{Deserialize, Serialize};

use crate::actor::ActorId;
use crate::personal::{Personal, present};
use crate::room::Role;

/// `member.joined`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberJoined {
    /// Who joined.
    pub member: ActorId,
    /// What they are called; theirs.
    pub display_name: Personal,
    /// The role they start with.
    pub role: Role,
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
}

/// `member.role_set`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRoleSet {
    /// Whose role it is.
    pub member: ActorId,
    /// The new role.
    pub role: Role,
}
