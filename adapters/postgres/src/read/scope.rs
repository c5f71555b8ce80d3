//! Where the events that an auditor asks for can be, found by halving: times and seqs never decrease along the log.

use synctv_commands::{LogError, LogQuery};
use synctv_domain::{Position, RoomId, Timestamp};

use crate::connect::pool::PgPool;
use crate::sqlstate::unavailable;

/// The part of the log to look at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scope {
    /// Behind this position …
    pub(super) after: i64,
    /// … and not beyond this one.
    pub(super) end: i64,
    /// Behind this seq of one room.
    pub(super) room: Option<(RoomId, i64)>,
}

/// Narrows down what is asked for, without reading what cannot match.
pub(super) async fn scope(pool: &PgPool, asked: &LogQuery) -> Result<Scope, LogError> {
    let (mut after, mut end) = (asked.after.0, asked.head.0);
    if let Some(since) = asked.filter.since {
        after = last_before(pool, after, end, since).await?;
    }
    if let Some(Timestamp(until)) = asked.filter.until {
        end = last_before(pool, after, end, Timestamp(until.saturating_add(1))).await?;
    }
    let room = match asked.filter.room {
        Some(room) => Some((room, seq_at_position(pool, room, Position(after)).await?)),
        None => None,
    };
    Ok(Scope { after, end, room })
}

/// The last position in `low..=high` that was recorded before a time; `low`, if none was.
async fn last_before(pool: &PgPool, low: i64, high: i64, time: Timestamp) -> Result<i64, LogError> {
    const SQL: &str = "WITH RECURSIVE halves (low, high) AS ( \
           SELECT $1::bigint, $2::bigint \
           UNION ALL \
           SELECT CASE WHEN it.is_before THEN half.mid ELSE low END, CASE WHEN it.is_before THEN high ELSE half.mid - 1 END \
           FROM halves \
           CROSS JOIN LATERAL (SELECT (low + high + 1) / 2 AS mid) half \
           CROSS JOIN LATERAL (SELECT coalesce( \
             (SELECT e.recorded_at < 'epoch'::timestamptz + $3 * interval '1 microsecond' \
              FROM events e WHERE e.position <= half.mid ORDER BY e.position DESC LIMIT 1), true) AS is_before) it \
           WHERE low < high) \
         SELECT low FROM halves WHERE low >= high";
    let found = sqlx::query_scalar(SQL).bind(low).bind(high.max(low)).bind(time.0).fetch_one(pool).await;
    found.map_err(|error| unavailable(&error))
}

/// The room's last seq at or before a position; 0: none.
async fn seq_at_position(pool: &PgPool, room: RoomId, position: Position) -> Result<i64, LogError> {
    const SQL: &str = "WITH RECURSIVE halves (low, high) AS ( \
           SELECT 0::bigint, coalesce((SELECT e.seq FROM events e WHERE e.stream_id = $1 ORDER BY e.seq DESC LIMIT 1), 0) \
           UNION ALL \
           SELECT CASE WHEN it.is_before THEN half.mid ELSE low END, CASE WHEN it.is_before THEN high ELSE half.mid - 1 END \
           FROM halves \
           CROSS JOIN LATERAL (SELECT (low + high + 1) / 2 AS mid) half \
           CROSS JOIN LATERAL (SELECT coalesce( \
             (SELECT e.position <= $2 FROM events e WHERE e.stream_id = $1 AND e.seq <= half.mid ORDER BY e.seq DESC LIMIT 1), \
             true) AS is_before) it \
           WHERE low < high) \
         SELECT low FROM halves WHERE low >= high";
    let found = sqlx::query_scalar(SQL).bind(room.to_string()).bind(position.0).fetch_one(pool).await;
    found.map_err(|error| unavailable(&error))
}
