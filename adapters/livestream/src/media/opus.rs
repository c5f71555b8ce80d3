//! Opus, as FLV and fragments of MP4 keep it.

use bytes::Bytes;

/// What a header begins with (RFC 7845, 5.1).
const MAGIC: &[u8] = b"OpusHead";
/// Length of a header for one or two channels.
const HEAD: usize = 19;
/// The longest that a packet may be, samples (RFC 6716, 3.2.5).
const LONGEST: u32 = 5760;

/// How sound is decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpusConfig {
    /// How many channels there are.
    pub channels: u8,
    /// Samples at the beginning that are not heard.
    pub pre_skip: u16,
    /// Samples a second of what was coded, Hz; 0: not told.
    pub input_rate: u32,
    /// How much louder it is played, in 1/256 dB.
    pub gain: i16,
    /// How channels are spread: the family, and its table unless that is 0.
    pub mapping: Bytes,
}

impl OpusConfig {
    /// Samples a second, whatever was coded, Hz.
    pub const RATE: u32 = 48_000;

    /// From the content of a header; None: it is none, or cut.
    #[must_use]
    pub fn parse(head: &Bytes) -> Option<Self> {
        let told = head.get(..HEAD)?;
        // The upper four bits would be another layout.
        if !told.starts_with(MAGIC) || told[8] >> 4 != 0 || told[9] == 0 {
            return None;
        }
        let table = if told[18] == 0 { 1 } else { 3 + usize::from(told[9]) };
        Some(Self {
            channels: told[9],
            pre_skip: u16::from_le_bytes([told[10], told[11]]),
            input_rate: u32::from_le_bytes([told[12], told[13], told[14], told[15]]),
            gain: i16::from_le_bytes([told[16], told[17]]),
            mapping: (head.len() >= 18 + table).then(|| head.slice(18..18 + table))?,
        })
    }

    /// Samples in a packet; None: it is none.
    #[must_use]
    pub fn samples(packet: &[u8]) -> Option<u32> {
        let first = *packet.first()?;
        let lengths: [u32; 4] = match first >> 3 {
            0..12 => [480, 960, 1920, 2880],
            12..16 => [480, 960, 480, 960],
            16.. => [120, 240, 480, 960],
        };
        let count = match first & 3 {
            0 => 1,
            1 | 2 => 2,
            _ => u32::from(packet.get(1)? & 0x3F),
        };
        let samples = lengths[usize::from(first >> 3 & 3)] * count;
        (1..=LONGEST).contains(&samples).then_some(samples)
    }
}
