//! Members of rooms, in a table.

use sqlx::Row;
use sqlx::postgres::PgRow;
use synctv_domain::{RoomId, Seq};
use synctv_projections::read::Onward;
use synctv_projections::room_members::{Membership, Tables};

use super::column::{document, json, parsed, text, time};
use crate::connect::pool::PgPool;
use crate::projections::{Field, StoredRow, Table, column, stored};

stored!(Tables { members: Membership });

impl StoredRow for Membership {
    const TABLE: Table = Table {
        name: "room_members",
        columns: &[
            column("room_id", "text"),
            column("member", "text"),
            column("display_name", "json"),
            column("role", "json"),
            column("joined_at", "timestamptz"),
            column("joined_seq", "bigint"),
        ],
        key: 2,
        indexes: &["(member, room_id)", "(room_id, joined_seq)"],
    };

    fn key_fields((room, member): &Self::Key) -> Vec<Field> {
        vec![text(room), text(member)]
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            text(self.room),
            text(self.member),
            json(&self.display_name),
            json(&self.role),
            text(self.joined_at),
            text(self.joined_seq),
        ]
    }

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            room: parsed(row, "room_id")?,
            member: parsed(row, "member")?,
            display_name: document(row, "display_name")?,
            role: document(row, "role")?,
            joined_at: time(row, "joined_at")?,
            joined_seq: Seq(row.try_get("joined_seq")?),
        })
    }
}

/// A page of members, in the order in which they came.
pub(super) async fn list(pool: &PgPool, room: RoomId, from: &Onward<Seq>) -> Result<Vec<Membership>, sqlx::Error> {
    const SQL: &str = "SELECT * FROM room_members WHERE room_id = $1 AND joined_seq > $2 ORDER BY joined_seq LIMIT $3";
    let rows = sqlx::query(SQL)
        .bind(room.to_string())
        .bind(from.after.unwrap_or_default().0)
        .bind(i64::try_from(from.limit).unwrap_or(i64::MAX))
        .fetch_all(pool)
        .await?;
    rows.iter().map(Membership::read).collect()
}
