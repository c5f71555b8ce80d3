//! HEVC, as FLV and fragments of MP4 keep it.

use std::fmt::Write;

use bytes::Bytes;

use super::bits::{Bits, unescaped};
use super::units::{take, units};

/// The type of the unit that describes a sequence.
const SPS: u8 = 33;
/// Length of the record before its units.
const HEAD: usize = 23;
/// Bits of a profile, of which a sequence has some.
const PROFILE: usize = 88;

/// How pictures are decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HevcConfig {
    /// Width and height, if they can be told.
    pub size: Option<(u16, u16)>,
    /// `HEVCDecoderConfigurationRecord`.
    pub record: Bytes,
}

impl HevcConfig {
    /// From the content of a header; None: it is none, or cut.
    #[must_use]
    pub fn parse(record: &Bytes) -> Option<Self> {
        let (head, mut rest) = record.split_at_checked(HEAD)?;
        // Some write 0 for the version.
        if head[0] > 1 {
            return None;
        }
        let mut size = None;
        for _ in 0..head[22] {
            let [kind, high, low, behind @ ..] = rest else { return None };
            rest = behind;
            for _ in 0..u16::from_be_bytes([*high, *low]) {
                let unit = take(&mut rest)?;
                if kind & 0x3F == SPS && size.is_none() {
                    size = size_of(&unescaped(unit));
                }
            }
        }
        Some(Self { size, record: record.clone() })
    }

    /// What RFC 6381 and ISO/IEC 14496-15 call it, such as `hvc1.1.6.L93.90`.
    #[must_use]
    pub fn name(&self) -> String {
        let record = &self.record[..HEAD];
        let space = ["", "A", "B", "C"][usize::from(record[1] >> 6)];
        let compatible = u32::from_be_bytes([record[2], record[3], record[4], record[5]]).reverse_bits();
        let tier = if record[1] & 0x20 == 0 { 'L' } else { 'H' };
        let mut name = format!("hvc1.{space}{}.{compatible:X}.{tier}{}", record[1] & 0x1F, record[12]);
        let constraints = &record[6..12];
        let told = constraints.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        for byte in &constraints[..told] {
            let _ = write!(name, ".{byte:X}");
        }
        name
    }

    /// Whether nothing of a picture is cut.
    #[must_use]
    pub fn is_whole(&self, picture: &[u8]) -> bool {
        units(picture, usize::from(self.record[21] & 3) + 1).all(|unit| unit.is_some())
    }
}

/// Width and height, from the unit that describes the sequence.
fn size_of(sps: &[u8]) -> Option<(u16, u16)> {
    let mut bits = Bits::new(sps.get(2..)?);
    bits.skip(4)?;
    let layers = bits.take(3)?;
    // The profile and the level, of the whole and of each layer below.
    bits.skip(1 + PROFILE + 8)?;
    let told: Vec<_> = (0..layers).map(|_| Some((bits.flag()?, bits.flag()?))).collect::<Option<_>>()?;
    if layers > 0 {
        bits.skip(2 * (8 - layers as usize))?;
    }
    for (profile, level) in told {
        bits.skip(if profile { PROFILE } else { 0 } + if level { 8 } else { 0 })?;
    }
    bits.golomb()?;
    let (x, y) = match bits.golomb()? {
        1 => (2, 2),
        2 => (2, 1),
        3 => {
            bits.flag()?;
            (1, 1)
        }
        _ => (1, 1),
    };
    let (width, height) = (u64::from(bits.golomb()?), u64::from(bits.golomb()?));
    let mut cropped = [0; 4];
    if bits.flag()? {
        for edge in &mut cropped {
            *edge = bits.golomb()?;
        }
    }
    let [left, right, top, bottom] = cropped.map(u64::from);
    let width = width.checked_sub((left + right) * x)?;
    let height = height.checked_sub((top + bottom) * y)?;
    Some((u16::try_from(width).ok()?, u16::try_from(height).ok()?))
}
