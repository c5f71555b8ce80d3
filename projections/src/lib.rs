//! The read side: read models that are derived from the log, and could be derived again.
//!
//! What a read model makes of events is a pure function here, a file each; [`run`] keeps one up to date. Storing rows, together
//! with the checkpoint, and answering readers is the affair of an adapter.

pub mod audit_index;
pub mod chat_messages;
mod entry;
mod model;
pub mod operate;
pub mod playback_history;
pub mod playlist;
pub mod read;
pub mod room_directory;
pub mod room_members;
mod rows;
mod runner;
mod running;
pub mod watch_time;

pub use entry::{Entry, Poison};
pub use model::ReadModel;
pub use rows::{Row, Rows};
pub use runner::{Applied, Leases, LogPages, ProjectionError, Projector, Token, run};
pub use running::Running;
