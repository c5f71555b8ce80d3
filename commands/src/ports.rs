//! What the write side needs from outside.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use synctv_domain::command::Password;
use synctv_domain::{
    ActorId, CommandId, Company, CredentialId, EventId, MessageId, Position, Recorded, Room, RoomId, Seq, ServerMs,
    Timestamp,
};
use tokio::sync::watch;
use ulid::Ulid;

use crate::append::{Append, Appended, Epoch, Outcome};
use crate::audit::{LogEntry, LogPage, LogQuery, StoredEvent};
use crate::error::LogError;
use crate::shown::Shown;

/// Where a stream stands, and which commands the log knows.
#[derive(Clone, Debug)]
pub struct StreamCheck {
    /// 0: no such stream.
    pub head: Seq,
    /// One for each id asked about.
    pub outcomes: Vec<Option<Outcome>>,
}

/// A room as folded from its events.
#[derive(Clone, Debug, Default)]
pub struct Folded {
    /// The room.
    pub room: Room,
    /// The position of its last event; 0: it has none.
    pub head: Position,
}

impl Folded {
    /// Adds consecutive events.
    pub fn extend<'a>(&mut self, events: impl IntoIterator<Item = &'a Recorded>) {
        for event in events {
            self.room.apply(event);
            self.head = event.position;
        }
    }
}

/// Held while a much contended room is decided; released when dropped.
pub trait RoomLock: Send {}

/// The one log. Events go in and come out with their personal fields readable; how they are kept is the log's affair.
#[async_trait]
pub trait EventLog: Send + Sync {
    /// The incarnation this node works on.
    fn epoch(&self) -> Epoch;
    /// Stores an append and answers when it is durable.
    async fn append(&self, append: &Append) -> Result<Appended, LogError>;
    /// Head of a room and the outcomes of commands, as of one moment.
    async fn check(&self, room: RoomId, commands: &[(ActorId, CommandId)]) -> Result<StreamCheck, LogError>;
    /// At most `limit` events of a room after `after`, in order.
    async fn read_room(&self, room: RoomId, after: Seq, limit: usize) -> Result<Vec<Recorded>, LogError>;
    /// Those of these messages that were withdrawn.
    async fn withdrawn(&self, room: RoomId, of: &[MessageId]) -> Result<Vec<MessageId>, LogError>;
    /// The events at these positions that belong to the room.
    async fn read_span(&self, room: RoomId, first: Position, last: Position) -> Result<Vec<Recorded>, LogError>;
    /// The newest snapshot of a room at or below `at_most`.
    async fn snapshot(&self, room: RoomId, at_most: Option<Seq>) -> Result<Option<Folded>, LogError>;
    /// Keeps a snapshot that ends with the event `last`; `kept` ones stay when newer ones come.
    async fn save_snapshot(&self, room: &Room, last: EventId, kept: bool) -> Result<(), LogError>;
    /// The seq a room had at that time; 0: it did not exist.
    async fn seq_at(&self, room: RoomId, at: Timestamp) -> Result<Seq, LogError>;
    /// Grows whenever somebody was erased: what was read before may hold what is gone.
    fn erasures(&self) -> u64;
    /// Excludes other nodes that ask for the same room.
    async fn lock_room(&self, room: RoomId) -> Result<Box<dyn RoomLock>, LogError>;
    /// A room was seen to stand behind what was read from it: look whether the log was rewound.
    fn suspect(&self);
}

/// Where the log stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogHead {
    /// The incarnation.
    pub epoch: Epoch,
    /// The last position.
    pub position: Position,
    /// The last position when this node took up the incarnation: what is after it may have been shown to somebody here.
    pub opened: Position,
}

/// What follows the log, whoever writes it.
#[async_trait]
pub trait LogTail: Send + Sync {
    /// Where the log stands, after making sure that this is still the same log.
    async fn head(&self) -> Result<LogHead, LogError>;
    /// Whether something that is to be appended has waited for so long that the next may wait in vain.
    fn is_stuck(&self) -> bool;
    /// The rooms with events in `(after, until]`, each with its last seq there.
    async fn moved(&self, after: Position, until: Position) -> Result<Vec<(RoomId, Seq)>, LogError>;
    /// Waits until somebody has a reason to look at the head at once.
    async fn suspected(&self);
}

/// The log of all rooms, for auditors. One call does a bounded amount of work, whatever is asked for.
#[async_trait]
pub trait LogReader: Send + Sync {
    /// The log's own name, the same in all of its epochs.
    fn log_id(&self) -> String;
    /// Events with their personal fields readable.
    async fn entries(&self, asked: &LogQuery) -> Result<LogPage<LogEntry>, LogError>;
    /// Events as they are stored.
    async fn stored(&self, asked: &LogQuery) -> Result<LogPage<StoredEvent>, LogError>;
}

/// Things that may be used once, at whichever node.
#[async_trait]
pub trait OneTime: Send + Sync {
    /// True for the first who asks; `secs` later nobody asks any more, and it may be forgotten.
    async fn redeem(&self, id: Ulid, secs: i64) -> Result<bool, LogError>;
}

/// People whose personal data the log may hold.
#[async_trait]
pub trait Subjects: Send + Sync {
    /// Prepares for somebody's first event, so that their first command need not.
    async fn admit(&self, subject: ActorId) -> Result<(), LogError>;
}

/// The passwords of rooms, kept where the log does not reach. Slow by design: whoever asks has been counted before.
#[async_trait]
pub trait Passwords: Send + Sync {
    /// Keeps a password under a fresh id, so that an event can name it.
    async fn keep(&self, room: RoomId, id: CredentialId, password: &Password) -> Result<(), LogError>;
    /// Whether this is the password that is kept there.
    async fn verify(&self, id: CredentialId, password: &Password) -> Result<bool, LogError>;
    /// Forgets those that no event will name again.
    async fn forget(&self, ids: &[CredentialId]) -> Result<(), LogError>;
    /// The same text for the same password and salt, as hard to guess from as what is kept.
    async fn digest(&self, password: &Password, salt: [u8; 16]) -> Result<String, LogError>;
}

/// Hands durable events to the subscribers of this node.
pub trait FanOut: Send + Sync {
    /// Consecutive events of one room, durable.
    fn publish(&self, room: RoomId, epoch: &Epoch, events: Arc<[Recorded]>);
    /// Consecutive events of one room that another node stored, as members are shown them.
    fn publish_read(&self, room: RoomId, epoch: &Epoch, events: &[Shown]);
    /// Whether somebody on this node follows the room.
    fn follows(&self, room: RoomId) -> bool;
}

/// The members who are connected to a room, and how they follow it.
pub trait Audience: Send + Sync {
    /// The one-way delay that nearly all of those have who report theirs (p95), ms. None: nobody does.
    fn delay_ms(&self, room: RoomId) -> Option<i64>;
    /// Who is connected, and who went away and did not come back.
    fn company(&self, room: RoomId) -> Company;
    /// Who has followed on this connection and now waits for media, and for how long.
    fn stalled(&self, room: RoomId) -> Vec<(ActorId, Duration)>;
    /// Changes with the two above. None: nobody is connected.
    fn changes(&self, room: RoomId) -> Option<watch::Receiver<u64>>;
}

/// PostgreSQL's time.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> ServerMs;
}

/// Fresh ids and randomness.
pub trait Ids: Send + Sync {
    /// A new id.
    fn ulid(&self) -> Ulid;
    /// A new event id.
    fn event(&self) -> EventId {
        EventId::new(self.ulid())
    }
    /// Randomness for decisions such as a shuffle.
    fn entropy(&self) -> u64;
}
