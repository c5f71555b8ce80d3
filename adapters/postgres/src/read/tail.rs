//! Which rooms moved.

use sqlx::Row;
use synctv_commands::LogError;
use synctv_domain::{Position, RoomId, Seq};

use crate::connect::pool::{PgPool, soon};
use crate::sqlstate::unavailable;

/// The rooms with events in `(after, until]`, each with its last seq there.
pub(crate) async fn moved(pool: &PgPool, after: Position, until: Position) -> Result<Vec<(RoomId, Seq)>, LogError> {
    const SQL: &str = "SELECT stream_id, max(seq) AS seq FROM events WHERE position > $1 AND position <= $2 AND stream_type = 'room' GROUP BY stream_id";
    let failed = |error: sqlx::Error| unavailable(&error);
    let rows = soon(sqlx::query(SQL).bind(after.0).bind(until.0).fetch_all(pool)).await.map_err(failed)?;
    let mut rooms = Vec::with_capacity(rows.len());
    for row in rows {
        let stream: String = row.try_get("stream_id").map_err(failed)?;
        let room = stream.parse().map_err(|_| LogError::Corrupt(format!("events.stream_id {stream:?}")))?;
        rooms.push((room, Seq(row.try_get("seq").map_err(failed)?)));
    }
    Ok(rooms)
}
