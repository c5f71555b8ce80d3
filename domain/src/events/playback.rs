//! Payloads of the playback events that carry more or less than a whole `Motion`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::actor::ActorId;
use crate::room::{Mode, Motion, ReleasedBy, Seed};
use crate::time::ServerMs;

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

/// `playback.held`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaybackHeld {
    /// The resulting motion: none.
    #[serde(flatten)]
    pub motion: Motion,
    /// Whom it waits for.
    pub members: BTreeSet<ActorId>,
    /// When it goes on in any case; None: it waits as long as it takes.
    pub deadline_ms: Option<ServerMs>,
}

/// `playback.released`
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaybackReleased {
    /// The resulting motion.
    #[serde(flatten)]
    pub motion: Motion,
    /// What ended the wait.
    pub by: ReleasedBy,
    /// Who made it wait too often and is not waited for again for a while.
    pub exempt: BTreeSet<ActorId>,
}
