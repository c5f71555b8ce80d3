//! What plays, and how it moves.

mod hold;
mod motion;
mod navigate;
mod shuffle;
mod steer;

use serde::{Deserialize, Serialize};

pub(crate) use hold::Holds;
pub use hold::{Hold, ReleasedBy};
pub(crate) use hold::{hold, release};
pub use motion::Motion;
pub(crate) use navigate::{next, previous, select_item, set_mode};
use shuffle::Bag;
pub use shuffle::Seed;
pub(crate) use steer::{pause, play, seek, set_rate};

use super::Room;
use crate::events::{PlaybackItemSelected, PlaybackModeSet};
use crate::ids::ItemId;
use crate::rejection::Rejection;
use crate::time::ServerMs;

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
    /// One that was not played in this round; then a new round.
    Shuffle,
}

/// The state of playback.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Playback {
    /// What plays and how it moves.
    pub motion: Motion,
    /// What follows an item.
    pub mode: Mode,
    /// The round, in shuffle mode.
    pub(crate) bag: Bag,
    /// The barrier.
    pub(crate) holds: Holds,
}

impl Playback {
    /// Whom playback waits for.
    #[must_use]
    pub fn hold(&self) -> Option<&Hold> {
        self.holds.current.as_ref()
    }

    /// Who stalled before this has been waited for.
    #[must_use]
    pub fn waived_ms(&self) -> ServerMs {
        self.holds.waived_ms
    }
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
    /// Somebody decided whether it plays: nobody is waited for any longer, and where it goes on, not for the same stall.
    pub(super) fn plays(&mut self, motion: Motion) {
        let waited = self.playback.holds.current.take().is_some();
        if waited && motion.playing && motion.item_id == self.playback.motion.item_id {
            self.playback.holds.waived_ms = motion.anchor_ms;
        }
        self.moves(motion);
    }

    pub(super) fn moves(&mut self, motion: Motion) {
        self.ready_moves(&motion);
        self.playback.motion = motion;
        self.touch(|versions| &mut versions.playback);
    }

    pub(super) fn item_selected(&mut self, event: &PlaybackItemSelected) {
        if let Some(seed) = event.seed {
            self.playback.bag = Bag::new(seed, None);
        }
        if let Some(item) = event.motion.item_id {
            self.playback.bag.select(item);
        }
        self.plays(event.motion);
    }

    pub(super) fn mode_set(&mut self, event: PlaybackModeSet) {
        self.playback.mode = event.mode;
        self.playback.bag = Bag::new(event.seed.unwrap_or_default(), self.playback.motion.item_id);
        self.touch(|versions| &mut versions.playback);
    }
}
