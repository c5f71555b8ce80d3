//! The log of all rooms, for auditors.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::Row;
use sqlx::postgres::PgRow;
use synctv_commands::{LogEntry, LogError, LogPage, LogQuery, LogReader, StoredEvent};
use synctv_domain::{Position, Timestamp};
use tokio::sync::Semaphore;

use super::Micros;
use super::events::{decode, open, room_of};
use super::scan::{Scanned, indexed, scan};
use super::scope::scope;
use crate::connect::pool::PgPool;
use crate::incarnation::Incarnation;
use crate::sqlstate::unavailable;
use crate::vault::Vault;

/// Looks at the log at once: auditors must not take all connections from those who read rooms.
const AT_ONCE: usize = 4;

pub(super) const ENTRY: &str = "e.position, e.event_id, e.stream_type, e.stream_id, e.seq, e.type, e.version, e.payload, e.metadata, e.command_id, e.recorded_at";

const STORED: &str = "e.position, encode(e.hash, 'hex') AS hash, \
     encode(CASE WHEN e.position = 1 THEN sha256(convert_to(l.log_id, 'UTF8')) \
                 ELSE (SELECT p.hash FROM events p WHERE p.position = e.position - 1) END, 'hex') AS previous, \
     e.event_id, e.stream_type, e.stream_id, e.seq, e.type, e.version, e.payload, e.metadata, e.command_id, e.recorded_at";

/// Reads the log of all rooms.
pub struct PgLogReader {
    pool: PgPool,
    vault: Option<Arc<Vault>>,
    incarnation: Arc<Incarnation>,
    free: Semaphore,
}

impl PgLogReader {
    /// Without a vault, personal fields stay sealed.
    #[must_use]
    pub fn new(pool: PgPool, vault: Option<Arc<Vault>>, incarnation: Arc<Incarnation>) -> Self {
        Self { pool, vault, incarnation, free: Semaphore::new(AT_ONCE) }
    }

    async fn look(&self, asked: &LogQuery, columns: &str) -> Result<Scanned, LogError> {
        let _turn = self.free.acquire().await.map_err(|error| LogError::Unavailable(error.to_string()))?;
        let scope = scope(&self.pool, asked).await?;
        match indexed(&self.pool, asked, &scope, columns).await? {
            Some(found) => Ok(found),
            None => scan(&self.pool, asked, &scope, columns).await,
        }
    }
}

#[async_trait]
impl LogReader for PgLogReader {
    fn log_id(&self) -> String {
        self.incarnation.log_id()
    }

    async fn entries(&self, asked: &LogQuery) -> Result<LogPage<LogEntry>, LogError> {
        let Scanned { rows, reached } = self.look(asked, ENTRY).await?;
        let mut events = rows.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
        if let Some(vault) = &self.vault {
            open(vault, &mut events).await?;
        }
        let entry = |(row, event)| Ok(LogEntry { event, room_id: room_of(row)? });
        let events = rows.iter().zip(events).map(entry).collect::<Result<_, LogError>>()?;
        Ok(LogPage { events, reached })
    }

    async fn stored(&self, asked: &LogQuery) -> Result<LogPage<StoredEvent>, LogError> {
        let Scanned { rows, reached } = self.look(asked, STORED).await?;
        let events = rows.iter().map(stored).collect::<Result<_, _>>().map_err(|error| unavailable(&error))?;
        Ok(LogPage { events, reached })
    }
}

/// Nothing is interpreted: what this version cannot read is shown as well.
fn stored(row: &PgRow) -> Result<StoredEvent, sqlx::Error> {
    let at: Micros = row.try_get("recorded_at")?;
    Ok(StoredEvent {
        position: Position(row.try_get("position")?),
        hash: row.try_get("hash")?,
        previous: row.try_get("previous")?,
        event_id: row.try_get("event_id")?,
        stream_type: row.try_get("stream_type")?,
        stream_id: row.try_get("stream_id")?,
        seq: row.try_get("seq")?,
        kind: row.try_get("type")?,
        version: row.try_get("version")?,
        recorded_at_us: at.0,
        at: Timestamp(at.0),
        command_id: row.try_get("command_id")?,
        payload: row.try_get_unchecked("payload")?,
        metadata: row.try_get_unchecked("metadata")?,
    })
}
