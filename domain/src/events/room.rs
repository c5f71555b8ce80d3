//! Payloads of `room.*`.

use serde::{Deserialize, Serialize};

use crate::actor::ActorId;
use crate::ids::{CredentialId, RoomId};
use crate::room::{Barrier, CapabilitiesPatch, Control, DefaultRole, JoinRule, PermissionsPatch, Settings, Visibility};
use crate::text::RoomName;
use crate::time::{RoomSize, Timestamp};

/// `room.created`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomCreated {
    /// The room's id.
    pub room_id: RoomId,
    /// What it is called.
    pub name: RoomName,
    /// Whether it is listed.
    pub visibility: Visibility,
    /// How one gets in.
    pub join_rule: JoinRule,
    /// What a joiner becomes.
    pub default_role: DefaultRole,
    /// The settings it starts with.
    pub settings: Settings,
    /// Who made it.
    pub owner: ActorId,
    /// Where its password is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_id: Option<CredentialId>,
}

/// `room.settings_updated`: only the fields that changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RoomSettingsUpdated {
    /// The new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<RoomName>,
    /// The new visibility.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// The new default role.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default_role: Option<DefaultRole>,
    /// The capabilities that were switched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<CapabilitiesPatch>,
    /// The new barrier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub barrier: Option<Barrier>,
    /// The new control.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<Control>,
    /// The new rights of roles.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions: Option<PermissionsPatch>,
    /// How many members there may be from now on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_members: Option<RoomSize>,
}

/// `room.join_rule_set`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomJoinRuleSet {
    /// How one gets in from now on.
    pub join_rule: JoinRule,
    /// Where the password is kept, for the rule `password`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential_id: Option<CredentialId>,
}

/// `room.transfer_offered`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomTransferOffered {
    /// Who could become the owner; null: nobody any more.
    pub member: Option<ActorId>,
}

/// `room.transferred`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomTransferred {
    /// The owner until now, an admin from now on.
    pub from: ActorId,
    /// The owner from now on.
    pub to: ActorId,
}

/// `room.guests_expelled`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomGuestsExpelled {
    /// Who is no member any more.
    pub members: Vec<ActorId>,
    /// Until when they cannot join again.
    pub expires_at: Timestamp,
}

/// `room.closed`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomClosed {}

/// `room.reopened`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomReopened {}
