//! The tables of each read model, and what readers ask of them.

mod audit_index;
mod chat_messages;
mod column;
mod documents;
mod playback_history;
mod reader;
mod room_directory;
mod room_members;
mod watch_time;

use std::marker::PhantomData;

use synctv_projections::audit_index::AuditIndex;
use synctv_projections::chat_messages::ChatMessages;
use synctv_projections::playback_history::PlaybackHistory;
use synctv_projections::playlist::Playlists;
use synctv_projections::room_directory::RoomDirectory;
use synctv_projections::room_members::RoomMembers;
use synctv_projections::watch_time::WatchTime;

pub(crate) use audit_index::positions;
pub use reader::PgReadModels;

use crate::projections::{Model, Of};

/// All read models.
pub(crate) const MODELS: &[&dyn Model] = &[
    &Of::<RoomDirectory>(PhantomData),
    &Of::<RoomMembers>(PhantomData),
    &Of::<Playlists>(PhantomData),
    &Of::<ChatMessages>(PhantomData),
    &Of::<PlaybackHistory>(PhantomData),
    &Of::<AuditIndex>(PhantomData),
    &Of::<WatchTime>(PhantomData),
];

/// The read model of a name.
pub(crate) fn model(name: &str) -> Option<&'static dyn Model> {
    MODELS.iter().copied().find(|model| model.name() == name)
}
