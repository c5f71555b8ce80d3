//! Tags that are sent together.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;

use super::Headers;
use super::headers::BEGINNING;

/// Tags of a few milliseconds.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Tags of FLV, one behind the other.
    pub bytes: Bytes,
    /// Whether one can begin with it.
    pub joins: bool,
    /// What describes the stream from here on.
    pub headers: Arc<Headers>,
    /// What an FLV begins with that begins here, once somebody does: the same for all.
    pub(super) beginning: OnceLock<Bytes>,
    /// When its first frame is decoded, ms since the stream began.
    pub time: i64,
    /// Frames in it.
    pub frames: usize,
}

impl Batch {
    /// What an FLV begins with that begins here.
    pub(super) fn beginning(&self) -> Bytes {
        self.beginning.get_or_init(|| self.headers.beginning(self.time)).clone()
    }

    /// The tags that describe the stream, for who goes on here.
    pub(super) fn tags(&self) -> Bytes {
        self.beginning().slice(BEGINNING..)
    }
}
