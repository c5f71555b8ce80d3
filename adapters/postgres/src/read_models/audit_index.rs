//! The index of the log, in a table.

use sqlx::Row;
use sqlx::postgres::PgRow;
use synctv_commands::LogFilter;
use synctv_domain::Position;
use synctv_projections::audit_index::{Indexed, Tables};

use super::column::{optional, parsed, perhaps, text, time};
use crate::connect::pool::PgPool;
use crate::projections::{Field, StoredRow, Table, column, nullable, stored};

stored!(Tables { events: Indexed });

impl StoredRow for Indexed {
    const TABLE: Table = Table {
        name: "audit_index",
        columns: &[
            column("position", "bigint"),
            column("at", "timestamptz"),
            column("actor", "text"),
            nullable("room_id", "text"),
            column("kind", "text"),
            column("command_id", "text"),
        ],
        key: 1,
        indexes: &["(actor, position)", "(kind, position)", "(command_id, position)"],
    };

    fn key_fields(key: &Self::Key) -> Vec<Field> {
        vec![text(key)]
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            text(self.position),
            text(self.at),
            text(self.actor),
            optional(self.room),
            text(&self.kind),
            text(&self.command_id),
        ]
    }

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            position: Position(row.try_get("position")?),
            at: time(row, "at")?,
            actor: parsed(row, "actor")?,
            room: perhaps(row, "room_id")?,
            kind: row.try_get("kind")?,
            command_id: row.try_get("command_id")?,
        })
    }
}

/// Entries of an index looked at for one page: a combination that matches nothing costs no more than this.
const BUDGET: i64 = 20_000;

/// What the index holds of what is asked for.
pub(crate) struct Found {
    /// Of the events that match.
    pub(crate) positions: Vec<i64>,
    /// Everything up to here was looked at.
    pub(crate) reached: i64,
}

/// The events in `(after, until]` that match. None: the index has not come so far, or has nothing to go by.
pub(crate) async fn positions(
    pool: &PgPool,
    filter: &LogFilter,
    (after, until): (i64, i64),
    limit: usize,
) -> Result<Option<Found>, sqlx::Error> {
    let (by, value) = match (&filter.command, &filter.actor, &filter.kind) {
        (Some(command), ..) => ("command_id", command.to_string()),
        (_, Some(actor), _) => ("actor", actor.to_string()),
        (.., Some(kind)) => ("kind", kind.clone()),
        _ => return Ok(None),
    };
    let indexed: Option<i64> =
        sqlx::query_scalar("SELECT position FROM checkpoints WHERE name = 'audit_index'").fetch_optional(pool).await?;
    let until = until.min(indexed.unwrap_or(0));
    if until <= after {
        return Ok(None);
    }
    let sql = format!(
        "SELECT position, ($5::text IS NULL OR actor = $5) AND ($6::text IS NULL OR kind = $6) AS fits \
         FROM audit_index WHERE {by} = $1 AND position > $2 AND position <= $3 ORDER BY position LIMIT $4"
    );
    let rows: Vec<(i64, bool)> = sqlx::query_as(&sql)
        .bind(value)
        .bind(after)
        .bind(until)
        .bind(BUDGET)
        .bind(filter.actor.map(|actor| actor.to_string()))
        .bind(&filter.kind)
        .fetch_all(pool)
        .await?;
    let cut = i64::try_from(rows.len()).unwrap_or(BUDGET) == BUDGET;
    let swept = rows.last().filter(|_| cut).map_or(until, |last| last.0);
    let positions: Vec<i64> =
        rows.into_iter().filter(|(_, fits)| *fits).map(|(position, _)| position).take(limit).collect();
    let reached = positions.last().filter(|_| positions.len() == limit).map_or(swept, |last| *last);
    Ok(Some(Found { positions, reached }))
}
