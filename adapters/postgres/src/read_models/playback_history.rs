//! What was played in rooms, in two tables.

use sqlx::Row;
use sqlx::postgres::PgRow;
use synctv_domain::{RoomId, Seq};
use synctv_projections::playback_history::{RoomStage, Showing, Tables};
use synctv_projections::read::Onward;

use super::column::{optional, parsed, perhaps, perhaps_time, text, time};
use super::documents::document_row;
use crate::connect::pool::PgPool;
use crate::projections::{Field, StoredRow, Table, column, nullable, stored};

stored!(Tables { stages: RoomStage, showings: Showing });
document_row!(RoomStage, "playback_stages", stage);

impl StoredRow for Showing {
    const TABLE: Table = Table {
        name: "playback_history",
        columns: &[
            column("room_id", "text"),
            column("seq", "bigint"),
            column("item_id", "text"),
            column("url", "text"),
            nullable("title", "text"),
            column("started_by", "text"),
            column("started_at", "timestamptz"),
            nullable("ended_at", "timestamptz"),
            column("played_ms", "bigint"),
            column("steered", "bigint"),
        ],
        key: 2,
        indexes: &[],
    };

    fn key_fields((room, seq): &Self::Key) -> Vec<Field> {
        vec![text(room), text(seq)]
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            text(self.room),
            text(self.seq),
            text(self.item),
            text(&self.url),
            optional(self.title.as_ref()),
            text(self.started_by),
            text(self.started_at),
            optional(self.ended_at),
            text(self.played_ms),
            text(self.steered),
        ]
    }

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            room: parsed(row, "room_id")?,
            seq: Seq(row.try_get("seq")?),
            item: parsed(row, "item_id")?,
            url: parsed(row, "url")?,
            title: perhaps(row, "title")?,
            started_by: parsed(row, "started_by")?,
            started_at: time(row, "started_at")?,
            ended_at: perhaps_time(row, "ended_at")?,
            played_ms: row.try_get("played_ms")?,
            steered: row.try_get("steered")?,
        })
    }
}

/// A page of showings, the newest first.
pub(super) async fn list(pool: &PgPool, room: RoomId, from: &Onward<Seq>) -> Result<Vec<Showing>, sqlx::Error> {
    const SQL: &str = "SELECT * FROM playback_history WHERE room_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3";
    let rows = sqlx::query(SQL)
        .bind(room.to_string())
        .bind(from.after.unwrap_or(Seq(i64::MAX)).0)
        .bind(i64::try_from(from.limit).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await?;
    rows.iter().map(Showing::read).collect()
}
