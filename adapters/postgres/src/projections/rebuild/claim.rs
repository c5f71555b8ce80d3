//! A job that this process is at work on. What it writes, it writes only as long as the job is its own.

use std::collections::HashSet;

use sqlx::{Connection, PgConnection, Row};
use synctv_domain::Position;
use synctv_projections::operate::RebuildState;

use super::RebuildError;
use super::job::{self, state_name};
use crate::projections::model::Model;
use crate::projections::schema;
use crate::projections::skip;
use crate::projections::table::Place;
use crate::read_models::model;

/// A job, taken up.
pub(super) struct Claim {
    pub(super) job: String,
    pub(super) owner: String,
    /// What is read stream by stream.
    pub(super) target: Position,
    pub(super) parts: Vec<Part>,
}

/// A read model of a job.
pub(super) struct Part {
    pub(super) model: &'static dyn Model,
    pub(super) generation: i64,
}

impl Part {
    pub(super) fn place(&self) -> Place {
        Place::Beside(self.generation)
    }

    /// Events that operators said to leave out, up to now.
    pub(super) async fn skipped(&self, connection: &mut PgConnection) -> Result<HashSet<Position>, RebuildError> {
        Ok(skip::skipped(connection, self.model.name()).await?)
    }
}

impl Claim {
    /// None: it has come to an end, or another program has to go on with it, which knows what is to be made.
    pub(super) async fn take(
        connection: &mut PgConnection,
        job: &str,
        owner: &str,
    ) -> Result<Option<Self>, RebuildError> {
        const SQL: &str = "UPDATE rebuilds r SET owner = $2, resumed_at = clock_timestamp(), \
               resumed_done = (SELECT coalesce(sum(events), 0) FROM rebuild_buckets b WHERE b.job = r.job) \
             WHERE job = $1 AND ended_at IS NULL RETURNING name, generation, target";
        let mut transaction = connection.begin().await?;
        let rows = sqlx::query(SQL).bind(job).bind(owner).fetch_all(&mut *transaction).await?;
        let (mut parts, mut target) = (Vec::new(), Position(0));
        for row in rows {
            let name: String = row.try_get("name")?;
            let Some(model) = model(&name) else { return Ok(None) };
            target = Position(row.try_get("target")?);
            parts.push(Part { model, generation: row.try_get("generation")? });
        }
        transaction.commit().await?;
        Ok((!parts.is_empty()).then(|| Self { job: job.to_owned(), owner: owner.to_owned(), target, parts }))
    }

    /// The names of the parts that are still to be made; nobody changes that until the transaction ends.
    pub(super) async fn wanted(&self, connection: &mut PgConnection) -> Result<HashSet<String>, RebuildError> {
        const SQL: &str = "SELECT name FROM rebuilds WHERE job = $1 AND owner = $2 AND ended_at IS NULL";
        job::share(connection, &self.job).await?;
        let names: Vec<String> =
            sqlx::query_scalar(SQL).bind(&self.job).bind(&self.owner).fetch_all(connection).await?;
        if names.is_empty() { Err(RebuildError::Lost) } else { Ok(names.into_iter().collect()) }
    }

    /// Says what is being done with a part.
    pub(super) async fn enter(
        &self,
        connection: &mut PgConnection,
        part: &Part,
        state: RebuildState,
    ) -> Result<(), RebuildError> {
        const SQL: &str = "UPDATE rebuilds SET state = $4, ended_at = CASE WHEN $5 THEN clock_timestamp() END \
             WHERE name = $1 AND job = $2 AND owner = $3 AND ended_at IS NULL";
        let entered = sqlx::query(SQL)
            .bind(part.model.name())
            .bind(&self.job)
            .bind(&self.owner)
            .bind(state_name(state))
            .bind(state.is_over())
            .execute(connection)
            .await?;
        if entered.rows_affected() == 1 { Ok(()) } else { Err(RebuildError::Lost) }
    }

    /// What the new tables of a part hold; nobody else moves that until the transaction ends.
    pub(super) async fn position(&self, connection: &mut PgConnection, part: &Part) -> Result<Position, RebuildError> {
        const SQL: &str =
            "SELECT position FROM rebuilds WHERE name = $1 AND job = $2 AND owner = $3 AND ended_at IS NULL FOR UPDATE";
        let query = sqlx::query_scalar(SQL).bind(part.model.name()).bind(&self.job).bind(&self.owner);
        query.fetch_optional(connection).await?.map(Position).ok_or(RebuildError::Lost)
    }

    pub(super) async fn move_to(
        &self,
        connection: &mut PgConnection,
        part: &Part,
        position: Position,
    ) -> Result<(), RebuildError> {
        sqlx::query("UPDATE rebuilds SET position = $2 WHERE name = $1")
            .bind(part.model.name())
            .bind(position.0)
            .execute(connection)
            .await?;
        Ok(())
    }

    /// Whether nothing of the job is left to do, for anybody.
    pub(super) async fn is_over(&self, connection: &mut PgConnection) -> Result<bool, RebuildError> {
        const SQL: &str = "SELECT NOT EXISTS (SELECT FROM rebuilds WHERE job = $1 AND ended_at IS NULL)";
        Ok(sqlx::query_scalar(SQL).bind(&self.job).fetch_one(connection).await?)
    }

    /// Ends what is left of the job, or of one of its read models.
    pub(super) async fn fail(
        &self,
        connection: &mut PgConnection,
        name: Option<&str>,
        reason: &str,
    ) -> Result<(), RebuildError> {
        const SQL: &str = "UPDATE rebuilds SET state = 'failed', error = $4, ended_at = clock_timestamp() \
             WHERE job = $1 AND owner = $2 AND ($3::text IS NULL OR name = $3) AND ended_at IS NULL RETURNING name";
        let mut transaction = connection.begin().await?;
        job::exclude(&mut transaction, &self.job).await?;
        let query = sqlx::query_scalar(SQL).bind(&self.job).bind(&self.owner).bind(name).bind(reason);
        let failed: Vec<String> = query.fetch_all(&mut *transaction).await?;
        for part in self.parts.iter().filter(|part| failed.iter().any(|name| name == part.model.name())) {
            schema::drop_tables(&mut transaction, part.model, part.place()).await?;
        }
        transaction.commit().await?;
        if !failed.is_empty() {
            tracing::error!(job = self.job, projections = ?failed, reason, "rebuild.failed");
        }
        Ok(())
    }
}
