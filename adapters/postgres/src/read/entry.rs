//! One event of the log.

use synctv_commands::{LogEntry, LogError};
use synctv_domain::Position;

use super::audit::ENTRY;
use super::events::{decode, open, room_of};
use crate::connect::pool::PgPool;
use crate::sqlstate::unavailable;
use crate::vault::Vault;

/// The event at a position, as an auditor reads it.
pub(crate) async fn entry(pool: &PgPool, vault: &Vault, position: Position) -> Result<LogEntry, LogError> {
    let sql = format!("SELECT {ENTRY} FROM events e WHERE e.position = $1");
    let row = sqlx::query(&sql).bind(position.0).fetch_optional(pool).await.map_err(|error| unavailable(&error))?;
    let row = row.ok_or_else(|| LogError::Corrupt(format!("there is no event at position {position}")))?;
    let mut event = decode(&row)?;
    open(vault, std::slice::from_mut(&mut event)).await?;
    Ok(LogEntry { event, room_id: room_of(&row)? })
}
