//! Moving a read model forward.

use std::sync::Arc;

use async_trait::async_trait;
use sqlx::{Connection, PgConnection};
use synctv_domain::Position;
use synctv_projections::{Applied, Entry, Poison, ProjectionError, Projector, Token};

use super::model::Model;
use super::table::Place;
use crate::connect::pool::{PgPool, answered};
use crate::read_models::MODELS;
use crate::sqlstate::projection_failure as failure;
use crate::vault::Vault;

/// One read model and its checkpoint, which change in one transaction.
pub struct PgProjector {
    pool: PgPool,
    vault: Arc<Vault>,
    model: &'static dyn Model,
}

impl PgProjector {
    /// One for each read model.
    #[must_use]
    pub fn all(pool: &PgPool, vault: &Arc<Vault>) -> Vec<Self> {
        let of = |model: &&'static dyn Model| Self { pool: pool.clone(), vault: Arc::clone(vault), model: *model };
        MODELS.iter().map(of).collect()
    }

    async fn try_apply(&self, token: Token, from: Position, page: &[Entry]) -> Result<Applied, sqlx::Error> {
        let Some(last) = page.last() else { return Ok(Applied::All) };
        let mut connection = self.pool.acquire().await?;
        if self.model.ignores(page) {
            let moved = skip_over(&mut connection, self.model.name(), token, from, last).await?;
            return Ok(if moved { Applied::All } else { Applied::Elsewhere });
        }
        let mut transaction = connection.begin().await?;
        // Of two nodes the second waits here, and then finds the checkpoint moved.
        if locked_for(&mut transaction, self.model.name(), token, last).await? != Some(from) {
            return Ok(Applied::Elsewhere);
        }
        let poison = self.model.apply(&mut transaction, Place::Live, page).await?;
        let until = poison.as_ref().map_or(last.position, |poison| Position(poison.position.0 - 1));
        move_to(&mut transaction, self.model.name(), until, poison.as_ref()).await?;
        transaction.commit().await?;
        Ok(poison.map_or(Applied::All, Applied::Until))
    }

    async fn try_stop(&self, token: Token, from: Position, poison: &Poison) -> Result<(), sqlx::Error> {
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin().await?;
        let place = locked(&mut transaction, self.model.name()).await?;
        if place == Some(from) && has(&mut transaction, self.model.name(), token).await? {
            move_to(&mut transaction, self.model.name(), from, Some(poison)).await?;
        }
        transaction.commit().await
    }
}

/// The checkpoint, which nobody else moves until the transaction ends.
pub(super) async fn locked(connection: &mut PgConnection, name: &str) -> Result<Option<Position>, sqlx::Error> {
    let sql = "SELECT position FROM checkpoints WHERE name = $1 FOR UPDATE";
    Ok(sqlx::query_scalar(sql).bind(name).fetch_optional(connection).await?.map(Position))
}

/// Nobody else has had the work since this token was given.
const HELD: &str = "EXISTS (SELECT FROM leases l WHERE l.name = 'projection/' || $1 AND l.token = $5)";

async fn has(connection: &mut PgConnection, name: &str, token: Token) -> Result<bool, sqlx::Error> {
    let sql = "SELECT EXISTS (SELECT FROM leases WHERE name = 'projection/' || $1 AND token = $2)";
    sqlx::query_scalar(sql).bind(name).bind(token.0).fetch_one(connection).await
}

/// The log holds the last event of what is to be taken in; an older one may have been restored since it was read.
const IN_LOG: &str = "EXISTS (SELECT FROM events e WHERE e.position = $2 AND e.command_id = $3 \
       AND (extract(epoch FROM e.recorded_at) * 1000000)::bigint = $4)";

/// As [`locked`]; none as well where the log does not hold that event, or the work is another node's.
async fn locked_for(
    connection: &mut PgConnection,
    name: &str,
    token: Token,
    last: &Entry,
) -> Result<Option<Position>, sqlx::Error> {
    let sql = format!("SELECT c.position FROM checkpoints c WHERE c.name = $1 AND {IN_LOG} AND {HELD} FOR UPDATE OF c");
    let query = sqlx::query_scalar(&sql).bind(name).bind(last.position.0).bind(&last.command_id).bind(last.at.0);
    let query = query.bind(token.0);
    Ok(query.fetch_optional(connection).await?.map(Position))
}

/// Moves a locked checkpoint, and says what it stopped at.
pub(super) async fn move_to(
    connection: &mut PgConnection,
    name: &str,
    position: Position,
    poison: Option<&Poison>,
) -> Result<(), sqlx::Error> {
    const SQL: &str = "UPDATE checkpoints SET position = $2, updated_at = clock_timestamp(), \
           poison_position = $3, poison_reason = $4, \
           poison_at = CASE WHEN $3::bigint IS NULL THEN NULL WHEN poison_position = $3 THEN poison_at ELSE clock_timestamp() END \
         WHERE name = $1";
    sqlx::query(SQL)
        .bind(name)
        .bind(position.0)
        .bind(poison.map(|poison| poison.position.0))
        .bind(poison.map(|poison| &poison.reason))
        .execute(connection)
        .await
        .map(drop)
}

/// Moves a checkpoint over events that mean nothing to its read model. False: it was elsewhere, or the log is another.
async fn skip_over(
    connection: &mut PgConnection,
    name: &str,
    token: Token,
    from: Position,
    last: &Entry,
) -> Result<bool, sqlx::Error> {
    let sql = format!(
        "UPDATE checkpoints SET position = $2, updated_at = clock_timestamp(), \
           poison_position = NULL, poison_reason = NULL, poison_at = NULL WHERE name = $1 AND position = $6 AND {IN_LOG} AND {HELD}"
    );
    let query = sqlx::query(&sql).bind(name).bind(last.position.0).bind(&last.command_id).bind(last.at.0);
    let query = query.bind(token.0).bind(from.0);
    Ok(query.execute(connection).await?.rows_affected() == 1)
}

#[async_trait]
impl Projector for PgProjector {
    fn name(&self) -> &'static str {
        self.model.name()
    }

    async fn position(&self) -> Result<Position, ProjectionError> {
        let sql = "SELECT position FROM checkpoints WHERE name = $1";
        let position = sqlx::query_scalar(sql).bind(self.model.name()).fetch_one(&self.pool).await;
        position.map(Position).map_err(|error| failure(&error))
    }

    async fn apply(&self, token: Token, from: Position, page: &[Entry]) -> Result<Applied, ProjectionError> {
        if self.model.reads_words() {
            self.vault.add_words(page).await?;
        }
        answered(self.try_apply(token, from, page)).await.map_err(|error| failure(&error))
    }

    async fn stop(&self, token: Token, from: Position, poison: &Poison) -> Result<(), ProjectionError> {
        answered(self.try_stop(token, from, poison)).await.map_err(|error| failure(&error))
    }
}
