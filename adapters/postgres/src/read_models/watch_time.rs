//! How long who has watched, in two tables.

use sqlx::Row;
use sqlx::postgres::PgRow;
use synctv_domain::{ActorId, RoomId};
use synctv_projections::read::Onward;
use synctv_projections::watch_time::{RoomRunning, Tables, Watch};

use super::column::{optional, parsed, text};
use super::documents::document_row;
use crate::connect::pool::PgPool;
use crate::projections::{Field, StoredRow, Table, column, nullable, stored};

stored!(Tables { rooms: RoomRunning, members: Watch });
document_row!(RoomRunning, "watch_rooms", running);

impl StoredRow for Watch {
    const TABLE: Table = Table {
        name: "watch_time",
        columns: &[
            column("room_id", "text"),
            column("member", "text"),
            column("watched_ms", "bigint"),
            nullable("since_ms", "bigint"),
        ],
        key: 2,
        indexes: &[],
    };

    fn key_fields((room, member): &Self::Key) -> Vec<Field> {
        vec![text(room), text(member)]
    }

    fn fields(&self) -> Vec<Field> {
        vec![text(self.room), text(self.member), text(self.watched_ms), optional(self.since_ms)]
    }

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            room: parsed(row, "room_id")?,
            member: parsed(row, "member")?,
            watched_ms: row.try_get("watched_ms")?,
            since_ms: row.try_get("since_ms")?,
        })
    }
}

/// A page of members who are or were there, in the order of their ids.
pub(super) async fn list(pool: &PgPool, room: RoomId, from: &Onward<ActorId>) -> Result<Vec<Watch>, sqlx::Error> {
    const SQL: &str = "SELECT * FROM watch_time WHERE room_id = $1 AND member > $2 ORDER BY member LIMIT $3";
    let rows = sqlx::query(SQL)
        .bind(room.to_string())
        .bind(from.after.map(|member| member.to_string()).unwrap_or_default())
        .bind(i64::try_from(from.limit).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await?;
    rows.iter().map(Watch::read).collect()
}
