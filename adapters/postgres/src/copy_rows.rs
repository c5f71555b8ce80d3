//! Rows of a binary copy.

/// What a binary copy begins with; its first row follows in the same message.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// PostgreSQL counts time from 2000-01-01.
const EPOCH_2000_US: i64 = 946_684_800_000_000;

/// The fields of a row of a binary copy, each behind its length. No row of PgRow's kind: that costs more than the hashes.
pub(crate) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    /// None for the end marker.
    pub(crate) fn of(message: &'a [u8]) -> Option<Self> {
        let message = match message.strip_prefix(SIGNATURE) {
            Some(rest) => rest.get(8..)?,
            None => message,
        };
        let (count, fields) = message.split_first_chunk::<2>()?;
        (i16::from_be_bytes(*count) >= 0).then_some(Self(fields))
    }

    pub(crate) fn bytes(&mut self) -> Option<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let (field, rest) = rest.split_at_checked(usize::try_from(i32::from_be_bytes(*length)).ok()?)?;
        self.0 = rest;
        Some(field)
    }

    pub(crate) fn int(&mut self) -> Option<i64> {
        Some(i64::from_be_bytes(self.bytes()?.try_into().ok()?))
    }

    pub(crate) fn short(&mut self) -> Option<i16> {
        Some(i16::from_be_bytes(self.bytes()?.try_into().ok()?))
    }

    pub(crate) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// A time, µs since 1970.
    pub(crate) fn time_us(&mut self) -> Option<i64> {
        self.int()?.checked_add(EPOCH_2000_US)
    }
}
