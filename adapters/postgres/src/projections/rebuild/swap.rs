//! Putting new tables in the place of those that readers see.

use std::time::Duration;

use sqlx::{Connection, PgConnection};
use synctv_projections::operate::RebuildState;
use tokio::time::sleep;

use super::claim::{Claim, Part};
use super::finish::{catch_up, step};
use super::{RebuildError, Rebuilder};
use crate::projections::projector;
use crate::projections::schema::run;
use crate::projections::table::Place;
use crate::sqlstate::LOCK_NOT_AVAILABLE;

/// For how long an attempt waits for readers, and others wait for it, ms; for each table.
const WAIT_MS: u32 = 50;
/// Whoever is frozen with the tables in hand loses them after so long, ms.
const FROZEN_MS: u32 = 150;
/// Between two attempts.
const PAUSE: Duration = Duration::from_millis(300);

/// Tries until readers leave a moment for it.
pub(super) async fn swap(
    by: &Rebuilder,
    claim: &Claim,
    part: &Part,
    connection: &mut PgConnection,
) -> Result<(), RebuildError> {
    loop {
        match attempt(by, claim, part, connection).await {
            Err(RebuildError::Database(error)) if is_busy(&error) => {
                sleep(PAUSE).await;
                // While it waited, the log grew.
                catch_up(by, claim, part, connection).await?;
            }
            other => return other,
        }
    }
}

fn is_busy(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == LOCK_NOT_AVAILABLE)
}

/// One transaction: whoever dies in it leaves everything as it was.
async fn attempt(
    by: &Rebuilder,
    claim: &Claim,
    part: &Part,
    connection: &mut PgConnection,
) -> Result<(), RebuildError> {
    let name = part.model.name();
    let mut transaction = connection.begin().await?;
    run(&mut transaction, &format!("SET LOCAL lock_timeout = {WAIT_MS}")).await?;
    // From here on the projection stands still; readers notice nothing.
    let generation = held(&mut transaction, name).await?;
    let (reached, _) = step(by, claim, part, &mut transaction, usize::MAX).await?;
    let all = |place| part.model.tables().iter().map(|table| table.at(place)).collect::<Vec<_>>().join(", ");
    run(&mut transaction, &format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", all(part.place()))).await?;
    for table in part.model.tables() {
        run(&mut transaction, &format!("ALTER TABLE {} RESET (autovacuum_enabled)", table.at(part.place()))).await?;
    }
    run(&mut transaction, &format!("SET LOCAL idle_in_transaction_session_timeout = {FROZEN_MS}")).await?;
    // From here on readers wait.
    run(&mut transaction, &format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE", all(Place::Live))).await?;
    for table in part.model.tables() {
        let (live, old, new) = (table.at(Place::Live), table.at(Place::Beside(generation)), table.at(part.place()));
        run(&mut transaction, &format!("ALTER TABLE {live} RENAME TO {old}")).await?;
        run(&mut transaction, &format!("ALTER TABLE {new} RENAME TO {live}")).await?;
    }
    sqlx::query("UPDATE checkpoints SET generation = $2 WHERE name = $1")
        .bind(name)
        .bind(part.generation)
        .execute(&mut *transaction)
        .await?;
    projector::move_to(&mut transaction, name, reached, None).await?;
    claim.enter(&mut transaction, part, RebuildState::Done).await?;
    transaction.commit().await?;
    Ok(())
}

/// The generation that readers see; its projection waits until the transaction ends.
async fn held(connection: &mut PgConnection, name: &str) -> Result<i64, sqlx::Error> {
    let sql = "SELECT generation FROM checkpoints WHERE name = $1 FOR UPDATE";
    sqlx::query_scalar(sql).bind(name).fetch_one(connection).await
}
