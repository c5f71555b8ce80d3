//! Payloads of `playback.mode_set` and `playback.item_selected`; every other playback event carries a whole `Motion`.

use serde::{Deserialize, Serialize};

use crate::room::{Mode, Motion, Seed};

/// `playback.mode_set`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaybackModeSet {
    /// The new mode.
    pub mode: Mode,
    /// Shuffle: what the order of the first round follows from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Seed>,
}

/// `playback.item_selected`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaybackItemSelected {
    /// The resulting motion.
    #[serde(flatten)]
    pub motion: Motion,
    /// Shuffle: a new round begins with this item, and this is what its order follows from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Seed>,
}
