//! A log for the laws of delivery.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use async_trait::async_trait;
use synctv_commands::{
    Append, Appended, Epoch, EventLog, Folded, LogError, LogHead, LogTail, Outcome, RoomLock, StreamCheck,
};
use synctv_domain::events::RoomReopened;
use synctv_domain::{
    Actor, ActorId, CommandId, Event, EventId, MessageId, Position, Recorded, Room, RoomId, Seq, Timestamp,
};
use ulid::Ulid;

use crate::locked;

/// A log in memory: what delivery asks of the real one.
#[derive(Default)]
pub(crate) struct Memory {
    rooms: Mutex<Rooms>,
    /// Reads under way, and the most there were at once.
    pub(crate) reads: Mutex<(usize, usize)>,
}

#[derive(Default)]
struct Rooms {
    events: HashMap<RoomId, Vec<Recorded>>,
    /// Whose event is at each position, from 1 on.
    log: Vec<RoomId>,
}

impl Memory {
    /// Stores one more event.
    pub(crate) fn store(&self, room: RoomId) -> Recorded {
        let mut rooms = locked(&self.rooms);
        rooms.log.push(room);
        let position = Position(rooms.log.len().try_into().unwrap());
        let events = rooms.events.entry(room).or_default();
        let event = Recorded {
            seq: Seq(i64::try_from(events.len()).unwrap() + 1),
            position,
            id: EventId::new(Ulid(1)),
            at: Timestamp(0),
            actor: Actor { id: ActorId::System },
            event: Event::RoomReopened(RoomReopened {}),
            decided_by: "rule".to_owned(),
            command_id: CommandId::parse("c").unwrap(),
        };
        events.push(event.clone());
        event
    }

    /// Where a room stands.
    pub(crate) fn seq(&self, room: RoomId) -> Seq {
        Seq(locked(&self.rooms).events.get(&room).map_or(0, Vec::len).try_into().unwrap())
    }

    fn under_way(&self, change: isize) {
        let mut reads = locked(&self.reads);
        reads.0 = reads.0.checked_add_signed(change).unwrap();
        reads.1 = reads.1.max(reads.0);
    }
}

fn unused<T>() -> Result<T, LogError> {
    Err(LogError::Unavailable("delivery does not ask for this".to_owned()))
}

#[async_trait]
impl EventLog for Memory {
    fn epoch(&self) -> Epoch {
        Epoch { name: "e".into(), generation: 1 }
    }

    async fn append(&self, _: &Append) -> Result<Appended, LogError> {
        unused()
    }

    async fn check(&self, room: RoomId, _: &[(ActorId, CommandId)]) -> Result<StreamCheck, LogError> {
        tokio::task::yield_now().await;
        Ok(StreamCheck { head: self.seq(room), outcomes: Vec::<Option<Outcome>>::new() })
    }

    async fn read_room(&self, room: RoomId, after: Seq, limit: usize) -> Result<Vec<Recorded>, LogError> {
        self.under_way(1);
        tokio::task::yield_now().await;
        let skipped = usize::try_from(after.0).unwrap();
        let page =
            locked(&self.rooms).events.get(&room).into_iter().flatten().skip(skipped).take(limit).cloned().collect();
        tokio::task::yield_now().await;
        self.under_way(-1);
        Ok(page)
    }

    async fn withdrawn(&self, _: RoomId, _: &[MessageId]) -> Result<Vec<MessageId>, LogError> {
        unused()
    }

    async fn read_span(&self, _: RoomId, _: Position, _: Position) -> Result<Vec<Recorded>, LogError> {
        unused()
    }

    async fn snapshot(&self, _: RoomId, _: Option<Seq>) -> Result<Option<Folded>, LogError> {
        unused()
    }

    async fn save_snapshot(&self, _: &Room, _: EventId, _: bool) -> Result<(), LogError> {
        unused()
    }

    async fn seq_at(&self, _: RoomId, _: Timestamp) -> Result<Seq, LogError> {
        unused()
    }

    fn erasures(&self) -> u64 {
        0
    }

    async fn lock_room(&self, _: RoomId) -> Result<Box<dyn RoomLock>, LogError> {
        unused()
    }

    fn suspect(&self) {}
}

#[async_trait]
impl LogTail for Memory {
    async fn head(&self) -> Result<LogHead, LogError> {
        let position = Position(locked(&self.rooms).log.len().try_into().unwrap());
        Ok(LogHead { epoch: self.epoch(), position, opened: Position(0) })
    }

    fn is_stuck(&self) -> bool {
        false
    }

    async fn moved(&self, after: Position, until: Position) -> Result<Vec<(RoomId, Seq)>, LogError> {
        let rooms: HashSet<RoomId> = {
            let rooms = locked(&self.rooms);
            let part = usize::try_from(after.0).unwrap()..usize::try_from(until.0).unwrap();
            assert!(part.len() <= 10_000, "a part of the log is looked at");
            rooms.log[part].iter().copied().collect()
        };
        Ok(rooms.into_iter().map(|room| (room, self.seq(room))).collect())
    }

    async fn suspected(&self) {
        std::future::pending::<()>().await;
    }
}
