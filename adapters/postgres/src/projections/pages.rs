//! The log in global order, as read models take it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{PgConnection, Row};
use synctv_domain::{Actor, Event, Position, Seq, Timestamp};
use synctv_projections::{Entry, LogPages, ProjectionError};

use crate::append::STREAM_TYPE;
use crate::connect::pool::{PgPool, answered};
use crate::incarnation::Incarnation;
use crate::read::Micros;
use crate::sqlstate::projection_failure as failure;

/// Pages kept for other projections, which are mostly at the same place.
const KEPT: usize = 8;
/// For how long: what is read again may differ, once an older log was restored.
const FRESH: Duration = Duration::from_secs(1);

/// Reads pages of the log.
pub struct PgPages {
    pool: PgPool,
    incarnation: Arc<Incarnation>,
    kept: Mutex<VecDeque<Kept>>,
    /// One reads: others mostly want the same page.
    reading: tokio::sync::Mutex<()>,
}

struct Kept {
    generation: i64,
    after: Position,
    limit: usize,
    read_at: Instant,
    page: Arc<[Entry]>,
}

impl PgPages {
    /// Over the database of the log.
    #[must_use]
    pub fn new(pool: PgPool, incarnation: Arc<Incarnation>) -> Self {
        Self { pool, incarnation, kept: Mutex::default(), reading: tokio::sync::Mutex::default() }
    }

    async fn read(&self, after: Position, limit: usize) -> Result<Vec<Entry>, ProjectionError> {
        let mut connection = self.pool.acquire().await.map_err(|error| failure(&error))?;
        read(&mut connection, after, limit).await
    }

    fn known(&self, generation: i64, after: Position, limit: usize) -> Option<Arc<[Entry]>> {
        let same = |kept: &&Kept| {
            (kept.generation, kept.after, kept.limit) == (generation, after, limit) && kept.read_at.elapsed() < FRESH
        };
        self.kept().iter().find(same).map(|kept| Arc::clone(&kept.page))
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, VecDeque<Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl LogPages for PgPages {
    async fn page(&self, after: Position, limit: usize) -> Result<Arc<[Entry]>, ProjectionError> {
        let generation = self.incarnation.epoch().generation;
        if let Some(page) = self.known(generation, after, limit) {
            return Ok(page);
        }
        let _reading = self.reading.lock().await;
        if let Some(page) = self.known(generation, after, limit) {
            return Ok(page);
        }
        let read_at = Instant::now();
        let page: Arc<[Entry]> = answered(self.read(after, limit)).await?.into();
        if !page.is_empty() {
            let mut kept = self.kept();
            kept.push_front(Kept { generation, after, limit, read_at, page: Arc::clone(&page) });
            kept.truncate(KEPT);
        }
        Ok(page)
    }

    async fn beyond(&self, after: Position) {
        let mut positions = self.incarnation.positions();
        // The sender lives as long as the incarnation.
        let _ = positions.wait_for(|position| *position > after.0).await;
    }
}

/// At most `limit` events after a position.
pub(super) async fn read(
    connection: &mut PgConnection,
    after: Position,
    limit: usize,
) -> Result<Vec<Entry>, ProjectionError> {
    const SQL: &str = "SELECT position, stream_type, stream_id, seq, type, version, payload, metadata, command_id, recorded_at \
         FROM events WHERE position > $1 ORDER BY position LIMIT $2";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let rows =
        sqlx::query(SQL).bind(after.0).bind(limit).fetch_all(connection).await.map_err(|error| failure(&error))?;
    rows.iter().map(entry).collect::<Result<_, _>>().map_err(|error| failure(&error))
}

fn entry(row: &PgRow) -> Result<Entry, sqlx::Error> {
    let at: Micros = row.try_get("recorded_at")?;
    let stored = Stored {
        position: row.try_get("position")?,
        stream_type: row.try_get("stream_type")?,
        stream: row.try_get("stream_id")?,
        seq: row.try_get("seq")?,
        kind: row.try_get("type")?,
        version: row.try_get("version")?,
        payload: row.try_get_unchecked("payload")?,
        metadata: row.try_get_unchecked("metadata")?,
        command_id: row.try_get("command_id")?,
        at_us: at.0,
    };
    Ok(stored.entry())
}

/// An event as it is stored, however it was read.
pub(super) struct Stored<'a> {
    pub(super) position: i64,
    pub(super) stream_type: &'a str,
    pub(super) stream: &'a str,
    pub(super) seq: i64,
    pub(super) kind: &'a str,
    pub(super) version: i16,
    pub(super) payload: &'a str,
    pub(super) metadata: &'a str,
    pub(super) command_id: &'a str,
    pub(super) at_us: i64,
}

#[derive(serde::Deserialize)]
struct Metadata {
    actor: Actor,
}

impl Stored<'_> {
    /// What cannot be read says so, and stops those who need it.
    pub(super) fn entry(&self) -> Entry {
        let room = (self.stream_type == STREAM_TYPE).then(|| self.stream.parse()).transpose();
        let metadata = serde_json::from_str(self.metadata).map(|Metadata { actor }| actor.id);
        let actor = metadata.map_err(|error| format!("its metadata cannot be read: {error}"));
        let event = Event::decode(self.kind, u16::try_from(self.version).unwrap_or(0), self.payload);
        Entry {
            position: Position(self.position),
            room: room.map_err(|error| format!("its stream cannot be read: {error}")),
            seq: Seq(self.seq),
            at: Timestamp(self.at_us),
            kind: self.kind.to_owned(),
            command_id: self.command_id.to_owned(),
            event: actor.clone().and_then(|_| event.map_err(|error| error.to_string())),
            actor,
            words: OnceLock::new(),
        }
    }
}
