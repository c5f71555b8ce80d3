//! The read side: read models that are derived from the log, and could be derived again.
//!
//! What a read model makes of an event is a pure function here; writing it, together with the checkpoint, is the affair of
//! an adapter that implements [`Projector`].

pub mod room_directory;
mod runner;

pub use runner::{Entry, LogPages, ProjectionError, Projector, run};
