//! The directory of rooms: what a list of rooms shows.

use synctv_domain::{Event, ItemId, RoomId, Timestamp, Visibility};

use crate::entry::{Entry, Poison};
use crate::model::ReadModel;
use crate::rows::{Row, Rows};
use crate::running::motion_after;

const NAMES: &[&str] = &[
    "room.created",
    "room.settings_updated",
    "room.closed",
    "room.reopened",
    "member.joined",
    "member.left",
    "member.kicked",
    "member.banned",
    "room.guests_expelled",
    "playback.played",
    "playback.paused",
    "playback.seeked",
    "playback.rate_set",
    "playback.item_selected",
    "playback.held",
    "playback.released",
    "playlist.removed",
    "playlist.cleared",
    "live.started",
    "live.stopped",
];

/// A room in the list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedRoom {
    /// Which.
    pub room: RoomId,
    /// Its name.
    pub name: String,
    /// Whether everybody sees it.
    pub listed: bool,
    /// Closed ones are not shown.
    pub closed: bool,
    /// What is current.
    pub item: Option<ItemId>,
    /// Whether it plays.
    pub playing: bool,
    /// How many are in it.
    pub members: i64,
    /// How many events it has.
    pub events: i64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When something happened in it last.
    pub active_at: Timestamp,
    /// Whether somebody publishes.
    pub live: bool,
}

impl Row for ListedRoom {
    type Key = RoomId;

    fn key(&self) -> RoomId {
        self.room
    }
}

/// The one table.
#[derive(Default)]
pub struct Tables {
    /// By room.
    pub rooms: Rows<ListedRoom>,
}

/// The directory of rooms.
pub struct RoomDirectory;

impl ReadModel for RoomDirectory {
    const NAME: &'static str = "room_directory";
    type Tables = Tables;

    fn apply(entry: &Entry, tables: &mut Tables) -> Result<(), Poison> {
        let Some(room) = entry.room()? else { return Ok(()) };
        let event = entry.of(NAMES)?.map(|(_, event)| event);
        if let Some(Event::RoomCreated(created)) = event {
            tables.rooms.put(ListedRoom {
                room,
                name: created.name.to_string(),
                listed: created.visibility == Visibility::Listed,
                closed: false,
                item: None,
                playing: false,
                members: 0,
                events: 0,
                created_at: entry.at,
                active_at: entry.at,
                live: false,
            });
        }
        tables.rooms.edit(&room, |row| {
            row.events += 1;
            row.active_at = entry.at;
            if let Some(event) = event {
                row.change(event);
            }
        });
        Ok(())
    }
}

impl ListedRoom {
    fn change(&mut self, event: &Event) {
        match event {
            Event::RoomSettingsUpdated(update) => {
                if let Some(name) = &update.name {
                    self.name = name.to_string();
                }
                self.listed = update.visibility.map_or(self.listed, |visibility| visibility == Visibility::Listed);
            }
            Event::RoomClosed(_) => self.closed = true,
            Event::RoomReopened(_) => self.closed = false,
            Event::MemberJoined(_) => self.members += 1,
            Event::LiveStarted(_) => self.live = true,
            Event::LiveStopped(_) => self.live = false,
            _ => {}
        }
        self.members -= i64::try_from(event.departed().len()).unwrap_or(i64::MAX);
        if let Some(motion) = motion_after(self.item, event) {
            (self.item, self.playing) = (motion.item_id, motion.playing);
        }
    }
}

/// The longest run of characters that one number stands for.
const GRAM: usize = 3;

/// What a name can be found by: its runs of three characters in lower case, each as a number. A shorter text has none.
#[must_use]
pub fn grams(text: &str) -> Vec<i32> {
    let letters: Vec<char> = text.to_lowercase().chars().collect();
    let mut grams: Vec<i32> = letters.windows(GRAM).map(gram).collect();
    grams.sort_unstable();
    grams.dedup();
    grams
}

/// FNV-1a; two runs with the same number cost a look at the name, nothing else.
fn gram(letters: &[char]) -> i32 {
    let mixed =
        letters.iter().fold(0x811c_9dc5_u32, |mixed, letter| (mixed ^ u32::from(*letter)).wrapping_mul(0x0100_0193));
    mixed.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_of_a_name_has_part_of_its_grams() {
        let name = grams("Friday Night ÄRGER");
        for part in ["day", "NIGHT", "ärg", "friday night ärger"] {
            let part = grams(part);
            assert!(!part.is_empty() && part.iter().all(|gram| name.contains(gram)), "{part:?}");
        }
        assert!(!grams("monday").iter().all(|gram| name.contains(gram)));
        assert_eq!(grams("ab"), Vec::<i32>::new());
    }
}
