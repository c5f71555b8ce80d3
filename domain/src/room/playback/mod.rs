//! What plays, and how it moves.

mod motion;
mod navigate;
mod steer;

use serde::{Deserialize, Serialize};

pub use motion::Motion;
pub(crate) use navigate::{next, previous, select_item, set_mode};
pub(crate) use steer::{pause, play, seek, set_rate};

use super::Room;
use crate::ids::ItemId;
use crate::rejection::Rejection;

/// What follows an item.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The next one, until the end.
    #[default]
    Sequential,
    /// The same one again.
    RepeatOne,
    /// The next one, and the first after the last.
    RepeatAll,
    /// Any other one.
    Shuffle,
}

/// The state of playback.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Playback {
    /// What plays and how it moves.
    pub motion: Motion,
    /// What follows an item.
    pub mode: Mode,
}

/// Refuses if the actor believed another item current.
fn expect_item(room: &Room, expected: Option<ItemId>) -> Result<(), Rejection> {
    let current = room.playback.motion.item_id;
    if expected.is_some() && expected != current {
        return Err(Rejection::StaleItem { current });
    }
    Ok(())
}

impl Room {
    pub(super) fn moves(&mut self, motion: Motion) {
        self.playback.motion = motion;
        self.touch(|versions| &mut versions.playback);
    }

    pub(super) fn mode_set(&mut self, mode: Mode) {
        self.playback.mode = mode;
        self.touch(|versions| &mut versions.playback);
    }
}
