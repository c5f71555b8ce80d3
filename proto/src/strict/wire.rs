//! The wire format, without a schema.

use super::Malformed;

/// A field as it is on the wire.
pub(super) struct Record<'a> {
    pub(super) number: u32,
    pub(super) raw: Raw<'a>,
}

/// What a field holds.
pub(super) enum Raw<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    Fixed,
}

/// Takes the next field.
pub(super) fn record<'a>(bytes: &mut &'a [u8]) -> Result<Record<'a>, Malformed> {
    let key = varint(bytes)?;
    let number = u32::try_from(key >> 3).ok().filter(|number| (1..1 << 29).contains(number));
    let number = number.ok_or_else(|| Malformed::unreadable("a field without a number"))?;
    let raw = match key & 7 {
        0 => Raw::Varint(varint(bytes)?),
        1 => take(bytes, 8).map(|_| Raw::Fixed)?,
        2 => {
            let length = varint(bytes)?;
            Raw::Bytes(take(bytes, usize::try_from(length).unwrap_or(usize::MAX))?)
        }
        5 => take(bytes, 4).map(|_| Raw::Fixed)?,
        _ => return Err(Malformed::unreadable("a field of no known wire type")),
    };
    Ok(Record { number, raw })
}

/// Takes a number of seven bits a byte, the lowest first.
pub(super) fn varint(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let mut number = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let byte = take(bytes, 1)?[0];
        let bits = u64::from(byte & 0x7f);
        if bits << shift >> shift != bits {
            break;
        }
        number |= bits << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(Malformed::unreadable("a number of more than 64 bits"))
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8], Malformed> {
    let (taken, rest) = bytes.split_at_checked(count).ok_or_else(|| Malformed::unreadable("it ends early"))?;
    *bytes = rest;
    Ok(taken)
}
