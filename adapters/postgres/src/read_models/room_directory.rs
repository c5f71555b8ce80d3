//! The directory of rooms, in a table.

use sqlx::Row;
use sqlx::postgres::PgRow;
use synctv_projections::read::{RoomListing, RoomQuery};
use synctv_projections::room_directory::{ListedRoom, Tables, grams};

use super::column::{optional, parsed, perhaps, text, time};
use crate::connect::pool::PgPool;
use crate::projections::{Field, StoredRow, Table, array, column, nullable, stored};

stored!(Tables { rooms: ListedRoom });

impl StoredRow for ListedRoom {
    const TABLE: Table = Table {
        name: "room_directory",
        columns: &[
            column("room_id", "text"),
            column("name", "text"),
            column("grams", "int[]"),
            column("listed", "boolean"),
            column("closed", "boolean"),
            nullable("item_id", "text"),
            column("playing", "boolean"),
            column("members", "bigint"),
            column("events", "bigint"),
            column("created_at", "timestamptz"),
            column("active_at", "timestamptz"),
            column("live", "boolean"),
        ],
        key: 1,
        indexes: &["(room_id) WHERE listed AND NOT closed", "USING gin (grams)"],
    };

    fn key_fields(key: &Self::Key) -> Vec<Field> {
        vec![text(key)]
    }

    fn fields(&self) -> Vec<Field> {
        vec![
            text(self.room),
            text(&self.name),
            Some(array(grams(&self.name))),
            text(self.listed),
            text(self.closed),
            optional(self.item),
            text(self.playing),
            text(self.members),
            text(self.events),
            text(self.created_at),
            text(self.active_at),
            text(self.live),
        ]
    }

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            room: parsed(row, "room_id")?,
            name: row.try_get("name")?,
            listed: row.try_get("listed")?,
            closed: row.try_get("closed")?,
            item: perhaps(row, "item_id")?,
            playing: row.try_get("playing")?,
            members: row.try_get("members")?,
            events: row.try_get("events")?,
            created_at: time(row, "created_at")?,
            active_at: time(row, "active_at")?,
            live: row.try_get("live")?,
        })
    }
}

/// A page of rooms, newest first.
pub(super) async fn list(pool: &PgPool, asked: &RoomQuery) -> Result<Vec<RoomListing>, sqlx::Error> {
    let rows = sqlx::query(&sql(asked))
        .bind(asked.before.map_or_else(|| "s".to_owned(), |room| room.to_string()))
        .bind(&asked.text)
        .bind(asked.reader.to_string())
        .bind(i64::try_from(asked.limit).unwrap_or(i64::MAX))
        .bind(grams(&asked.text))
        .fetch_all(pool)
        .await?;
    rows.iter().map(listing).collect()
}

/// Listed rooms and one's own are looked up apart, so that each is an index walk that ends with the page.
fn sql(asked: &RoomQuery) -> String {
    let matching = match (asked.text.is_empty(), grams(&asked.text).is_empty()) {
        (true, _) => "",
        (false, true) => " AND strpos(lower(r.name), lower($2)) > 0",
        (false, false) => " AND r.grams @> $5 AND strpos(lower(r.name), lower($2)) > 0",
    };
    // One's own can be opened again, and have to be found for that.
    let open = if asked.mine { "" } else { " AND NOT r.closed" };
    let wanted = format!("r.room_id < $1{open}{matching} ORDER BY r.room_id DESC LIMIT $4");
    let own = format!(
        "(SELECT r.* FROM room_members m JOIN room_directory r USING (room_id) WHERE m.member = $3 AND m.room_id < $1 AND {wanted})"
    );
    let found = if asked.mine {
        own
    } else {
        format!("(SELECT r.* FROM room_directory r WHERE r.listed AND {wanted}) UNION {own}")
    };
    format!(
        "SELECT room_id, name, members, playing, live, closed, created_at, active_at FROM ({found}) r \
         WHERE ($2 = $2) AND ($5::int[] = $5) ORDER BY room_id DESC LIMIT $4"
    )
}

fn listing(row: &PgRow) -> Result<RoomListing, sqlx::Error> {
    Ok(RoomListing {
        room_id: parsed(row, "room_id")?,
        name: row.try_get("name")?,
        members: row.try_get("members")?,
        playing: row.try_get("playing")?,
        live: row.try_get("live")?,
        closed: row.try_get("closed")?,
        created_at: time(row, "created_at")?,
        active_at: time(row, "active_at")?,
    })
}
