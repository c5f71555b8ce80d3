//! Tags of FLV.

use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::Track;

/// Length of the head of a tag.
const HEADER: usize = 11;
/// Behind each tag stands how long it was.
const TRAILER: usize = 4;

/// What a tag holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagKind {
    /// Sound.
    Audio = 8,
    /// Pictures.
    Video = 9,
    /// What describes the stream.
    Script = 18,
}

impl From<Track> for TagKind {
    fn from(track: Track) -> Self {
        match track {
            Track::Audio => Self::Audio,
            Track::Video => Self::Video,
        }
    }
}

/// Bytes that a tag takes.
const fn tag_length(body: usize) -> usize {
    HEADER + body + TRAILER
}

/// Writes a tag with this content, which is shorter than 16 MiB, for a time in ms, of which 32 bits are kept.
pub fn put(to: &mut BytesMut, kind: TagKind, time: i64, body: &[u8]) {
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX).min(0xFF_FFFF);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the format has 32 bits")]
    let time = time as u32;
    to.reserve(tag_length(body.len()));
    to.put_u8(kind as u8);
    to.put_uint(u64::from(length), 3);
    // The upper eight bits stand behind the lower ones.
    to.put_uint(u64::from(time & 0xFF_FFFF), 3);
    to.put_u8((time >> 24) as u8);
    to.put_uint(0, 3);
    to.extend_from_slice(body);
    to.put_u32(length + 11);
}

/// A tag, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// What it holds; None: something that was not written here.
    pub kind: Option<TagKind>,
    /// 32 bits of its time, ms.
    pub time: u32,
    /// Its content.
    pub body: Bytes,
}

/// The tags of a batch, one after the other; whatever is cut is left out.
pub fn tags(mut bytes: Bytes) -> impl Iterator<Item = Tag> {
    std::iter::from_fn(move || {
        let head = bytes.get(..HEADER)?;
        let kind = match head[0] {
            8 => Some(TagKind::Audio),
            9 => Some(TagKind::Video),
            18 => Some(TagKind::Script),
            _ => None,
        };
        let length = usize::from(head[1]) << 16 | usize::from(head[2]) << 8 | usize::from(head[3]);
        let time = u32::from_be_bytes([head[7], head[4], head[5], head[6]]);
        if bytes.len() < tag_length(length) {
            return None;
        }
        let body = bytes.slice(HEADER..HEADER + length);
        bytes.advance(tag_length(length));
        Some(Tag { kind, time, body })
    })
}
