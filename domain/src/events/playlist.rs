//! Payloads of `playlist.*`.

use serde::{Deserialize, Serialize};

use crate::actor::ActorId;
use crate::ids::ItemId;
use crate::room::Delivery;
use crate::text::{MediaUrl, Title};
use crate::time::MediaMs;

/// `playlist.added`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaylistAdded {
    /// The new item.
    pub item_id: ItemId,
    /// Where the medium is.
    pub url: MediaUrl,
    /// What it is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Title>,
    /// How the medium reaches the viewers.
    pub delivery: Delivery,
    /// Its length, if known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<MediaMs>,
    /// Who added it.
    pub added_by: ActorId,
    /// The item in front of it; `null` at the beginning.
    pub after: Option<ItemId>,
}

/// `playlist.updated`: only the fields that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaylistUpdated {
    /// The item.
    pub item_id: ItemId,
    /// The new title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Title>,
    /// The new length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<MediaMs>,
}

/// `playlist.moved`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaylistMoved {
    /// The item.
    pub item_id: ItemId,
    /// The item in front of it; `null` at the beginning.
    pub after: Option<ItemId>,
}

/// `playlist.removed`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaylistRemoved {
    /// The item.
    pub item_id: ItemId,
}

/// `playlist.cleared`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaylistCleared {}
