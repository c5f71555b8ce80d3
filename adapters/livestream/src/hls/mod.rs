//! Streams as files: segments of a few seconds, and the list of them.
//!
//! [`Segmenter`] cuts, [`Shelf`] keeps, [`record`] does both as long as a stream is live. Segments are MPEG-TS (`packets.rs` over
//! `ts.rs`) where the stream is H.264 and AAC, and else fragments of MP4 (`fragments.rs`), which are decoded by what
//! `initialization.rs` writes. [`open`] opens what they are kept in.

mod coding;
mod fragments;
mod initialization;
mod lookup;
mod objects;
mod packets;
mod playlist;
mod record;
mod segment;
mod shelf;
mod store;
mod ts;
mod wire;

pub use coding::Coding;
pub use lookup::{playlist, read_list, read_segment};
pub(crate) use objects::ROOMS;
pub use playlist::{Listed, Playlist};
pub use record::record;
pub use segment::{Segment, Segmenter};
pub use shelf::{Shelf, ShelfError};
pub use store::{OpenError, open};
pub use ts::{Muxer, PACKET, Part, Program, Times};
