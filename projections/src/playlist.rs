//! The playlist of each room, as one document.

use serde::{Deserialize, Serialize};
use synctv_domain::events::PlaylistAdded;
use synctv_domain::{Event, Item, ItemId, RoomId, Seq};

use crate::entry::{Entry, Poison};
use crate::model::ReadModel;
use crate::rows::{Row, Rows};

const NAMES: &[&str] =
    &["playlist.added", "playlist.updated", "playlist.moved", "playlist.removed", "playlist.cleared"];

/// A room's playlist.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Playlist {
    /// In order.
    pub items: Vec<Item>,
}

/// The document of a room.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomPlaylist {
    /// The room.
    pub room: RoomId,
    /// The event that left it so.
    pub version: Seq,
    /// Its playlist.
    pub playlist: Playlist,
}

impl Row for RoomPlaylist {
    type Key = RoomId;

    fn key(&self) -> RoomId {
        self.room
    }
}

/// The one table.
#[derive(Default)]
pub struct Tables {
    /// By room.
    pub playlists: Rows<RoomPlaylist>,
}

/// The playlists of rooms.
pub struct Playlists;

impl ReadModel for Playlists {
    const NAME: &'static str = "playlists";
    type Tables = Tables;

    fn apply(entry: &Entry, Tables { playlists }: &mut Tables) -> Result<(), Poison> {
        let Some((room, event)) = entry.of(NAMES)? else { return Ok(()) };
        let fresh = || RoomPlaylist { room, version: entry.seq, playlist: Playlist::default() };
        playlists.make(&room, fresh, |row| {
            row.version = entry.seq;
            row.playlist.apply(event);
        });
        Ok(())
    }
}

impl Playlist {
    /// Takes in what happened to it.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::PlaylistAdded(added) => self.add(added),
            Event::PlaylistUpdated(updated) => {
                if let Some(index) = self.index_of(updated.item_id) {
                    let item = &mut self.items[index];
                    item.title = updated.title.clone().or(item.title.take());
                    item.duration_ms = updated.duration_ms.or(item.duration_ms);
                }
            }
            Event::PlaylistMoved(moved) if moved.after != Some(moved.item_id) => {
                if let Some(index) = self.index_of(moved.item_id) {
                    let item = self.items.remove(index);
                    self.insert(item, moved.after);
                }
            }
            Event::PlaylistRemoved(removed) => self.items.retain(|item| item.item_id != removed.item_id),
            Event::PlaylistCleared(_) => self.items.clear(),
            _ => {}
        }
    }

    fn add(&mut self, added: &PlaylistAdded) {
        if self.index_of(added.item_id).is_some() {
            return;
        }
        let item = Item {
            item_id: added.item_id,
            url: added.url.clone(),
            title: added.title.clone(),
            duration_ms: added.duration_ms,
            added_by: added.added_by,
            delivery: added.delivery,
        };
        self.insert(item, added.after);
    }

    fn index_of(&self, id: ItemId) -> Option<usize> {
        self.items.iter().position(|item| item.item_id == id)
    }

    /// Behind an item, or at the end if that one is unknown; `None` is the beginning.
    fn insert(&mut self, item: Item, after: Option<ItemId>) {
        let index = match after {
            None => 0,
            Some(id) => self.index_of(id).map_or(self.items.len(), |index| index + 1),
        };
        self.items.insert(index, item);
    }
}
