//! H.264, as FLV keeps it and as MPEG-TS wants it.

use bytes::{BufMut, Bytes, BytesMut};

/// Before each unit in MPEG-TS.
const START: [u8; 4] = [0, 0, 0, 1];
/// A unit that says that a picture begins.
const DELIMITER: [u8; 6] = [0, 0, 0, 1, 9, 0xF0];
/// Types of units: a picture that needs no other, what describes pictures, and the delimiter.
const IDR: u8 = 5;
const SPS: u8 = 7;
const PPS: u8 = 8;
const AUD: u8 = 9;
/// Before the content of a frame: how it is coded, what it is, and how much later it is shown.
const BEFORE: usize = 5;

/// How pictures are decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AvcConfig {
    /// Profile, constraints and level.
    pub profile: [u8; 3],
    /// Bytes of the length before each unit.
    prefix: usize,
    /// What describes the pictures, as MPEG-TS wants it.
    described: Bytes,
}

impl AvcConfig {
    /// From a header of FLV; None: it is none, or cut.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        let record = body.get(BEFORE..)?;
        let [1, profile @ .., lengths, first] = record.get(..6)? else { return None };
        let mut rest = record.get(6..)?;
        let mut described = BytesMut::new();
        take_units(&mut rest, first & 0x1F, SPS, &mut described)?;
        let (count, mut rest) = rest.split_first()?;
        take_units(&mut rest, *count, PPS, &mut described)?;
        Some(Self {
            profile: profile.try_into().ok()?,
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

    /// A picture for MPEG-TS, and how much later than it is decoded it is shown, ms. What describes it comes before those that need
    /// no other. None: it is cut.
    #[must_use]
    pub fn annex_b(&self, body: &[u8], to: &mut BytesMut) -> Option<i32> {
        let (before, mut rest) = body.split_at_checked(BEFORE)?;
        let later = i32::from_be_bytes([before[2], before[3], before[4], 0]) >> 8;
        to.extend_from_slice(&DELIMITER);
        let mut described = false;
        while !rest.is_empty() {
            let (length, behind) = rest.split_at_checked(self.prefix)?;
            let length = length.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
            let (unit, behind) = behind.split_at_checked(length)?;
            rest = behind;
            let Some(kind) = unit.first().map(|first| first & 0x1F) else { continue };
            if kind == AUD {
                continue;
            }
            described |= kind == SPS;
            if kind == IDR && !std::mem::replace(&mut described, true) {
                to.extend_from_slice(&self.described);
            }
            to.extend_from_slice(&START);
            to.extend_from_slice(unit);
        }
        Some(later)
    }
}

/// Takes so many units off, each behind its length.
fn take_units(rest: &mut &[u8], count: u8, kind: u8, to: &mut BytesMut) -> Option<()> {
    for _ in 0..count {
        let (length, behind) = rest.split_at_checked(2)?;
        let (unit, behind) = behind.split_at_checked(usize::from(length[0]) << 8 | usize::from(length[1]))?;
        *rest = behind;
        if unit.first()? & 0x1F != kind {
            return None;
        }
        to.put_slice(&START);
        to.put_slice(unit);
    }
    Some(())
}
