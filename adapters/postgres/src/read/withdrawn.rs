//! Messages that were withdrawn.

use sqlx::Row;
use synctv_commands::LogError;
use synctv_domain::{MessageId, RoomId};

use crate::connect::pool::PgPool;
use crate::sqlstate::unavailable;

/// Those of these messages of a room.
pub(crate) async fn withdrawn(pool: &PgPool, room: RoomId, of: &[MessageId]) -> Result<Vec<MessageId>, LogError> {
    const SQL: &str = "SELECT payload ->> 'message_id' AS message FROM events \
         WHERE stream_id = $1 AND type = 'chat.redacted' AND payload ->> 'message_id' = ANY($2)";
    let of: Vec<String> = of.iter().map(ToString::to_string).collect();
    let rows = sqlx::query(SQL).bind(room.to_string()).bind(of).fetch_all(pool).await;
    let rows = rows.map_err(|error| unavailable(&error))?;
    let message = |text: &str| text.parse().map_err(|_| LogError::Corrupt(format!("message_id {text:?}")));
    rows.iter().map(|row| message(row.try_get("message").map_err(|error| unavailable(&error))?)).collect()
}
