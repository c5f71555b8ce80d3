//! One bounded look at the log.

use sqlx::Row;
use sqlx::postgres::PgRow;
use synctv_commands::{LogError, LogQuery};
use synctv_domain::{CommandId, Position};

use super::scope::Scope;
use crate::connect::pool::PgPool;
use crate::read_models::positions;
use crate::sqlstate::unavailable;

/// Rows looked at for one page: a filter that matches nothing costs no more than this.
const BUDGET: i64 = 20_000;

/// What matched, and how far the look went.
pub(super) struct Scanned {
    pub(super) rows: Vec<PgRow>,
    pub(super) reached: Position,
}

/// Looks for events, on the primary key or along one room. The epoch is read in the same statement.
pub(super) async fn scan(pool: &PgPool, asked: &LogQuery, scope: &Scope, columns: &str) -> Result<Scanned, LogError> {
    let failed = |error: sqlx::Error| unavailable(&error);
    let limit = i64::try_from(asked.limit).unwrap_or(i64::MAX);
    let selective = asked.filter.kind.is_some() || asked.filter.actor.is_some() || asked.filter.command.is_some();
    // Positions and seqs have no holes: without a condition on content the limit is the distance.
    let budget = if selective { BUDGET } else { limit.min(BUDGET) };
    let (low, high) = match scope.room {
        Some((_, seq)) => (seq, seq.saturating_add(budget)),
        None => (scope.after, scope.after.saturating_add(budget).min(scope.end)),
    };
    let sql = sql(columns, scope.room.is_some());
    let mut query = sqlx::query(&sql)
        .bind(low)
        .bind(high)
        .bind(asked.filter.kind.as_deref())
        .bind(asked.filter.actor.map(|actor| actor.to_string()))
        .bind(limit)
        .bind(asked.filter.command.as_ref().map(CommandId::as_str));
    if let Some((room, _)) = scope.room {
        query = query.bind(room.to_string()).bind(scope.end);
    }
    let mut rows = query.fetch_all(pool).await.map_err(failed)?;
    let Some(first) = rows.first() else { return Err(LogError::EpochChanged) };
    if first.try_get::<&str, _>("epoch").map_err(failed)? != &*asked.epoch.name {
        return Err(LogError::EpochChanged);
    }
    let swept: Option<i64> = if scope.room.is_some() { first.try_get("swept").map_err(failed)? } else { Some(high) };
    if first.try_get::<Option<i64>, _>("position").map_err(failed)?.is_none() {
        rows.clear();
    }
    let reached = match rows.last() {
        Some(last) if rows.len() >= asked.limit => last.try_get("position").map_err(failed)?,
        _ => swept.unwrap_or(scope.end),
    };
    let reached = if reached >= scope.end { asked.head } else { Position(reached) };
    Ok(Scanned { rows, reached })
}

/// What the audit index holds of what is asked for. None: it has nothing to go by, or has not come so far.
pub(super) async fn indexed(
    pool: &PgPool,
    asked: &LogQuery,
    scope: &Scope,
    columns: &str,
) -> Result<Option<Scanned>, LogError> {
    let failed = |error: sqlx::Error| unavailable(&error);
    if scope.room.is_some() {
        return Ok(None);
    }
    let found = positions(pool, &asked.filter, (scope.after, scope.end), asked.limit).await.map_err(failed)?;
    let Some(found) = found else { return Ok(None) };
    let sql = format!(
        "SELECT l.epoch, {columns} FROM log l LEFT JOIN events e ON e.position = ANY($1) WHERE l.id = 1 ORDER BY e.position"
    );
    let mut rows = sqlx::query(&sql).bind(&found.positions).fetch_all(pool).await.map_err(failed)?;
    let epoch = rows.first().map(|row| row.try_get::<String, _>("epoch")).transpose().map_err(failed)?;
    if epoch.as_deref() != Some(&*asked.epoch.name) {
        return Err(LogError::EpochChanged);
    }
    if found.positions.is_empty() {
        rows.clear();
    }
    let reached = if found.reached >= scope.end { asked.head } else { Position(found.reached) };
    Ok(Some(Scanned { rows, reached }))
}

/// `$1` and `$2` bound what is looked at. There is always a row: the first one without a position says that nothing matched.
fn sql(columns: &str, in_room: bool) -> String {
    let (swept, range, order) = if in_room {
        (
            "(SELECT s.position FROM events s WHERE s.stream_id = $7 AND s.seq = $2)",
            "e.stream_id = $7 AND e.seq > $1 AND e.seq <= $2 AND e.position <= $8",
            "e.seq",
        )
    } else {
        ("$2", "e.position > $1 AND e.position <= $2", "e.position")
    };
    format!(
        "SELECT l.epoch, {swept} AS swept, found.* FROM log l LEFT JOIN LATERAL ( \
           SELECT {columns} FROM events e WHERE {range} \
           AND ($3::text IS NULL OR e.type = $3) AND ($4::text IS NULL OR e.metadata->'actor'->>'id' = $4) AND ($6::text IS NULL OR e.command_id = $6) \
           ORDER BY {order} LIMIT $5) found ON true \
         WHERE l.id = 1 ORDER BY found.position"
    )
}
