//! Streams as files: segments of a few seconds, and the list of them.

mod playlist;
mod record;
mod segment;
mod shelf;
mod ts;

pub use playlist::{Listed, Playlist};
pub use record::record;
pub use segment::{Segment, Segmenter, Unfit};
pub use shelf::{Shelf, ShelfError};
pub use ts::{Muxer, PACKET, Part, Program, Times};
