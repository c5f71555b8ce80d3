//! Fields of `playlist.*`.

use serde::{Deserialize, Serialize};

use super::parse::nullable;
use crate::ids::ItemId;
use crate::room::Delivery;
use crate::text::{MediaUrl, Title};
use crate::time::MediaMs;

/// `playlist.add`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaylistAdd {
    /// Where the medium is.
    pub url: MediaUrl,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Title>,
    /// How the medium reaches the viewers; `auto` unless set.
    #[serde(default)]
    pub delivery: Delivery,
    /// Its length, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<MediaMs>,
    /// The item to put it behind; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ItemId>,
}

/// `playlist.update`; absent fields stay as they are
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaylistUpdate {
    /// The item.
    pub item_id: ItemId,
    /// The new title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Title>,
    /// The new length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<MediaMs>,
}

/// `playlist.move`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaylistMove {
    /// The item.
    pub item_id: ItemId,
    /// The item to put it behind, required; `null` for the beginning.
    #[serde(deserialize_with = "nullable")]
    pub after: Option<ItemId>,
}

/// `playlist.remove`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaylistRemove {
    /// The item.
    pub item_id: ItemId,
}
