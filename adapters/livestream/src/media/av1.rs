//! AV1, as FLV and fragments of MP4 keep it.

use bytes::Bytes;

use super::bits::Bits;

/// The type of the unit that describes a sequence.
const SEQUENCE: u32 = 1;

/// How pictures are decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Av1Config {
    /// Width and height, if they can be told.
    pub size: Option<(u16, u16)>,
    /// `AV1CodecConfigurationRecord`.
    pub record: Bytes,
}

impl Av1Config {
    /// From the content of a header; None: it is none, or cut.
    #[must_use]
    pub fn parse(record: &Bytes) -> Option<Self> {
        let [0x81, _, _, _, units @ ..] = &record[..] else { return None };
        Some(Self { size: size_in(units), record: record.clone() })
    }

    /// What RFC 6381 and the binding of AV1 to ISO BMFF call it, such as `av01.0.04M.08`.
    #[must_use]
    pub fn name(&self) -> String {
        let (profile, level) = (self.record[1] >> 5, self.record[1] & 0x1F);
        let colours = self.record[2];
        let tier = if colours & 0x80 == 0 { 'M' } else { 'H' };
        let depth = match (colours & 0x40 != 0, colours & 0x20 != 0) {
            (true, true) if profile == 2 => 12,
            (true, _) => 10,
            (false, _) => 8,
        };
        format!("av01.{profile}.{level:02}{tier}.{depth:02}")
    }
}

/// Width and height, if what describes the sequence is among these units.
pub(super) fn size_in(units: &[u8]) -> Option<(u16, u16)> {
    sequence(units).and_then(size)
}

/// What describes the sequence, among units each of which tells its length or ends with the record.
fn sequence(mut units: &[u8]) -> Option<&[u8]> {
    loop {
        let mut head = Bits::new(units);
        head.skip(1)?;
        let kind = head.take(4)?;
        let (extended, sized) = (head.flag()?, head.flag()?);
        let mut rest = units.get(if extended { 2 } else { 1 }..)?;
        let length = if sized { length(&mut rest)? } else { rest.len() };
        let (unit, behind) = rest.split_at_checked(length)?;
        if kind == SEQUENCE {
            return Some(unit);
        }
        units = behind;
    }
}

/// A number of seven bits a byte, the least significant first.
fn length(rest: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for place in 0..4 {
        let (byte, behind) = rest.split_first()?;
        *rest = behind;
        number |= usize::from(byte & 0x7F) << (7 * place);
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// The greatest width and height of a sequence.
fn size(sequence: &[u8]) -> Option<(u16, u16)> {
    let mut bits = Bits::new(sequence);
    // Profile, and whether it is one picture only.
    bits.skip(4)?;
    if bits.flag()? {
        bits.skip(5)?;
    } else {
        operating_points(&mut bits)?;
    }
    let (width_bits, height_bits) = (bits.take(4)? as usize + 1, bits.take(4)? as usize + 1);
    let (width, height) = (bits.take(width_bits)? + 1, bits.take(height_bits)? + 1);
    Some((u16::try_from(width).ok()?, u16::try_from(height).ok()?))
}

/// Passes over what is said about time and layers.
fn operating_points(bits: &mut Bits<'_>) -> Option<()> {
    let mut delay = None;
    if bits.flag()? {
        bits.skip(64)?;
        if bits.flag()? {
            bits.golomb()?;
        }
        if bits.flag()? {
            delay = Some(bits.take(5)? as usize + 1);
            bits.skip(32 + 5 + 5)?;
        }
    }
    let displayed = bits.flag()?;
    for _ in 0..=bits.take(5)? {
        bits.skip(12)?;
        if bits.take(5)? > 7 {
            bits.skip(1)?;
        }
        if let Some(delay) = delay
            && bits.flag()?
        {
            bits.skip(2 * delay + 1)?;
        }
        if displayed && bits.flag()? {
            bits.skip(4)?;
        }
    }
    Some(())
}
