//! Projections, as operators see and steer them.

use async_trait::async_trait;
use sqlx::postgres::PgRow;
use sqlx::{Connection, Row};
use synctv_domain::{Position, Timestamp};
use synctv_projections::ProjectionError;
use synctv_projections::operate::{
    OperateError, PoisonStatus, ProjectionState, ProjectionStatus, Projections, RebuildState, RebuildStatus,
};

use super::model::Model;
use super::rebuild;
use super::schema;
use super::table::Place;
use crate::connect::pool::PgPool;
use crate::read::Micros;
use crate::read_models::{MODELS, model};
use crate::sqlstate::{LOCK_NOT_AVAILABLE, projection_failure as failure};

/// Over the database of the log; beside running servers and without any.
#[derive(Clone)]
pub struct PgProjections {
    pool: PgPool,
}

impl PgProjections {
    /// Over the database of the log.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    /// The names of all projections.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        MODELS.iter().map(|model| model.name()).collect()
    }

    /// Begins to rebuild some in one pass over the log. The job's name.
    ///
    /// # Errors
    /// [`OperateError::Running`] when one of them is being rebuilt; none is begun then.
    pub async fn begin(&self, names: &[&str]) -> Result<String, OperateError> {
        let models = names.iter().map(|name| known(name)).collect::<Result<Vec<_>, _>>()?;
        let mut connection = self.pool.acquire().await.map_err(|error| failure(&error))?;
        rebuild::begin(&mut connection, &models).await
    }

    /// The job that these are rebuilt by, if it is the same for all and nobody is at work on it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn abandoned(&self, names: &[&str]) -> Result<Option<String>, ProjectionError> {
        const SQL: &str = "SELECT job FROM rebuilds r WHERE name = ANY($1) AND ended_at IS NULL \
               AND NOT EXISTS (SELECT FROM leases l WHERE l.name = 'rebuild/' || r.job AND l.until > clock_timestamp()) \
             GROUP BY job HAVING count(*) = cardinality($1)";
        let job = sqlx::query_scalar(SQL).bind(names).fetch_optional(&self.pool).await;
        job.map_err(|error| failure(&error))
    }

    /// Drops earlier generations. Their tables.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn drop_old(&self, name: Option<&str>) -> Result<Vec<String>, OperateError> {
        let models = match name {
            Some(name) => vec![known(name)?],
            None => MODELS.to_vec(),
        };
        let mut dropped = Vec::new();
        for model in models {
            for generation in self.kept(model).await.map_err(|error| failure(&error))? {
                self.drop_generation(model, generation).await?;
                dropped.extend(model.tables().iter().map(|table| table.at(Place::Beside(generation))));
            }
        }
        Ok(dropped)
    }

    /// All of it or nothing; a session that reads it is not waited for.
    async fn drop_generation(&self, model: &'static dyn Model, generation: i64) -> Result<(), OperateError> {
        let dropped = async {
            let mut connection = self.pool.acquire().await?;
            let mut transaction = connection.begin().await?;
            schema::run(&mut transaction, "SET LOCAL lock_timeout = '2s'").await?;
            schema::drop_tables(&mut transaction, model, Place::Beside(generation)).await?;
            transaction.commit().await
        };
        dropped.await.map_err(|error: sqlx::Error| match error.as_database_error().and_then(|error| error.code()) {
            Some(code) if code == LOCK_NOT_AVAILABLE => {
                OperateError::InUse { name: model.name().to_owned(), generation }
            }
            _ => failure(&error).into(),
        })
    }

    /// Generations beside the live one that no rebuild is making.
    async fn kept(&self, model: &'static dyn Model) -> Result<Vec<i64>, sqlx::Error> {
        const SQL: &str = "SELECT substring(c.relname FROM '_g([0-9]+)$')::bigint AS generation FROM pg_class c \
             WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND c.relname ~ ('^' || $1 || '_g[0-9]+$') \
               AND substring(c.relname FROM '_g([0-9]+)$')::bigint NOT IN \
                 (SELECT generation FROM rebuilds WHERE name = $2 AND ended_at IS NULL) \
             ORDER BY generation";
        let Some(table) = model.tables().first() else { return Ok(Vec::new()) };
        sqlx::query_scalar(SQL).bind(table.name).bind(model.name()).fetch_all(&self.pool).await
    }

    async fn try_list(&self) -> Result<Vec<ProjectionStatus>, sqlx::Error> {
        let rebuilds = sqlx::query(REBUILDS).fetch_all(&self.pool).await?;
        let rebuilds = rebuilds.iter().map(rebuild_status).collect::<Result<Vec<_>, _>>()?;
        let names = Self::names();
        let rows = sqlx::query(LIST).bind(&names).fetch_all(&self.pool).await?;
        let mut list = Vec::with_capacity(rows.len());
        for row in &rows {
            let mut status = projection_status(row)?;
            status.rebuild = rebuilds.iter().find(|rebuild| rebuild.name == status.name).cloned();
            if let Some(model) = model(&status.name) {
                status.kept = self.kept(model).await?;
            }
            list.push(status);
        }
        Ok(list)
    }
}

