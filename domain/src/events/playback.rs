//! Payload of `playback.mode_set`; every other playback event carries a whole `Motion`.

use serde::{Deserialize, Serialize};

use crate::room::Mode;

/// `playback.mode_set`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaybackModeSet {
    /// The new mode.
    pub mode: Mode,
}
