//! Payloads of `room.*`.

use serde::{Deserialize, Serialize};

use crate::actor::ActorId;
use crate::ids::RoomId;
use crate::room::{Barrier, CapabilitiesPatch, Control, DefaultRole, JoinRule, Settings, Visibility};
use crate::text::RoomName;

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
}

/// `room.closed`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomClosed {}

/// `room.reopened`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomReopened {}
