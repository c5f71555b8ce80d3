//! An instant of the log, spelled as RFC 3339.

use std::fmt;
use std::str::FromStr;

use super::ServerMs;
use super::civil::{date_from_days, days_from_date, days_in_month};
use crate::ids::serde_as_text;

const SECOND: i64 = 1_000_000;
const DAY: i64 = 86_400 * SECOND;
/// The last microsecond of the year 9999.
const LAST: i64 = 2_932_897 * DAY - 1;

/// Microseconds since 1970-01-01T00:00:00Z; spelled in UTC with six fraction digits and `Z`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

/// The text is not an RFC 3339 instant of the years 1970 to 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an RFC 3339 time of the years 1970 to 9999")]
pub struct InvalidTime;

impl Timestamp {
    /// The latest instant that can be spelled.
    pub const MAX: Self = Self(LAST);

    /// Reads RFC 3339 with any offset and up to nine fraction digits (cut to microseconds).
    ///
    /// # Errors
    /// [`InvalidTime`] for any other text and for instants outside the years 1970 to 9999.
    pub fn parse(text: &str) -> Result<Self, InvalidTime> {
        read(text).filter(|micros| (0..=LAST).contains(micros)).map(Self).ok_or(InvalidTime)
    }

    /// The same instant in milliseconds, rounded down.
    #[must_use]
    pub const fn ms(self) -> ServerMs {
        ServerMs(self.0.div_euclid(1000))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What cannot be spelled shows as the nearest instant that can.
        let micros = self.0.clamp(0, LAST);
        let (year, month, day) = date_from_days(micros / DAY);
        let (seconds, fraction) = (micros % DAY / SECOND, micros % SECOND);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:06}Z")
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTime;

    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        Self::parse(text)
    }
}

serde_as_text!(Timestamp);

fn read(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let (year, month, day) = triple(date, '-', 4)?;
    if !(1..=days_in_month(year, month)).contains(&day) {
        return None;
    }
    let (clock, rest) = rest.strip_prefix(['T', 't'])?.split_at_checked(8)?;
    let (hour, minute, second) = triple(clock, ':', 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => read_fraction(rest)?,
        None => (0, rest),
    };
    let seconds = (hour * 60 + minute - read_offset(zone)?) * 60 + second;
    Some(days_from_date(year, month, day) * DAY + seconds * SECOND + fraction)
}

/// Three numbers, the first `width` digits wide, the others two.
fn triple(text: &str, separator: char, width: usize) -> Option<(i64, i64, i64)> {
    let mut parts = text.split(separator);
    let read = (digits(parts.next()?, width)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    parts.next().is_none().then_some(read)
}

fn digits(text: &str, width: usize) -> Option<i64> {
    let plain = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// Microseconds of one to nine fraction digits, and the text behind them.
fn read_fraction(text: &str) -> Option<(i64, &str)> {
    let width = text.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=9).contains(&width) {
        return None;
    }
    let (fraction, rest) = text.split_at(width);
    let micros = fraction.bytes().chain(std::iter::repeat(b'0')).take(6);
    Some((micros.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0')), rest))
}

/// Minutes east of UTC.
fn read_offset(zone: &str) -> Option<i64> {
    if zone == "Z" || zone == "z" {
        return Some(0);
    }
    let (sign, rest) = match zone.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => (-1, zone.strip_prefix('-')?),
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours <= 23 && minutes <= 59).then_some(sign * (hours * 60 + minutes))
}
