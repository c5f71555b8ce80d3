//! How long something has played in a room.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use synctv_domain::events::{PlaybackHeld, PlaybackItemSelected, PlaybackReleased};
use synctv_domain::{Event, ItemId, MediaMs, Motion, ServerMs, Timestamp};

/// The events that a [`Running`] is made of.
pub(crate) const STEERING: [&str; 13] = [
    "playback.played",
    "playback.paused",
    "playback.seeked",
    "playback.rate_set",
    "playback.item_selected",
    "playback.held",
    "playback.released",
    "playlist.added",
    "playlist.updated",
    "playlist.removed",
    "playlist.cleared",
    "room.closed",
    "room.reopened",
];

/// What an event leaves playing, if it has a say in it.
pub(crate) fn motion_after(current: Option<ItemId>, event: &Event) -> Option<Motion> {
    match event {
        Event::PlaybackPlayed(motion)
        | Event::PlaybackPaused(motion)
        | Event::PlaybackSeeked(motion)
        | Event::PlaybackRateSet(motion)
        | Event::PlaybackItemSelected(PlaybackItemSelected { motion, .. })
        | Event::PlaybackHeld(PlaybackHeld { motion, .. })
        | Event::PlaybackReleased(PlaybackReleased { motion, .. }) => Some(*motion),
        Event::PlaylistRemoved(removed) if current == Some(removed.item_id) => Some(Motion::default()),
        Event::PlaylistCleared(_) => Some(Motion::default()),
        _ => None,
    }
}

/// The time that has passed in a room while something played, whatever its speed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Running {
    played_ms: i64,
    since_ms: Option<ServerMs>,
    motion: Motion,
    closed: bool,
    /// Of the items that have a known one: nothing plays beyond its end.
    lengths: BTreeMap<ItemId, MediaMs>,
}

impl Running {
    /// What is current.
    #[must_use]
    pub fn item(&self) -> Option<ItemId> {
        self.motion.item_id
    }

    /// Whether something plays.
    #[must_use]
    pub fn is_playing(&self) -> bool {
        self.since_ms.is_some()
    }

    /// How long something had played by then, ms.
    #[must_use]
    pub fn played_ms(&self, now: ServerMs) -> i64 {
        let Some(since) = self.since_ms else { return self.played_ms };
        let length = self.motion.item_id.and_then(|item| self.lengths.get(&item));
        let end = length.and_then(|length| self.motion.ends_at(*length)).unwrap_or(now);
        self.played_ms + (now.min(end).0 - since.0).max(0)
    }

    /// Takes in one of the events that matter.
    pub fn apply(&mut self, at: Timestamp, event: &Event) {
        self.played_ms = self.played_ms(at.ms());
        match event {
            Event::PlaylistAdded(added) => self.length(added.item_id, added.duration_ms),
            Event::PlaylistUpdated(updated) => self.length(updated.item_id, updated.duration_ms),
            Event::PlaylistRemoved(removed) => drop(self.lengths.remove(&removed.item_id)),
            Event::PlaylistCleared(_) => self.lengths.clear(),
            Event::RoomClosed(_) => self.closed = true,
            Event::RoomReopened(_) => self.closed = false,
            _ => {}
        }
        self.motion = motion_after(self.motion.item_id, event).unwrap_or(self.motion);
        // A start may lie ahead.
        let runs = self.motion.playing && !self.closed;
        self.since_ms = runs.then(|| self.motion.anchor_ms.max(at.ms()));
    }

    fn length(&mut self, item: ItemId, length: Option<MediaMs>) {
        if let Some(length) = length {
            self.lengths.insert(item, length);
        }
    }
}
