//! Where a room stands, and what became of commands.

use sqlx::Row;
use synctv_commands::{LogError, Outcome, StreamCheck};
use synctv_domain::{ActorId, CommandId, Position, RoomId, Seq, Timestamp};

use crate::command_key::command_key;
use crate::connect::pool::PgPool;
use crate::sqlstate::unavailable;

/// Head and outcomes, from one snapshot of the database.
pub(crate) async fn check(
    pool: &PgPool,
    room: RoomId,
    commands: &[(ActorId, CommandId)],
) -> Result<StreamCheck, LogError> {
    const HEAD: &str =
        "SELECT coalesce((SELECT e.seq FROM events e WHERE e.stream_id = $1 ORDER BY e.seq DESC LIMIT 1), 0) AS head";
    const BOTH: &str = "SELECT coalesce((SELECT e.seq FROM events e WHERE e.stream_id = $1 ORDER BY e.seq DESC LIMIT 1), 0) AS head, \
         k.fingerprint, k.stream_id, k.first_position, k.last_position, k.seq \
         FROM unnest($2::bytea[]) WITH ORDINALITY AS c(key, o) LEFT JOIN commands k USING (key) ORDER BY c.o";
    let failed = |error: sqlx::Error| unavailable(&error);
    if commands.is_empty() {
        let head = sqlx::query_scalar(HEAD).bind(room.to_string()).fetch_one(pool).await.map_err(failed)?;
        return Ok(StreamCheck { head: Seq(head), outcomes: Vec::new() });
    }
    let keys: Vec<_> = commands.iter().map(|(actor, id)| command_key(*actor, id)).collect();
    let rows = sqlx::query(BOTH).bind(room.to_string()).bind(keys).fetch_all(pool).await.map_err(failed)?;
    let head = rows.first().map_or(Ok(0), |row| row.try_get("head")).map_err(failed)?;
    let outcomes = rows.iter().map(outcome).collect::<Result<_, _>>()?;
    Ok(StreamCheck { head: Seq(head), outcomes })
}

fn outcome(row: &sqlx::postgres::PgRow) -> Result<Option<Outcome>, LogError> {
    let read = || -> Result<Option<(Vec<u8>, String, Outcome)>, sqlx::Error> {
        let Some(fingerprint) = row.try_get::<Option<Vec<u8>>, _>("fingerprint")? else { return Ok(None) };
        let outcome = Outcome {
            fingerprint: [0; 16],
            room: RoomId::new(ulid::Ulid(0)),
            first: Position(row.try_get("first_position")?),
            last: Position(row.try_get("last_position")?),
            seq: Seq(row.try_get("seq")?),
        };
        Ok(Some((fingerprint, row.try_get("stream_id")?, outcome)))
    };
    let Some((fingerprint, stream, outcome)) = read().map_err(|error| unavailable(&error))? else { return Ok(None) };
    let corrupt = |column: &str| LogError::Corrupt(format!("commands.{column} of a command of {stream}"));
    Ok(Some(Outcome {
        fingerprint: fingerprint.try_into().map_err(|_| corrupt("fingerprint"))?,
        room: stream.parse().map_err(|_| corrupt("stream_id"))?,
        ..outcome
    }))
}

/// The seq that a room had at a time.
pub(crate) async fn seq_at(pool: &PgPool, room: RoomId, at: Timestamp) -> Result<Seq, LogError> {
    let seq: Option<i64> =
        sqlx::query_scalar("SELECT seq_at($1, 'epoch'::timestamptz + $2 * interval '1 microsecond')")
            .bind(room.to_string())
            .bind(at.0)
            .fetch_one(pool)
            .await
            .map_err(|error| unavailable(&error))?;
    Ok(Seq(seq.unwrap_or(0)))
}
