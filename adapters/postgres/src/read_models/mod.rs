//! Read models, and the log as they read it.

mod pages;
mod room_directory;

pub use room_directory::PgRoomDirectory;
