//! What a publisher sends, written once for all who watch.
//!
//! Frames become tags of FLV and tags become batches, one every few milliseconds. A batch is a piece of memory that all viewers
//! share; what each of them has of its own is the number of the next batch. A batch that begins with a frame that needs no
//! earlier one is a place to join at.

mod batch;
mod headers;
mod ring;
mod stream;
mod viewer;

pub use batch::Batch;
pub use headers::{BEGINNING, Headers};
pub use ring::Bounds;
pub use stream::{Settings, Stats, Stream};
pub use viewer::{Viewer, Watched};
