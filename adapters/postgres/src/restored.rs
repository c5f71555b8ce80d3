//! Declaring a restored log to be the log.

use sqlx::Connection;
use ulid::Ulid;

use crate::connect::pool::PgPool;
use crate::incarnation::{Head, head};

/// What `log restored` did.
#[derive(Clone, Debug)]
pub struct Restored {
    /// The epoch before.
    pub before: Head,
    /// The epoch from now on.
    pub after: Head,
}

/// Mints a new epoch, whose number is beyond that of any epoch a node may have seen before the restore.
///
/// # Errors
/// When the database does not answer.
pub async fn restored(pool: &PgPool) -> Result<Restored, synctv_commands::LogError> {
    let before = head(pool).await?;
    mint(pool, crate::ids::unseeded()).await.map_err(|error| crate::sqlstate::unavailable(&error))?;
    Ok(Restored { before, after: head(pool).await? })
}

async fn mint(pool: &PgPool, fresh: Ulid) -> Result<(), sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let mut transaction = connection.begin().await?;
    // No append may be half-way between two epochs.
    sqlx::query("SELECT pg_advisory_xact_lock(7243392)").execute(&mut *transaction).await?;
    sqlx::query(
        "UPDATE log SET epoch = $1, minted_at = clock_timestamp(), \
         generation = greatest(generation + 1, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)",
    )
    .bind(fresh.to_string())
    .execute(&mut *transaction)
    .await?;
    transaction.commit().await
}
