//! Snapshots of rooms: a shortcut for reads, sealed like the events, and never trusted over them.

use synctv_commands::{Folded, LogError};
use synctv_domain::{ActorId, EventId, Position, Room, RoomId, Seq};

use crate::connect::pool::PgPool;
use crate::sqlstate::unavailable;
use crate::vault::Vault;

/// The newest one at or below `at_most`, and the hash of its last event. One that this version cannot read is passed over: the events are all there.
pub(crate) async fn snapshot(
    pool: &PgPool,
    vault: &Vault,
    room: RoomId,
    at_most: Option<Seq>,
) -> Result<Option<(Folded, Vec<u8>)>, LogError> {
    const SQL: &str = "SELECT s.state::text, e.position, e.hash FROM snapshots s JOIN events e USING (stream_id, seq) \
         WHERE s.stream_id = $1 AND s.schema_version = $2 AND s.seq <= $3 ORDER BY s.seq DESC LIMIT 1";
    let found: Option<(String, i64, Vec<u8>)> = sqlx::query_as(SQL)
        .bind(room.to_string())
        .bind(Room::SCHEMA)
        .bind(at_most.map_or(i64::MAX, |seq| seq.0))
        .fetch_optional(pool)
        .await
        .map_err(|error| unavailable(&error))?;
    let Some((state, head, hash)) = found else { return Ok(None) };
    let Ok(mut room) = serde_json::from_str::<Room>(&state) else { return Ok(None) };
    vault.open(&mut |field| room.for_each_personal(field)).await?;
    Ok(Some((Folded { room, head: Position(head) }, hash)))
}

/// Keeps a snapshot if its last event is in the log, and thins out the older ones.
pub(crate) async fn save_snapshot(
    pool: &PgPool,
    vault: &Vault,
    room: &Room,
    last: EventId,
    kept: bool,
) -> Result<(), LogError> {
    const SAVE: &str = "INSERT INTO snapshots (stream_id, schema_version, seq, kept, state) \
         SELECT $1, $2, $3, $4, $5::json FROM events WHERE stream_id = $1 AND seq = $3 AND event_id = $6 ON CONFLICT DO NOTHING";
    const THIN: &str = "DELETE FROM snapshots WHERE stream_id = $1 AND NOT kept AND (seq < $2 OR schema_version < $3)";
    let Some(id) = room.id() else { return Ok(()) };
    let mut sealed = room.clone();
    vault.seal(ActorId::System, &mut |field| sealed.for_each_personal(field)).await?;
    let state = serde_json::to_string(&sealed).map_err(|error| LogError::Corrupt(error.to_string()))?;
    let failed = |error: sqlx::Error| unavailable(&error);
    sqlx::query(SAVE)
        .bind(id.to_string())
        .bind(Room::SCHEMA)
        .bind(room.seq().0)
        .bind(kept)
        .bind(state)
        .bind(last.to_string())
        .execute(pool)
        .await
        .map_err(failed)?;
    sqlx::query(THIN).bind(id.to_string()).bind(room.seq().0).bind(Room::SCHEMA).execute(pool).await.map_err(failed)?;
    Ok(())
}
