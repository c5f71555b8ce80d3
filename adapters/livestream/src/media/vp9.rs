//! VP9, as FLV and fragments of MP4 keep it.

use bytes::Bytes;

use super::bits::Bits;

/// Length of the record, but for what it ends with, which is empty.
const RECORD: usize = 8;
/// What pictures that need no other say.
const SYNC: u32 = 0x0049_8342;
/// Colours that are not those of video.
const RGB: u32 = 7;

/// How pictures are decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Vp9Config {
    /// Width and height, once a picture has told them.
    pub size: Option<(u16, u16)>,
    /// `VPCodecConfigurationRecord`.
    pub record: Bytes,
}

impl Vp9Config {
    /// From the content of a header; None: it is none, or cut.
    #[must_use]
    pub fn parse(header: &Bytes) -> Option<Self> {
        // Some have the version of the box before it.
        let begins = if header.starts_with(&[1, 0, 0, 0]) && header.len() >= RECORD + 4 { 4 } else { 0 };
        (header.len() >= begins + RECORD).then(|| Self { size: None, record: header.slice(begins..begins + RECORD) })
    }

    /// What RFC 6381 and the binding of VP9 to ISO BMFF call it, such as `vp09.00.10.08`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("vp09.{:02}.{:02}.{:02}", self.record[0], self.record[1], self.record[2] >> 4)
    }
}

/// Width and height, as a picture that needs no other tells them.
pub(super) fn size(picture: &[u8]) -> Option<(u16, u16)> {
    let mut bits = Bits::new(picture);
    bits.skip(2)?;
    // The lower bit comes first.
    let profile = bits.take(1)? | bits.take(1)? << 1;
    if profile == 3 {
        bits.skip(1)?;
    }
    // It is no other picture shown again, and needs no other.
    if bits.flag()? || bits.flag()? {
        return None;
    }
    bits.skip(2)?;
    if bits.take(24)? != SYNC {
        return None;
    }
    if profile >= 2 {
        bits.skip(1)?;
    }
    let sampled = profile == 1 || profile == 3;
    if bits.take(3)? == RGB {
        bits.skip(if sampled { 1 } else { 0 })?;
    } else {
        bits.skip(if sampled { 4 } else { 1 })?;
    }
    let (width, height) = (bits.take(16)? + 1, bits.take(16)? + 1);
    Some((u16::try_from(width).ok()?, u16::try_from(height).ok()?))
}
