//! Tags that are sent together.

use std::sync::Arc;

use bytes::Bytes;

use super::Headers;

/// Tags of a few milliseconds.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Tags of FLV, one behind the other.
    pub bytes: Bytes,
    /// Whether one can begin with it.
    pub joins: bool,
    /// What who begins with it needs first.
    pub headers: Arc<Headers>,
    /// When its first frame is decoded, ms since the stream began.
    pub time: i64,
    /// Frames in it.
    pub frames: usize,
}
