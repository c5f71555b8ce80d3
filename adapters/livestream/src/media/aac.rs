//! AAC, as FLV keeps it and as MPEG-TS wants it.

use bytes::{Bytes, BytesMut};

use super::bits::Bits;

/// Length of the head that each frame has in MPEG-TS.
const HEAD: usize = 7;
/// The rates that there are, Hz.
const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350];
/// Spectral band replication, and with stereo from one channel: what is coded is AAC with something beside it.
const SBR: u8 = 5;
const PS: u8 = 29;

/// How sound is decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AacConfig {
    /// What players are told: 2 is AAC-LC, 5 and 29 are HE-AAC.
    pub object: u8,
    /// `AudioSpecificConfig`.
    pub record: Bytes,
    /// What is coded.
    coded: u8,
    rate: u8,
    channels: u8,
    /// Frames are shorter than they mostly are.
    short: bool,
}

impl AacConfig {
    /// From the content of a header; None: it is none, cut, or of a kind that MPEG-TS has no head for.
    #[must_use]
    pub fn parse(record: &Bytes) -> Option<Self> {
        let mut bits = Bits::new(record);
        let mut take = |count| bits.take(count).and_then(|number| u8::try_from(number).ok());
        let object = take(5)?;
        let rate = take(4)?;
        let channels = take(4)?;
        let coded = if matches!(object, SBR | PS) {
            // The rate of what is beside it.
            take(4).filter(|rate| *rate < 13)?;
            take(5)?
        } else {
            object
        };
        let fits = (1..=4).contains(&coded) && rate < 13 && (1..=7).contains(&channels);
        let short = take(1).is_some_and(|short| short == 1);
        fits.then(|| Self { object, record: record.clone(), coded, rate, channels, short })
    }

    /// What RFC 6381 calls it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("mp4a.40.{}", self.object)
    }

    /// Samples a second of what is coded, Hz.
    #[must_use]
    pub fn rate(&self) -> u32 {
        RATES[usize::from(self.rate)]
    }

    /// Samples in a frame of what is coded.
    #[must_use]
    pub fn samples(&self) -> u32 {
        if self.short { 960 } else { 1024 }
    }

    /// How many channels there are.
    #[must_use]
    pub fn channels(&self) -> u8 {
        if self.channels == 7 { 8 } else { self.channels }
    }

    /// A frame for MPEG-TS. None: it is too long.
    #[must_use]
    pub fn adts(&self, content: &[u8], to: &mut BytesMut) -> Option<()> {
        let length = u16::try_from(content.len() + HEAD).ok().filter(|length| *length < 1 << 13)?;
        // 13 bits of the length, between the channels and how full the decoder is, which is left open.
        let [_, top, middle, bottom] = (u32::from(length) << 5).to_be_bytes();
        to.extend_from_slice(&[
            0xFF,
            0xF1,
            (self.coded - 1) << 6 | self.rate << 2 | self.channels >> 2,
            (self.channels & 3) << 6 | top,
            middle,
            bottom | 0x1F,
            0xFC,
        ]);
        to.extend_from_slice(content);
        Some(())
    }
}
