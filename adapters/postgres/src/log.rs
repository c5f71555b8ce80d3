//! The event log that the write side asks for.

use std::sync::Arc;

use async_trait::async_trait;
use synctv_commands::{
    Append, Appended, Carried, Carrier, Epoch, EventLog, Folded, LogError, LogHead, LogTail, RoomLock, StreamCheck,
    Unseal,
};
use synctv_domain::{ActorId, CommandId, EventId, MessageId, Position, Recorded, Room, RoomId, Seq, Timestamp};

use crate::append::{Airspace, Appender};
use crate::connect::pool::{PgPool, soon};
use crate::incarnation::Incarnation;
use crate::metrics::Metrics;
use crate::read;
use crate::vault::Vault;

/// The log, for one node.
pub struct PgLog {
    pool: PgPool,
    appender: Appender,
    locks: read::RoomLocks,
    vault: Arc<Vault>,
    incarnation: Arc<Incarnation>,
    metrics: Arc<Metrics>,
}

impl PgLog {
    /// Over a pool for reads; the append gets connections of its own. The `carrier` takes what is stored to other nodes.
    #[must_use]
    pub fn new(
        pool: PgPool,
        vault: Arc<Vault>,
        incarnation: Arc<Incarnation>,
        carrier: Option<Arc<dyn Carrier>>,
    ) -> Self {
        let options = pool.connect_options().as_ref().clone();
        let metrics = Arc::new(Metrics::new());
        let airspace = Airspace::new(Arc::clone(&incarnation), pool.clone(), Arc::clone(&metrics), carrier);
        let appender = Appender::start(options, Arc::clone(&vault), airspace);
        Self { locks: read::RoomLocks::beside(&pool), pool, appender, vault, incarnation, metrics }
    }

    /// What it counts.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }
}

/// What is read of a room is read for its lane, and everybody who is in it waits for that.
#[async_trait]
impl EventLog for PgLog {
    fn epoch(&self) -> Epoch {
        self.incarnation.epoch()
    }

    async fn append(&self, append: &Append) -> Result<Appended, LogError> {
        self.appender.append(append).await
    }

    async fn check(&self, room: RoomId, commands: &[(ActorId, CommandId)]) -> Result<StreamCheck, LogError> {
        if self.incarnation.is_rewound() {
            return Err(LogError::Rewound);
        }
        soon(read::check(&self.pool, room, commands)).await
    }

    async fn read_room(&self, room: RoomId, after: Seq, limit: usize) -> Result<Vec<Recorded>, LogError> {
        let epoch = self.incarnation.epoch();
        let read = soon(read::room(&self.pool, &self.vault, room, after, limit)).await?;
        // Whoever was shown an event must not accept a log without it, even if the follower has not come that far. The append
        // relies on it: what it was decided on is in the log if the last event seen is.
        if let Some((position, hash)) = read.last {
            self.incarnation.advance(&epoch, position, hash);
        }
        Ok(read.events)
    }

    async fn withdrawn(&self, room: RoomId, of: &[MessageId]) -> Result<Vec<MessageId>, LogError> {
        soon(read::withdrawn(&self.pool, room, of)).await
    }

    async fn read_span(&self, room: RoomId, first: Position, last: Position) -> Result<Vec<Recorded>, LogError> {
        soon(read::span(&self.pool, &self.vault, room, first, last)).await
    }

    async fn snapshot(&self, room: RoomId, at_most: Option<Seq>) -> Result<Option<Folded>, LogError> {
        let epoch = self.incarnation.epoch();
        let found = soon(read::snapshot(&self.pool, &self.vault, room, at_most)).await?;
        Ok(found.map(|(folded, hash)| {
            self.incarnation.advance(&epoch, folded.head.0, hash);
            folded
        }))
    }

    async fn save_snapshot(&self, room: &Room, last: EventId, kept: bool) -> Result<(), LogError> {
        read::save_snapshot(&self.pool, &self.vault, room, last, kept).await
    }

    async fn seq_at(&self, room: RoomId, at: Timestamp) -> Result<Seq, LogError> {
        read::seq_at(&self.pool, room, at).await
    }

    async fn lock_room(&self, room: RoomId) -> Result<Box<dyn RoomLock>, LogError> {
        Ok(Box::new(self.locks.lock(room).await?))
    }

    fn erasures(&self) -> u64 {
        self.vault.erasures()
    }

    fn suspect(&self) {
        self.incarnation.suspicion.notify_one();
    }
}

#[async_trait]
impl LogTail for PgLog {
    async fn head(&self) -> Result<LogHead, LogError> {
        self.incarnation.refresh(&self.pool).await
    }

    fn is_stuck(&self) -> bool {
        self.appender.is_stuck()
    }

    async fn moved(&self, after: Position, until: Position) -> Result<Vec<(RoomId, Seq)>, LogError> {
        read::moved(&self.pool, after, until).await
    }

    async fn suspected(&self) {
        self.incarnation.suspicion.notified().await;
    }
}

#[async_trait]
impl Unseal for PgLog {
    async fn unseal(&self, epoch: &Epoch, events: Vec<Carried>) -> Result<Vec<(RoomId, Recorded)>, LogError> {
        let readable = read::unsealed(&self.vault, &events).await?;
        for event in events {
            self.incarnation.advance(epoch, event.witness.position.0, event.witness.hash.to_vec());
        }
        Ok(readable)
    }
}
