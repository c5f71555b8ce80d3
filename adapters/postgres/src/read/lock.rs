//! A room to oneself, among nodes that ask.

use std::sync::Arc;

use sqlx::Postgres;
use sqlx::pool::PoolConnection;
use synctv_commands::{LogError, RoomLock};
use synctv_domain::RoomId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::connect::pool::{PgPool, soon};
use crate::sqlstate::unavailable;

/// Rooms that one node holds or waits for at once. Locks have connections of their own: whoever waits for one must not
/// keep others from reading.
const LOCKS: u32 = 4;

pub(crate) struct RoomLocks {
    pool: PgPool,
    free: Arc<Semaphore>,
}

impl RoomLocks {
    /// Beside a pool for reads.
    pub(crate) fn beside(pool: &PgPool) -> Self {
        let options = pool.connect_options().as_ref().clone().options([("lock_timeout", "2s")]);
        Self { pool: PgPool::lazy(options, LOCKS), free: Arc::new(Semaphore::new(LOCKS as usize)) }
    }

    /// Fails at once when too many rooms are contended, and when another node keeps the room for long: going on without a
    /// lock is slower, not wrong.
    pub(crate) async fn lock(&self, room: RoomId) -> Result<Held, LogError> {
        let busy = || LogError::Unavailable("every room lock of this node is in use".to_owned());
        let permit = Arc::clone(&self.free).try_acquire_owned().map_err(|_| busy())?;
        let failed = |error: sqlx::Error| unavailable(&error);
        let connection = self.pool.acquire().await.map_err(failed)?;
        // Held before it is asked for: what is given to somebody who has gone is given back.
        let mut held = Held(Some((connection, room.to_string(), permit)));
        held.ask().await.map_err(failed)?;
        Ok(held)
    }
}

/// Given back when dropped; the end of the process gives it back as well.
pub(crate) struct Held(Option<(PoolConnection<Postgres>, String, OwnedSemaphorePermit)>);

impl RoomLock for Held {}

impl Held {
    async fn ask(&mut self) -> Result<(), sqlx::Error> {
        let Some((connection, name, _)) = &mut self.0 else { return Ok(()) };
        let asked = sqlx::query("SELECT pg_advisory_lock(hashtextextended($1, 0))").bind(&*name);
        soon(asked.execute(&mut **connection)).await.map(drop)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some((mut connection, name, permit)) = self.0.take() else { return };
        tokio::spawn(async move {
            let release = sqlx::query("SELECT pg_advisory_unlock(hashtextextended($1, 0))").bind(name);
            if soon(release.execute(&mut *connection)).await.is_err() {
                // A session that may still hold it does not go back into the pool.
                drop(connection.detach());
            }
            drop(permit);
        });
    }
}
