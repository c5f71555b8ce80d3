//! Events on their way from the node that stored them to all others.

use std::sync::Arc;

use async_trait::async_trait;
use synctv_domain::{Position, Recorded, RoomId, Seq};

use crate::append::Epoch;
use crate::error::LogError;

/// An event as it is stored: what is personal in it stays sealed on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Carried {
    /// Its number in the log.
    pub position: Position,
    /// Its stream: a room, or an operator's acts.
    pub stream: String,
    /// Its number in the stream.
    pub seq: Seq,
    /// Its id.
    pub id: String,
    /// Its name.
    pub kind: String,
    /// Its version.
    pub version: i16,
    /// When it was recorded, µs since 1970.
    pub at: i64,
    /// The command that caused it.
    pub command_id: String,
    /// The stored text.
    pub metadata: String,
    /// The stored text.
    pub payload: String,
    /// What the log holds if it holds this event.
    pub witness: Seen,
}

/// An event of the log that was seen there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Its number.
    pub position: Position,
    /// Its hash.
    pub hash: [u8; 32],
}

/// Consecutive events that this node has just stored.
#[derive(Debug)]
pub struct Batch {
    /// In this incarnation.
    pub epoch: Epoch,
    /// In order; at least one.
    pub events: Vec<Carried>,
}

/// Takes what this node has stored to the other nodes. A hint: whatever does not arrive is read from the log.
pub trait Carrier: Send + Sync {
    /// Never waits.
    fn carry(&self, batch: Batch);
}

/// The rows of the outbox for what goes to all nodes: one for each event that has not been taken there.
#[async_trait]
pub trait Outbox: Send + Sync {
    /// The incarnation whose events these are.
    fn epoch(&self) -> Epoch;
    /// Into how many streams the events are divided.
    fn partitions(&self) -> u32;
    /// The last position that this node knows of.
    fn known(&self) -> Position;
    /// Takes or keeps, for a few seconds, the right to work the outbox off. False: another node has it.
    async fn hold(&self) -> Result<bool, LogError>;
    /// Lets another node have it.
    async fn give_back(&self) -> Result<(), LogError>;
    /// The last position, after a look at the log.
    async fn head(&self) -> Result<Position, LogError>;
    /// The last position that was there so many seconds ago.
    async fn head_before(&self, secs: u32) -> Result<Position, LogError>;
    /// The first row.
    async fn first(&self) -> Result<Option<Position>, LogError>;
    /// At most `limit` events in `(after, until]`, as they are stored.
    async fn read(&self, after: Position, until: Position, limit: usize) -> Result<Vec<Carried>, LogError>;
    /// Removes the rows in `(after, until]`, unless another node has the right by now.
    async fn remove(&self, after: Position, until: Position) -> Result<(), LogError>;
}

/// Makes events that another node stored readable.
#[async_trait]
pub trait Unseal: Send + Sync {
    /// Each with its room; one that cannot be read is left out, and told. From now on this node accepts no log that lacks one of
    /// them.
    async fn unseal(&self, epoch: &Epoch, events: Vec<Carried>) -> Result<Vec<(RoomId, Recorded)>, LogError>;
}

/// What hears of the events that other nodes stored.
pub trait Hearing: Send + Sync {
    /// Everything up to here has been heard. None: nothing of this incarnation yet.
    fn reached(&self, epoch: &Epoch) -> Option<Position>;
    /// Whether this one has been heard.
    fn knows(&self, epoch: &Epoch, position: Position) -> bool;
    /// Whether somebody on this node follows the room.
    fn follows(&self, room: RoomId) -> bool;
    /// Consecutive events of one room.
    fn hear(&self, room: RoomId, epoch: &Epoch, events: Arc<[Recorded]>);
    /// An event that concerns nobody here.
    fn pass(&self, epoch: &Epoch, position: Position);
    /// Whether events can be expected to arrive by themselves.
    fn expect(&self, arriving: bool);
}
