//! FLAC, as FLV and fragments of MP4 keep it.

use bytes::Bytes;

use super::bits::Bits;

/// What a header begins with, and the head of the block that describes the stream, which is always as long (RFC 9639, 8.2).
const MAGIC: &[u8] = b"fLaC";
const HEAD: usize = 4;
const DESCRIPTION: usize = 34;

/// How sound is decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlacConfig {
    /// Samples a second, Hz; not 0.
    pub rate: u32,
    /// How many channels there are.
    pub channels: u8,
    /// Bits of a sample.
    pub bits: u8,
    /// The description of the stream.
    pub record: Bytes,
}

impl FlacConfig {
    /// From the content of a header; None: it is none, or cut.
    #[must_use]
    pub fn parse(header: &Bytes) -> Option<Self> {
        let begins = if header.starts_with(MAGIC) { MAGIC.len() } else { 0 } + HEAD;
        // Of all blocks it comes first.
        if header.get(begins - HEAD)? & 0x7F != 0 || header.len() < begins + DESCRIPTION {
            return None;
        }
        let record = header.slice(begins..begins + DESCRIPTION);
        let mut bits = Bits::new(&record);
        bits.skip(80)?;
        let rate = bits.take(20).filter(|rate| *rate > 0)?;
        let (channels, depth) = (bits.take(3)? + 1, bits.take(5)? + 1);
        Some(Self { rate, channels: u8::try_from(channels).ok()?, bits: u8::try_from(depth).ok()?, record })
    }

    /// Samples in a frame; None: it is none (RFC 9639, 9.1).
    #[must_use]
    pub fn samples(frame: &[u8]) -> Option<u32> {
        let [0xFF, 0xF8 | 0xF9, coded, _, number, ..] = frame else { return None };
        // The number of the frame is as long as its first byte says.
        let behind = 4 + usize::try_from(number.leading_ones().max(1)).ok()?;
        let told = |at: usize| frame.get(at).map(|byte| u32::from(*byte));
        match coded >> 4 {
            0 => None,
            1 => Some(192),
            code @ 2..6 => Some(144 << code),
            6 => Some(told(behind)? + 1),
            7 => Some((told(behind)? << 8 | told(behind + 1)?) + 1),
            code => Some(1 << code),
        }
    }
}
