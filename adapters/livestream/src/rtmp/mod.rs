//! What publishers speak.

mod amf;
mod chunk;
pub mod kind;
mod paced;
mod publisher;
mod session;
mod writer;

pub use amf::{AmfError, check, check_command};
pub use chunk::{ChunkError, Demuxer, Message};
pub use paced::{Pace, Paced};
pub use publisher::{Patience, PublisherError, serve};
pub use session::{Publication, Session, SessionError, Wish};
pub use writer::Writer;
