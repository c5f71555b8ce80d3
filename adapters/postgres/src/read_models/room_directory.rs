//! The directory of rooms, in tables.

use async_trait::async_trait;
use sqlx::{Connection, PgConnection, PgPool, Row};
use synctv_commands::{LogError, RoomDirectory, RoomListing, RoomQuery};
use synctv_domain::{Position, RoomId, Timestamp, Visibility};
use synctv_projections::room_directory::{Change, changes};
use synctv_projections::{Entry, ProjectionError, Projector};

use crate::read::Micros;
use crate::sqlstate::unavailable;

const NAME: &str = "room_directory";

/// Written by the projection runner, read by the list of rooms.
pub struct PgRoomDirectory {
    pool: PgPool,
}

impl PgRoomDirectory {
    /// Over the database of the log.
    #[must_use]
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    async fn try_apply(&self, from: Position, page: &[Entry], to: Position) -> Result<bool, sqlx::Error> {
        const MOVE: &str = "INSERT INTO checkpoints (name, position) SELECT $1, $3 WHERE $2 = 0 \
             ON CONFLICT (name) DO UPDATE SET position = $3, updated_at = clock_timestamp() WHERE checkpoints.position = $2";
        const MOVE_ON: &str =
            "UPDATE checkpoints SET position = $3, updated_at = clock_timestamp() WHERE name = $1 AND position = $2";
        let mut connection = self.pool.acquire().await?;
        let mut transaction = connection.begin().await?;
        // First, so that of two nodes the second waits here and then finds the checkpoint moved.
        let sql = if from.0 == 0 { MOVE } else { MOVE_ON };
        let moved = sqlx::query(sql).bind(NAME).bind(from.0).bind(to.0).execute(&mut *transaction).await?;
        if moved.rows_affected() == 0 {
            return Ok(false);
        }
        for entry in page {
            for change in changes(entry) {
                write(&mut transaction, entry.room, change).await?;
            }
        }
        transaction.commit().await?;
        Ok(true)
    }
}

#[async_trait]
impl Projector for PgRoomDirectory {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn checkpoint(&self) -> Result<Position, ProjectionError> {
        let position: Result<Option<i64>, _> = sqlx::query_scalar("SELECT position FROM checkpoints WHERE name = $1")
            .bind(NAME)
            .fetch_optional(&self.pool)
            .await;
        position
            .map(|position| Position(position.unwrap_or(0)))
            .map_err(|error| ProjectionError::Database(error.to_string()))
    }

    async fn apply(&self, from: Position, page: &[Entry]) -> Result<bool, ProjectionError> {
        let Some(last) = page.last() else { return Ok(true) };
        let applied = self.try_apply(from, page, last.event.position).await;
        applied.map_err(|error| ProjectionError::Database(error.to_string()))
    }
}

async fn write(connection: &mut PgConnection, room: RoomId, change: Change) -> Result<(), sqlx::Error> {
    let room = room.to_string();
    let query = match change {
        Change::Created { name, visibility, at } => sqlx::query(
            "INSERT INTO room_directory (room_id, name, listed, created_at) VALUES ($1, $2, $3, 'epoch'::timestamptz + $4 * interval '1 microsecond')",
        )
        .bind(room)
        .bind(name.as_str().to_owned())
        .bind(visibility == Visibility::Listed)
        .bind(at.0),
        Change::Renamed(name) => {
            sqlx::query("UPDATE room_directory SET name = $2 WHERE room_id = $1").bind(room).bind(name.as_str().to_owned())
        }
        Change::Shown(visibility) => {
            sqlx::query("UPDATE room_directory SET listed = $2 WHERE room_id = $1").bind(room).bind(visibility == Visibility::Listed)
        }
        Change::Closed(closed) => sqlx::query("UPDATE room_directory SET closed = $2 WHERE room_id = $1").bind(room).bind(closed),
        Change::Joined(member) => sqlx::query("INSERT INTO room_directory_members (room_id, member) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(room)
            .bind(member.to_string()),
        Change::Left(member) => {
            sqlx::query("DELETE FROM room_directory_members WHERE room_id = $1 AND member = $2").bind(room).bind(member.to_string())
        }
        Change::Playing { item, playing } => sqlx::query("UPDATE room_directory SET current_item = $2, playing = $3 WHERE room_id = $1")
            .bind(room)
            .bind(item.map(|item| item.to_string()))
            .bind(playing),
        Change::ItemRemoved(item) => {
            sqlx::query("UPDATE room_directory SET current_item = NULL, playing = false WHERE room_id = $1 AND current_item = $2")
                .bind(room)
                .bind(item.to_string())
        }
    };
    query.execute(connection).await.map(drop)
}

#[async_trait]
impl RoomDirectory for PgRoomDirectory {
    async fn position(&self) -> Result<Position, LogError> {
        self.checkpoint().await.map_err(|error| LogError::Unavailable(error.to_string()))
    }

    async fn list(&self, asked: &RoomQuery) -> Result<Vec<RoomListing>, LogError> {
        const SQL: &str = "SELECT r.room_id, r.name, r.playing, r.created_at, \
             (SELECT count(*) FROM room_directory_members m WHERE m.room_id = r.room_id) AS members \
             FROM room_directory r \
             WHERE r.room_id < $1 AND NOT r.closed AND strpos(lower(r.name), lower($2)) > 0 \
               AND (r.listed OR EXISTS (SELECT FROM room_directory_members m WHERE m.member = $3 AND m.room_id = r.room_id)) \
             ORDER BY r.room_id DESC LIMIT $4";
        let failed = |error: sqlx::Error| unavailable(&error);
        let before = asked.before.map_or_else(|| "s".to_owned(), |room| room.to_string());
        let rows = sqlx::query(SQL)
            .bind(before)
            .bind(&asked.text)
            .bind(asked.reader.to_string())
            .bind(i64::try_from(asked.limit).unwrap_or(i64::MAX))
            .fetch_all(&self.pool)
            .await
            .map_err(failed)?;
        let listing = |row: &sqlx::postgres::PgRow| -> Result<RoomListing, LogError> {
            let id: String = row.try_get("room_id").map_err(failed)?;
            let created: Micros = row.try_get("created_at").map_err(failed)?;
            Ok(RoomListing {
                room_id: id.parse().map_err(|_| LogError::Corrupt(format!("room_directory.room_id {id:?}")))?,
                name: row.try_get("name").map_err(failed)?,
                members: row.try_get("members").map_err(failed)?,
                playing: row.try_get("playing").map_err(failed)?,
                live: false,
                created_at: Timestamp(created.0),
            })
        };
        rows.iter().map(listing).collect()
    }
}
