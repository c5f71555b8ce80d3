//! Fields of `playback.*`.

use serde::{Deserialize, Serialize};

use crate::actor::ActorId;
use crate::ids::ItemId;
use crate::room::{Mode, ReleasedBy};
use crate::time::{MediaMs, RatePermille};

/// `playback.play`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Play {
    /// Where to start; where it stands unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position_ms: Option<MediaMs>,
    /// The item the actor believes current.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_item: Option<ItemId>,
}

/// `playback.pause`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pause {
    /// Where the actor saw it stop; obeyed within a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position_ms: Option<MediaMs>,
    /// The item the actor believes current.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_item: Option<ItemId>,
}

/// `playback.seek`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seek {
    /// Where to jump.
    pub position_ms: MediaMs,
    /// The item the actor believes current.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_item: Option<ItemId>,
}

/// `playback.set_rate`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetRate {
    /// The new rate.
    pub rate_permille: RatePermille,
}

/// `playback.set_mode`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SetMode {
    /// The new mode.
    pub mode: Mode,
}

/// `playback.select_item`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SelectItem {
    /// The item.
    pub item_id: ItemId,
    /// Where to start; the beginning unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position_ms: Option<MediaMs>,
}

/// `playback.next`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Next {
    /// The item the actor believes current.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_item: Option<ItemId>,
}

/// `playback.previous`
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    /// The item the actor believes current.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_item: Option<ItemId>,
}

/// `playback.hold`: the room itself waits for members who buffer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hold {
    /// Whom for.
    pub members: Vec<ActorId>,
}

/// `playback.release`: the room itself goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Release {
    /// Why.
    pub by: ReleasedBy,
}
