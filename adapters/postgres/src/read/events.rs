//! Events of a room.

use serde::Deserialize;
use sqlx::Row;
use sqlx::postgres::PgRow;
use synctv_commands::{Carried, LogError};
use synctv_domain::{Actor, CommandId, Event, Position, Recorded, RoomId, Seq, Timestamp};

use super::Micros;
use crate::append::STREAM_TYPE;
use crate::connect::pool::PgPool;
use crate::sqlstate::unavailable;
use crate::vault::Vault;

#[derive(Deserialize)]
struct Metadata {
    actor: Actor,
    decided_by: String,
}

/// What was read, and position and hash of the last event.
pub(crate) struct Read {
    pub(crate) events: Vec<Recorded>,
    pub(crate) last: Option<(i64, Vec<u8>)>,
}

/// At most `limit` events after `after`.
pub(crate) async fn room(
    pool: &PgPool,
    vault: &Vault,
    room: RoomId,
    after: Seq,
    limit: usize,
) -> Result<Read, LogError> {
    const SQL: &str = "SELECT position, event_id, seq, type, version, payload, metadata, command_id, recorded_at, hash \
         FROM events WHERE stream_id = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    let rows = sqlx::query(SQL)
        .bind(room.to_string())
        .bind(after.0)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await
        .map_err(|error| unavailable(&error))?;
    let last = rows.last().map(|row| Ok((row.try_get("position")?, row.try_get("hash")?))).transpose();
    Ok(Read { events: opened(vault, &rows).await?, last: last.map_err(|error| unavailable(&error))? })
}

/// The room's events at these positions.
pub(crate) async fn span(
    pool: &PgPool,
    vault: &Vault,
    room: RoomId,
    first: Position,
    last: Position,
) -> Result<Vec<Recorded>, LogError> {
    const SQL: &str = "SELECT position, event_id, seq, type, version, payload, metadata, command_id, recorded_at \
         FROM events WHERE position BETWEEN $1 AND $2 AND stream_id = $3 ORDER BY position";
    let rows = sqlx::query(SQL)
        .bind(first.0)
        .bind(last.0)
        .bind(room.to_string())
        .fetch_all(pool)
        .await
        .map_err(|error| unavailable(&error))?;
    opened(vault, &rows).await
}

/// The room that a row belongs to; none, if it is an operator's act.
pub(super) fn room_of(row: &PgRow) -> Result<Option<RoomId>, LogError> {
    let stream_type: &str = row.try_get("stream_type").map_err(|error| unavailable(&error))?;
    if stream_type != STREAM_TYPE {
        return Ok(None);
    }
    let stream: &str = row.try_get("stream_id").map_err(|error| unavailable(&error))?;
    stream.parse().map(Some).map_err(|_| LogError::Corrupt(format!("events.stream_id {stream:?}")))
}

async fn opened(vault: &Vault, rows: &[PgRow]) -> Result<Vec<Recorded>, LogError> {
    let mut events = rows.iter().map(decode).collect::<Result<Vec<_>, _>>()?;
    open(vault, &mut events).await?;
    Ok(events)
}

/// Makes personal fields readable.
pub(super) async fn open(vault: &Vault, events: &mut [Recorded]) -> Result<(), LogError> {
    vault
        .open(&mut |field| {
            for recorded in &mut *events {
                recorded.event.for_each_personal(field);
            }
        })
        .await
}

/// What a row, or an event on its way, says of an event.
struct Parts<'a> {
    position: i64,
    seq: i64,
    id: &'a str,
    kind: &'a str,
    version: i16,
    at: i64,
    command_id: &'a str,
    metadata: &'a str,
    payload: &'a str,
}

impl Parts<'_> {
    /// What cannot be read names itself.
    fn read(&self) -> Result<Recorded, LogError> {
        let corrupt = |what: &str, reason: &dyn std::fmt::Display| {
            LogError::Corrupt(format!("events.{what} at position {}: {reason}", self.position))
        };
        let metadata: Metadata = serde_json::from_str(self.metadata).map_err(|error| corrupt("metadata", &error))?;
        let event = Event::decode(self.kind, u16::try_from(self.version).unwrap_or(0), self.payload);
        Ok(Recorded {
            seq: Seq(self.seq),
            position: Position(self.position),
            id: self.id.parse().map_err(|error| corrupt("event_id", &error))?,
            at: Timestamp(self.at),
            actor: metadata.actor,
            event: event.map_err(|error| corrupt("payload", &error))?,
            decided_by: metadata.decided_by,
            command_id: CommandId::parse(self.command_id).map_err(|error| corrupt("command_id", &error))?,
        })
    }
}

pub(super) fn decode(row: &PgRow) -> Result<Recorded, LogError> {
    let position: i64 = row.try_get("position").map_err(|error| unavailable(&error))?;
    let corrupt =
        |what: &str, reason: sqlx::Error| LogError::Corrupt(format!("events.{what} at position {position}: {reason}"));
    let text = |column: &'static str| row.try_get_unchecked::<&str, _>(column).map_err(|error| corrupt(column, error));
    let at: Micros = row.try_get("recorded_at").map_err(|error| corrupt("recorded_at", error))?;
    let parts = Parts {
        position,
        seq: row.try_get("seq").map_err(|error| corrupt("seq", error))?,
        id: text("event_id")?,
        kind: text("type")?,
        version: row.try_get("version").map_err(|error| corrupt("version", error))?,
        at: at.0,
        command_id: text("command_id")?,
        metadata: text("metadata")?,
        payload: text("payload")?,
    };
    parts.read()
}

/// What came from another node, readable, each with its room; an operator's act has none. What this version cannot read is left to
/// whoever reads that room.
pub(crate) async fn unsealed(vault: &Vault, events: &[Carried]) -> Result<Vec<(RoomId, Recorded)>, LogError> {
    let (mut rooms, mut read) = (Vec::with_capacity(events.len()), Vec::with_capacity(events.len()));
    for event in events {
        let Ok(room) = event.stream.parse() else { continue };
        match parts(event).read() {
            Ok(recorded) => {
                rooms.push(room);
                read.push(recorded);
            }
            Err(error) => tracing::error!(%room, %error, "event.unreadable"),
        }
    }
    open(vault, &mut read).await?;
    Ok(rooms.into_iter().zip(read).collect())
}

fn parts(event: &Carried) -> Parts<'_> {
    Parts {
        position: event.position.0,
        seq: event.seq.0,
        id: &event.id,
        kind: &event.kind,
        version: event.version,
        at: event.at,
        command_id: &event.command_id,
        metadata: &event.metadata,
        payload: &event.payload,
    }
}
