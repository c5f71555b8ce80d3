//! The client's side of RTMP, as far as a peer that is trusted needs it.

mod chunks;
mod link;
mod writer;

pub use chunks::Chunks;
pub use link::{Link, STREAM};
pub use writer::Writer;

pub const CHUNK_SIZE: u8 = 1;
pub const USER_CONTROL: u8 = 4;
pub const DATA: u8 = 18;
pub const COMMAND: u8 = 20;
