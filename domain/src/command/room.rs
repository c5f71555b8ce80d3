//! Fields of `room.*`.

use serde::{Deserialize, Serialize};

use crate::room::{Barrier, CapabilitiesPatch, Control, DefaultRole, JoinRule, Settings, Visibility};
use crate::text::RoomName;

/// `room.create`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateRoom {
    /// What it is called.
    pub name: RoomName,
    /// How one gets in.
    pub join_rule: JoinRule,
    /// Whether it is listed.
    pub visibility: Visibility,
    /// What a joiner becomes; a member unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_role: Option<DefaultRole>,
    /// The settings to start with.
    #[serde(default, deserialize_with = "crate::object::optional", skip_serializing_if = "Option::is_none")]
    pub settings: Option<Settings>,
}

/// `room.update_settings`; absent fields stay as they are
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpdateSettings {
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<RoomName>,
    /// The new visibility.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visibility: Option<Visibility>,
    /// The new default role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_role: Option<DefaultRole>,
    /// The capabilities to switch.
    #[serde(default, deserialize_with = "crate::object::optional", skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<CapabilitiesPatch>,
    /// The new barrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barrier: Option<Barrier>,
    /// The new control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<Control>,
}
