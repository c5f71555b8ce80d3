//! Reads of the log.

mod audit;
mod check;
mod entry;
mod events;
mod lock;
mod micros;
mod scan;
mod scope;
mod snapshot;
mod tail;
mod withdrawn;

pub use audit::PgLogReader;
pub(crate) use check::{check, seq_at};
pub(crate) use entry::entry;
pub(crate) use events::{room, span, unsealed};
pub(crate) use lock::RoomLocks;
pub(crate) use micros::Micros;
pub(crate) use snapshot::{save_snapshot, snapshot};
pub(crate) use tail::moved;
pub(crate) use withdrawn::withdrawn;
