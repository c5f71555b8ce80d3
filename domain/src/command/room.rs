//! Fields of `room.*`.

use serde::{Deserialize, Serialize};

use super::Password;
use crate::actor::ActorId;
use crate::room::{Barrier, CapabilitiesPatch, Control, DefaultRole, JoinRule, PermissionsPatch, Settings, Visibility};
use crate::text::RoomName;
use crate::time::RoomSize;

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
    /// The password of a room whose join rule is `password`; until there is one, nobody gets in by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
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
    /// What roles are allowed and denied from now on.
    #[serde(default, deserialize_with = "crate::object::optional", skip_serializing_if = "Option::is_none")]
    pub permissions: Option<PermissionsPatch>,
    /// How many members there may be; those who are in stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_members: Option<RoomSize>,
}

/// `room.set_join_rule`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetJoinRule {
    /// How one gets in from now on.
    pub join_rule: JoinRule,
    /// The new password, for the rule `password`; unless set, the present one stays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
}

/// `room.transfer`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// Who shall own the room; nobody unless set, which withdraws the offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<ActorId>,
}

/// `room.accept_transfer`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AcceptTransfer {
    /// The owner whose offer it is, to be sure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<ActorId>,
}
