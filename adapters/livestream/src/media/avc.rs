//! H.264, as FLV keeps it and as MPEG-TS wants it.

use bytes::{BufMut, Bytes, BytesMut};

use super::bits::{Bits, unescaped};
use super::units::{take, units};

/// Before each unit in MPEG-TS.
const START: [u8; 4] = [0, 0, 0, 1];
/// A unit that says that a picture begins.
const DELIMITER: [u8; 6] = [0, 0, 0, 1, 9, 0xF0];
/// Types of units: a picture that needs no other, what describes pictures, and the delimiter.
const IDR: u8 = 5;
const SPS: u8 = 7;
const PPS: u8 = 8;
const AUD: u8 = 9;

/// How pictures are decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AvcConfig {
    /// Profile, constraints and level.
    pub profile: [u8; 3],
    /// Width and height, if they can be told.
    pub size: Option<(u16, u16)>,
    /// `AVCDecoderConfigurationRecord`, and where its units end.
    pub record: Bytes,
    pub(crate) units_end: usize,
    /// Bytes of the length before each unit.
    prefix: usize,
    /// What describes the pictures, as MPEG-TS wants it.
    described: Bytes,
}

impl AvcConfig {
    /// From the content of a header; None: it is none, or cut.
    #[must_use]
    pub fn parse(record: &Bytes) -> Option<Self> {
        let [1, profile @ .., lengths, first] = record.get(..6)? else { return None };
        let mut rest = record.get(6..)?;
        let mut described = BytesMut::new();
        let size = rest.get(2..).filter(|_| first & 0x1F > 0).and_then(|sps| size(&unescaped(sps)));
        take_units(&mut rest, first & 0x1F, SPS, &mut described)?;
        let (count, mut rest) = rest.split_first()?;
        take_units(&mut rest, *count, PPS, &mut described)?;
        Some(Self {
            profile: profile.try_into().ok()?,
            size,
            record: record.clone(),
            units_end: record.len() - rest.len(),
            prefix: usize::from(lengths & 3) + 1,
            described: described.freeze(),
        })
    }

    /// What RFC 6381 calls it, such as `avc1.64001F`.
    #[must_use]
    pub fn name(&self) -> String {
        let [profile, constraints, level] = self.profile;
        format!("avc1.{profile:02X}{constraints:02X}{level:02X}")
    }

    /// Whether nothing of a picture is cut.
    #[must_use]
    pub fn is_whole(&self, picture: &[u8]) -> bool {
        units(picture, self.prefix).all(|unit| unit.is_some())
    }

    /// A picture for MPEG-TS. What describes it comes before the `first` of a segment, and those that need no other. None: it is
    /// cut.
    #[must_use]
    pub fn annex_b(&self, picture: &[u8], first: bool, to: &mut BytesMut) -> Option<()> {
        to.extend_from_slice(&DELIMITER);
        let mut described = false;
        for unit in units(picture, self.prefix) {
            let unit = unit?;
            let Some(kind) = unit.first().map(|first| first & 0x1F) else { continue };
            if kind == AUD {
                continue;
            }
            described |= kind == SPS;
            let needs = kind == IDR || first && (1..IDR).contains(&kind);
            if needs && !std::mem::replace(&mut described, true) {
                to.extend_from_slice(&self.described);
            }
            to.extend_from_slice(&START);
            to.extend_from_slice(unit);
        }
        Some(())
    }
}

/// Takes so many units off, each behind its length.
fn take_units(rest: &mut &[u8], count: u8, kind: u8, to: &mut BytesMut) -> Option<()> {
    for _ in 0..count {
        let unit = take(rest)?;
        if unit.first()? & 0x1F != kind {
            return None;
        }
        to.put_slice(&START);
        to.put_slice(unit);
    }
    Some(())
}

/// Width and height, from the unit that describes the sequence.
fn size(sps: &[u8]) -> Option<(u16, u16)> {
    /// Profiles that say how colours are sampled.
    const HIGH: [u8; 13] = [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135];
    let profile = *sps.get(1)?;
    let mut bits = Bits::new(sps.get(4..)?);
    bits.golomb()?;
    let chroma = if HIGH.contains(&profile) { colours(&mut bits)? } else { 1 };
    bits.golomb()?;
    order(&mut bits)?;
    bits.golomb()?;
    bits.flag()?;
    let (width, height) = (bits.golomb()?.checked_add(1)?, bits.golomb()?.checked_add(1)?);
    // Two fields make a picture.
    let fields = if bits.flag()? { 1 } else { 2 };
    bits.skip(if fields == 2 { 2 } else { 1 })?;
    let (x, y) = match chroma {
        1 => (2, 2),
        2 => (2, 1),
        _ => (1, 1),
    };
    let mut cropped = [0; 4];
    if bits.flag()? {
        for edge in &mut cropped {
            *edge = bits.golomb()?;
        }
    }
    let [left, right, top, bottom] = cropped.map(u64::from);
    let width = (u64::from(width) * 16).checked_sub((left + right) * x)?;
    let height = (u64::from(height) * 16 * fields).checked_sub((top + bottom) * y * fields)?;
    Some((u16::try_from(width).ok()?, u16::try_from(height).ok()?))
}

/// How colours are sampled; 0, if each is a picture of its own.
fn colours(bits: &mut Bits<'_>) -> Option<u32> {
    let chroma = bits.golomb()?;
    let apart = chroma == 3 && bits.flag()?;
    bits.golomb()?;
    bits.golomb()?;
    bits.flag()?;
    if bits.flag()? {
        for list in 0..if chroma == 3 { 12 } else { 8 } {
            if bits.flag()? {
                scaling(bits, if list < 6 { 16 } else { 64 })?;
            }
        }
    }
    Some(if apart { 0 } else { chroma })
}

/// Passes over a list of factors.
fn scaling(bits: &mut Bits<'_>, length: usize) -> Option<()> {
    let mut last = 8;
    for _ in 0..length {
        let next = (last + bits.signed()? % 256 + 256) % 256;
        if next == 0 {
            break;
        }
        last = next;
    }
    Some(())
}

/// Passes over how pictures are ordered.
fn order(bits: &mut Bits<'_>) -> Option<()> {
    match bits.golomb()? {
        0 => drop(bits.golomb()?),
        1 => {
            bits.flag()?;
            bits.golomb()?;
            bits.golomb()?;
            for _ in 0..bits.golomb()?.min(255) {
                bits.golomb()?;
            }
        }
        _ => {}
    }
    Some(())
}
