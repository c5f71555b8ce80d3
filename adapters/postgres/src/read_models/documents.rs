//! Read models that are one document for each room, in the form that postgres-es reads.

use cqrs_es::persist::ViewRepository;
use cqrs_es::{EventEnvelope, View};
use postgres_es::PostgresViewRepository;
use serde::{Deserialize, Serialize};
use synctv_commands::{RoomAggregate, RoomEvent};
use synctv_domain::RoomId;
use synctv_projections::playback_history::Stage;
use synctv_projections::playlist::{Playlist, RoomPlaylist, Tables};
use synctv_projections::{ProjectionError, Running};

use crate::connect::pool::{PgPool, answered};
use crate::projections::{Column, Table, column, stored};

/// A table of documents.
pub(super) const fn documents(name: &'static str) -> Table {
    const COLUMNS: &[Column] = &[column("view_id", "text"), column("version", "bigint"), column("payload", "json")];
    Table { name, columns: COLUMNS, key: 1, indexes: &[] }
}

/// Implements [`StoredRow`] for a document of a room.
macro_rules! document_row {
    ($row:ident, $table:literal, $document:ident) => {
        impl $crate::projections::StoredRow for $row {
            const TABLE: $crate::projections::Table = $crate::read_models::documents::documents($table);

            fn key_fields(key: &Self::Key) -> Vec<$crate::projections::Field> {
                vec![$crate::read_models::column::text(key)]
            }

            fn fields(&self) -> Vec<$crate::projections::Field> {
                use $crate::read_models::column::{json, text};
                vec![text(self.room), text(self.version), json(&self.$document)]
            }

            fn read(row: &sqlx::postgres::PgRow) -> Result<Self, sqlx::Error> {
                use $crate::read_models::column::{document, parsed};
                let version = synctv_domain::Seq(sqlx::Row::try_get(row, "version")?);
                Ok(Self { room: parsed(row, "view_id")?, version, $document: document(row, "payload")? })
            }
        }
    };
}
pub(super) use document_row;

stored!(Tables { playlists: RoomPlaylist });
document_row!(RoomPlaylist, "playlists", playlist);

/// A document as postgres-es has it; projections write it, and it is only read this way.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
struct Document<D>(D);

impl View<RoomAggregate> for Document<Playlist> {
    fn update(&mut self, event: &EventEnvelope<RoomAggregate>) {
        let RoomEvent(recorded) = &event.payload;
        self.0.apply(&recorded.event);
    }
}

impl View<RoomAggregate> for Document<Stage> {
    fn update(&mut self, event: &EventEnvelope<RoomAggregate>) {
        let RoomEvent(recorded) = &event.payload;
        self.0.apply(recorded.at, &recorded.event);
    }
}

impl View<RoomAggregate> for Document<Running> {
    fn update(&mut self, event: &EventEnvelope<RoomAggregate>) {
        let RoomEvent(recorded) = &event.payload;
        self.0.apply(recorded.at, &recorded.event);
    }
}

/// A room's playlist; an empty one, if there is no document.
pub(super) async fn playlist(pool: &PgPool, room: RoomId) -> Result<Playlist, ProjectionError> {
    load(pool, "playlists", room).await.map(|Document(playlist)| playlist)
}

/// What is on in a room.
pub(super) async fn stage(pool: &PgPool, room: RoomId) -> Result<Stage, ProjectionError> {
    load(pool, "playback_stages", room).await.map(|Document(stage)| stage)
}

/// How long a room has played.
pub(super) async fn running(pool: &PgPool, room: RoomId) -> Result<Running, ProjectionError> {
    load(pool, "watch_rooms", room).await.map(|Document(running)| running)
}

async fn load<D: View<RoomAggregate>>(pool: &PgPool, name: &str, room: RoomId) -> Result<D, ProjectionError> {
    let views = PostgresViewRepository::<D, RoomAggregate>::new(name, (**pool).clone());
    let loaded = async {
        let view = views.load(&room.to_string()).await;
        view.map(Option::unwrap_or_default).map_err(|error| ProjectionError::Database(error.to_string()))
    };
    answered(loaded).await
}
