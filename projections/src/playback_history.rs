//! What was played in rooms: one row for each showing of an item.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use synctv_domain::{ActorId, Event, ItemId, MediaUrl, RoomId, Seq, ServerMs, Timestamp, Title};

use crate::entry::{Entry, Poison};
use crate::model::ReadModel;
use crate::rows::{Row, Rows};
use crate::running::{Running, STEERING};

/// A showing: an item was current, and played.
#[derive(Clone, Debug, PartialEq)]
pub struct Showing {
    /// The room.
    pub room: RoomId,
    /// The event that began it.
    pub seq: Seq,
    /// What was shown.
    pub item: ItemId,
    /// Where it was.
    pub url: MediaUrl,
    /// What it was called when it began.
    pub title: Option<Title>,
    /// Who started it.
    pub started_by: ActorId,
    /// When it began to play.
    pub started_at: Timestamp,
    /// When another one took its place; none: it is still current.
    pub ended_at: Option<Timestamp>,
    /// How long it has played up to its last event, ms.
    pub played_ms: i64,
    /// How often it was steered.
    pub steered: i64,
}

impl Row for Showing {
    type Key = (RoomId, Seq);

    fn key(&self) -> Self::Key {
        (self.room, self.seq)
    }
}

/// What has to be known of a room to tell its showings.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    running: Running,
    showing: Option<On>,
    items: BTreeMap<ItemId, (MediaUrl, Option<Title>)>,
}

/// The present showing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct On {
    item: ItemId,
    /// Its first event.
    seq: Seq,
    /// What had played in the room before, ms.
    before_ms: i64,
}

/// The document of a room.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomStage {
    /// The room.
    pub room: RoomId,
    /// The event that left it so.
    pub version: Seq,
    /// What is on.
    pub stage: Stage,
}

impl Row for RoomStage {
    type Key = RoomId;

    fn key(&self) -> RoomId {
        self.room
    }
}

/// Two tables.
#[derive(Default)]
pub struct Tables {
    /// By room.
    pub stages: Rows<RoomStage>,
    /// By room and first event.
    pub showings: Rows<Showing>,
}

/// The playback history of rooms.
pub struct PlaybackHistory;

impl ReadModel for PlaybackHistory {
    const NAME: &'static str = "playback_history";
    type Tables = Tables;

    fn apply(entry: &Entry, Tables { stages, showings }: &mut Tables) -> Result<(), Poison> {
        let Some((room, event)) = entry.of(&STEERING)? else { return Ok(()) };
        let started_by = entry.actor.clone().map_err(|reason| entry.poison(&reason))?;
        let fresh = || RoomStage { room, version: entry.seq, stage: Stage::default() };
        stages.make(&room, fresh, |RoomStage { version, stage, .. }| {
            *version = entry.seq;
            stage.apply(entry.at, event);
            let played_ms = stage.running.played_ms(entry.at.ms());
            if let Some(on) = stage.showing {
                let is_over = stage.running.item() != Some(on.item) || matches!(event, Event::PlaybackItemSelected(_));
                showings.edit(&(room, on.seq), |showing| {
                    showing.played_ms = played_ms - on.before_ms;
                    showing.steered += i64::from(entry.kind.starts_with("playback."));
                    showing.ended_at = is_over.then_some(entry.at);
                });
                stage.showing = stage.showing.filter(|_| !is_over);
            }
            if let Some((item, url, title)) = stage.curtain() {
                stage.showing = Some(On { item, seq: entry.seq, before_ms: played_ms });
                showings.put(Showing {
                    room,
                    seq: entry.seq,
                    item,
                    url,
                    title,
                    started_by,
                    started_at: entry.at,
                    ended_at: None,
                    played_ms: 0,
                    steered: 0,
                });
            }
        });
        Ok(())
    }
}

impl Stage {
    /// The first event of the present showing, and how long it has played by then, ms.
    #[must_use]
    pub fn played_ms(&self, now: ServerMs) -> Option<(Seq, i64)> {
        self.showing.map(|on| (on.seq, self.running.played_ms(now) - on.before_ms))
    }

    /// The item that plays now, and whose showing has not begun yet.
    fn curtain(&self) -> Option<(ItemId, MediaUrl, Option<Title>)> {
        let item = self.running.item().filter(|_| self.showing.is_none() && self.running.is_playing())?;
        let (url, title) = self.items.get(&item)?.clone();
        Some((item, url, title))
    }

    /// Takes in what happened to what is on.
    pub fn apply(&mut self, at: Timestamp, event: &Event) {
        self.running.apply(at, event);
        match event {
            Event::PlaylistAdded(added) => {
                let item = (added.url.clone(), added.title.clone());
                self.items.entry(added.item_id).or_insert(item);
            }
            Event::PlaylistUpdated(updated) => {
                if let (Some((_, title)), Some(new)) = (self.items.get_mut(&updated.item_id), &updated.title) {
                    *title = Some(new.clone());
                }
            }
            Event::PlaylistRemoved(removed) => drop(self.items.remove(&removed.item_id)),
            Event::PlaylistCleared(_) => self.items.clear(),
            _ => {}
        }
    }
}
