//! From copied rows to tables that can be put in place.

use futures::future::try_join_all;
use sqlx::{Connection, PgConnection};
use synctv_domain::Position;
use synctv_projections::operate::RebuildState;

use super::bucket::refused;
use super::claim::{Claim, Part};
use super::job::Watch;
use super::swap::swap;
use super::{RebuildError, Rebuilder};
use crate::projections::{pages, schema};

/// Events applied at once.
const PAGE: usize = 2000;
/// So few events are left to the transaction that puts the tables in place.
const FEW: usize = 200;

/// Indexes, what happened meanwhile, statistics, what happened meanwhile; then in place.
pub(super) async fn finish(by: &Rebuilder, claim: &Claim, part: &Part, watch: &Watch) -> Result<(), RebuildError> {
    let mut connection = by.connect(&claim.job).await?;
    let done = make(by, claim, part, watch, &mut connection).await;
    match done {
        // What fails because it was called off has not failed.
        Err(RebuildError::Database(error)) if error.as_database_error().is_some() => {
            let mut connection = by.connect(&claim.job).await?;
            claim.position(&mut connection, part).await?;
            Err(RebuildError::Database(error))
        }
        other => other,
    }
}

async fn make(
    by: &Rebuilder,
    claim: &Claim,
    part: &Part,
    watch: &Watch,
    connection: &mut PgConnection,
) -> Result<(), RebuildError> {
    let name = part.model.name();
    claim.enter(connection, part, RebuildState::Indexing).await?;
    watch.at(RebuildState::Indexing, name);
    let indexes = schema::indexes(part.model, part.place(), part.generation);
    try_join_all(indexes.iter().map(|index| by.index(&claim.job, index))).await?;
    schema::add_keys(connection, part.model, part.place(), part.generation).await?;
    claim.enter(connection, part, RebuildState::CatchingUp).await?;
    watch.at(RebuildState::CatchingUp, name);
    catch_up(by, claim, part, connection).await?;
    schema::analyze(connection, part.model, part.place()).await?;
    catch_up(by, claim, part, connection).await?;
    claim.enter(connection, part, RebuildState::Swapping).await?;
    watch.at(RebuildState::Swapping, name);
    swap(by, claim, part, connection).await?;
    watch.at(RebuildState::Done, name);
    Ok(())
}

/// Applies events until few are left.
pub(super) async fn catch_up(
    by: &Rebuilder,
    claim: &Claim,
    part: &Part,
    connection: &mut PgConnection,
) -> Result<(), RebuildError> {
    loop {
        let mut transaction = connection.begin().await?;
        let (_, events) = step(by, claim, part, &mut transaction, PAGE).await?;
        transaction.commit().await?;
        if events < FEW {
            return Ok(());
        }
    }
}

/// Applies one page: where the new tables are then, and how many events it had.
pub(super) async fn step(
    by: &Rebuilder,
    claim: &Claim,
    part: &Part,
    connection: &mut PgConnection,
    limit: usize,
) -> Result<(Position, usize), RebuildError> {
    let from = claim.position(connection, part).await?;
    let mut page = pages::read(connection, from, limit).await?;
    let Some(to) = page.last().map(|last| last.position) else { return Ok((from, 0)) };
    let events = page.len();
    let skipped = part.skipped(connection).await?;
    page.retain(|entry| !skipped.contains(&entry.position));
    if part.model.reads_words() {
        by.vault.add_words(&page).await?;
    }
    if let Some(poison) = part.model.apply(connection, part.place(), &page).await.map_err(refused)? {
        return Err(RebuildError::Poison { name: part.model.name(), poison });
    }
    claim.move_to(connection, part, to).await?;
    Ok((to, events))
}
