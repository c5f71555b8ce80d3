//! A room to oneself, among nodes that ask.

use sqlx::pool::PoolConnection;
use sqlx::{PgPool, Postgres};
use synctv_commands::{LogError, RoomLock};
use synctv_domain::RoomId;

use crate::sqlstate::unavailable;

/// Closing the session releases the lock, whatever became of this process.
pub(crate) struct Held(Option<PoolConnection<Postgres>>);

impl RoomLock for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            // Not back into the pool: a session lock would outlive this guard there.
            drop(connection.detach());
        }
    }
}

pub(crate) async fn lock(pool: &PgPool, room: RoomId) -> Result<Held, LogError> {
    let mut connection = pool.acquire().await.map_err(|error| unavailable(&error))?;
    sqlx::query("SELECT pg_advisory_lock(hashtextextended($1, 0))")
        .bind(room.to_string())
        .execute(&mut *connection)
        .await
        .map_err(|error| unavailable(&error))?;
    Ok(Held(Some(connection)))
}
