//! How long the members of rooms have watched: the time in which something played while they were members.

use synctv_domain::{ActorId, Event, RoomId, Seq, ServerMs};

use crate::entry::{Entry, Poison};
use crate::model::ReadModel;
use crate::rows::{Row, Rows};
use crate::running::{Running, STEERING};

const COMING_AND_GOING: &[&str] =
    &["member.joined", "member.left", "member.kicked", "member.banned", "room.guests_expelled"];

/// A member's time in a room.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    /// The room.
    pub room: RoomId,
    /// Who.
    pub member: ActorId,
    /// Before they came for the last time, or left, ms.
    pub watched_ms: i64,
    /// What the room had played when they came, ms; none: they are not there.
    pub since_ms: Option<i64>,
}

impl Watch {
    /// Up to now, in a room that has played for so long.
    #[must_use]
    pub fn total_ms(&self, played_ms: i64) -> i64 {
        self.watched_ms + self.since_ms.map_or(0, |since| (played_ms - since).max(0))
    }
}

impl Row for Watch {
    type Key = (RoomId, ActorId);

    fn key(&self) -> Self::Key {
        (self.room, self.member)
    }
}

/// The document of a room.
#[derive(Clone, Debug, PartialEq)]
pub struct RoomRunning {
    /// The room.
    pub room: RoomId,
    /// The event that left it so.
    pub version: Seq,
    /// How long it has played.
    pub running: Running,
}

impl Row for RoomRunning {
    type Key = RoomId;

    fn key(&self) -> RoomId {
        self.room
    }
}

/// Two tables.
#[derive(Default)]
pub struct Tables {
    /// By room.
    pub rooms: Rows<RoomRunning>,
    /// By room and member.
    pub members: Rows<Watch>,
}

/// The watch time of members.
pub struct WatchTime;

impl ReadModel for WatchTime {
    const NAME: &'static str = "watch_time";
    type Tables = Tables;

    fn apply(entry: &Entry, tables: &mut Tables) -> Result<(), Poison> {
        if let Some((room, event)) = entry.of(&STEERING)? {
            let fresh = || RoomRunning { room, version: entry.seq, running: Running::default() };
            tables.rooms.make(&room, fresh, |row| {
                row.version = entry.seq;
                row.running.apply(entry.at, event);
            });
        }
        if let Some((room, event)) = entry.of(COMING_AND_GOING)? {
            if let Event::MemberJoined(joined) = event {
                tables.came(room, joined.member, entry.at.ms());
            }
            for gone in event.departed() {
                tables.left(room, *gone, entry.at.ms());
            }
        }
        Ok(())
    }
}

impl Tables {
    fn played_ms(&mut self, room: RoomId, now: ServerMs) -> i64 {
        self.rooms.get(&room).map_or(0, |row| row.running.played_ms(now))
    }

    fn came(&mut self, room: RoomId, member: ActorId, now: ServerMs) {
        let since = self.played_ms(room, now);
        let before = self.members.get(&(room, member)).map_or(0, |watch| watch.total_ms(since));
        self.members.put(Watch { room, member, watched_ms: before, since_ms: Some(since) });
    }

    fn left(&mut self, room: RoomId, member: ActorId, now: ServerMs) {
        let played = self.played_ms(room, now);
        self.members.edit(&(room, member), |watch| {
            watch.watched_ms = watch.total_ms(played);
            watch.since_ms = None;
        });
    }
}