const LIST: &str = "SELECT p.name, coalesce(c.generation, 1) AS generation, coalesce(c.position, 0) AS position, \
       greatest(h.position - coalesce(c.position, 0), 0) AS lag_events, \
       coalesce(greatest(extract(epoch FROM clock_timestamp() - n.recorded_at), 0), 0)::float8 AS lag_seconds, \
       c.poison_position, c.poison_reason, c.poison_at, coalesce(i.name, l.owner) AS owner \
     FROM unnest($1::text[]) WITH ORDINALITY AS p(name, o) LEFT JOIN checkpoints c USING (name) \
     LEFT JOIN leases l ON l.name = 'projection/' || p.name AND l.until > clock_timestamp() \
     LEFT JOIN LATERAL (SELECT substr(n.name, 6) AS name FROM leases n WHERE n.name LIKE 'node/%' AND n.owner = l.owner LIMIT 1) i ON true \
     CROSS JOIN (SELECT coalesce(max(position), 0) AS position FROM events) h \
     LEFT JOIN LATERAL (SELECT e.recorded_at FROM events e WHERE e.position > coalesce(c.position, 0) \
                        ORDER BY e.position LIMIT 1) n ON true \
     ORDER BY p.o";

const REBUILDS: &str = "SELECT r.name, r.generation, r.state, r.target, b.done, r.started_at, r.ended_at, r.error, l.owner, \
       CASE WHEN r.state = 'copying' AND l.owner IS NOT NULL THEN (b.done - r.resumed_done)::float8 / \
         greatest(extract(epoch FROM clock_timestamp() - r.resumed_at), 0.001)::float8 END AS rate \
     FROM rebuilds r \
     LEFT JOIN leases l ON l.name = 'rebuild/' || r.job AND l.until > clock_timestamp() AND r.ended_at IS NULL \
     CROSS JOIN LATERAL (SELECT CASE WHEN r.state IN ('copying', 'cancelled', 'failed') \
       THEN (SELECT coalesce(sum(events), 0)::bigint FROM rebuild_buckets WHERE job = r.job) ELSE r.target END AS done) b \
     ORDER BY r.name";

fn known(name: &str) -> Result<&'static dyn Model, OperateError> {
    model(name).ok_or_else(|| OperateError::Unknown(name.to_owned()))
}

fn projection_status(row: &PgRow) -> Result<ProjectionStatus, sqlx::Error> {
    let (owner, poison): (Option<String>, Option<i64>) = (row.try_get("owner")?, row.try_get("poison_position")?);
    let state = match (&poison, &owner) {
        (Some(_), _) => ProjectionState::Stopped,
        (None, Some(_)) => ProjectionState::Running,
        (None, None) => ProjectionState::Idle,
    };
    let poison = match poison {
        Some(position) => Some(PoisonStatus {
            position: Position(position),
            reason: row.try_get("poison_reason")?,
            since: Timestamp(row.try_get::<Micros, _>("poison_at")?.0),
        }),
        None => None,
    };
    Ok(ProjectionStatus {
        name: row.try_get("name")?,
        generation: row.try_get("generation")?,
        position: Position(row.try_get("position")?),
        lag_events: row.try_get("lag_events")?,
        lag_seconds: row.try_get("lag_seconds")?,
        state,
        owner,
        poison,
        rebuild: None,
        kept: Vec::new(),
    })
}

fn rebuild_status(row: &PgRow) -> Result<RebuildStatus, sqlx::Error> {
    let state = match row.try_get::<&str, _>("state")? {
        "copying" => RebuildState::Copying,
        "indexing" => RebuildState::Indexing,
        "catching_up" => RebuildState::CatchingUp,
        "swapping" => RebuildState::Swapping,
        "done" => RebuildState::Done,
        "cancelled" => RebuildState::Cancelled,
        _ => RebuildState::Failed,
    };
    let (done, of): (i64, i64) = (row.try_get("done")?, row.try_get("target")?);
    let rate: Option<f64> = row.try_get::<Option<f64>, _>("rate")?.filter(|rate| *rate > 0.0);
    let left = u32::try_from((of - done).max(0)).map_or(f64::from(u32::MAX), f64::from);
    Ok(RebuildStatus {
        name: row.try_get("name")?,
        generation: row.try_get("generation")?,
        state,
        done,
        of,
        rate,
        eta_seconds: rate.map(|rate| left / rate),
        started_at: Timestamp(row.try_get::<Micros, _>("started_at")?.0),
        ended_at: row.try_get::<Option<Micros>, _>("ended_at")?.map(|at| Timestamp(at.0)),
        owner: row.try_get("owner")?,
        error: row.try_get("error")?,
    })
}

#[async_trait]
impl Projections for PgProjections {
    async fn list(&self) -> Result<Vec<ProjectionStatus>, ProjectionError> {
        self.try_list().await.map_err(|error| failure(&error))
    }

    async fn rebuild(&self, name: &str) -> Result<RebuildStatus, OperateError> {
        self.begin(&[name]).await?;
        self.status(name).await
    }

    async fn status(&self, name: &str) -> Result<RebuildStatus, OperateError> {
        known(name)?;
        let rows = sqlx::query(REBUILDS).fetch_all(&self.pool).await.map_err(|error| failure(&error))?;
        let rebuilds =
            rows.iter().map(rebuild_status).collect::<Result<Vec<_>, _>>().map_err(|error| failure(&error))?;
        let found = rebuilds.into_iter().find(|rebuild| rebuild.name == name);
        found.ok_or_else(|| OperateError::NotRunning(name.to_owned()))
    }

    async fn cancel(&self, name: &str) -> Result<RebuildStatus, OperateError> {
        let model = known(name)?;
        let mut connection = self.pool.acquire().await.map_err(|error| failure(&error))?;
        if !rebuild::cancel(&mut connection, model).await.map_err(|error| failure(&error))? {
            return Err(OperateError::NotRunning(name.to_owned()));
        }
        drop(connection);
        self.status(name).await
    }
}
