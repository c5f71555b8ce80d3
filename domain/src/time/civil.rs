//! The Gregorian calendar for the years 1970 to 9999.

const MONTHS: [i64; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/// Length of a month (1 to 12) in days; 0 for a month that does not exist.
pub(super) fn days_in_month(year: i64, month: i64) -> i64 {
    let usual = usize::try_from(month - 1).ok().and_then(|index| MONTHS.get(index));
    usual.map_or(0, |days| days + i64::from(month == 2 && is_leap(year)))
}

/// Days from 1970-01-01 to a date that exists.
pub(super) fn days_from_date(year: i64, month: i64, day: i64) -> i64 {
    let months: i64 = (1..month).map(|earlier| days_in_month(year, earlier)).sum();
    days_to_year(year) + months + day - 1
}

/// `(year, month, day)` of a day counted from 1970-01-01.
pub(super) fn date_from_days(days: i64) -> (i64, i64, i64) {
    // The mean year of the 400-year cycle is off by less than two; the loops settle the rest.
    let mut year = 1970 + days * 400 / 146_097;
    while days < days_to_year(year) {
        year -= 1;
    }
    while days >= days_to_year(year + 1) {
        year += 1;
    }
    let (mut month, mut left) = (1, days - days_to_year(year));
    while left >= days_in_month(year, month) {
        left -= days_in_month(year, month);
        month += 1;
    }
    (year, month, left + 1)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_to_year(year: i64) -> i64 {
    let leap_days_through = |last: i64| last / 4 - last / 100 + last / 400;
    365 * (year - 1970) + leap_days_through(year - 1) - leap_days_through(1969)
}
