//! What a frame holds, without how FLV says it.

use bytes::Bytes;

use super::frame::{ENHANCED, ENHANCED_AUDIO};
use super::{Codec, Frame, Track};

/// Coded data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// How much later than it is decoded it is shown, ms.
    pub later: i32,
    /// As the coding has it; not empty.
    pub data: Bytes,
}

impl Frame {
    /// What is coded; None: nothing, or it is cut.
    #[must_use]
    pub fn content(&self) -> Option<Content> {
        let (begins, later) = match self.track {
            Track::Audio => (self.audio_begins()?, 0),
            Track::Video => self.video_begins()?,
        };
        (self.body.len() > begins).then(|| Content { later, data: self.body.slice(begins..) })
    }

    fn audio_begins(&self) -> Option<usize> {
        Some(match (self.body.first()? >> 4, self.codec) {
            // How it is coded by four letters, or whether it is a header.
            (ENHANCED_AUDIO, _) => 5,
            (_, Codec::Aac) => 2,
            _ => 1,
        })
    }

    fn video_begins(&self) -> Option<(usize, i32)> {
        /// Coded pictures that are shown later than they are decoded.
        const LATER: u8 = 1;
        let first = *self.body.first()?;
        if first & ENHANCED == 0 {
            return Some((5, self.number(2)?));
        }
        let reordered = matches!(self.codec, Codec::H264 | Codec::Hevc);
        if first & 0xF == LATER && reordered { Some((8, self.number(5)?)) } else { Some((5, 0)) }
    }

    /// A number of three bytes.
    fn number(&self, at: usize) -> Option<i32> {
        let [top, middle, bottom] = *self.body.get(at..at + 3)? else { return None };
        Some(i32::from_be_bytes([top, middle, bottom, 0]) >> 8)
    }
}
