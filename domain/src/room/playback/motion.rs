//! Motion: a position that is a function of time.

use serde::{Deserialize, Serialize};

use crate::ids::ItemId;
use crate::time::{MediaMs, RatePermille, ServerMs};

/// Where playback stands at one instant, and how it goes on from there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Motion {
    /// The current item.
    pub item_id: Option<ItemId>,
    /// The position at the anchor.
    pub position_ms: MediaMs,
    /// The instant of the position; in the future for a scheduled start.
    pub anchor_ms: ServerMs,
    /// The speed.
    pub rate_permille: RatePermille,
    /// Whether it moves.
    pub playing: bool,
}

impl Motion {
    /// The position at an instant, within the duration if that is known.
    #[must_use]
    pub fn position_at(&self, now: ServerMs, duration: Option<MediaMs>) -> MediaMs {
        let elapsed = (i128::from(now.0) - i128::from(self.anchor_ms.0)).max(0);
        let moved = elapsed * i128::from(self.rate_permille.get()) / 1000;
        let moved = if self.playing { moved } else { 0 };
        let position = MediaMs::saturating(i128::from(self.position_ms.get()) + moved);
        within(position, duration)
    }

    /// When it reaches the end, if it plays.
    #[must_use]
    pub fn ends_at(&self, duration: MediaMs) -> Option<ServerMs> {
        let left = i128::from(duration.get()) - i128::from(self.position_ms.get());
        // The first ms in which it is there.
        let takes =
            (left.max(0) * 1000 + i128::from(self.rate_permille.get()) - 1) / i128::from(self.rate_permille.get());
        let takes = i64::try_from(takes).unwrap_or(i64::MAX);
        self.playing.then(|| self.anchor_ms.plus(takes))
    }
}

/// The position, or the end if it lies beyond.
pub(super) fn within(position: MediaMs, duration: Option<MediaMs>) -> MediaMs {
    duration.map_or(position, |duration| position.min(duration))
}
