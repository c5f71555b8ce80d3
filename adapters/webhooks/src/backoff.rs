//! How long to wait after an attempt that failed.

use std::time::{Duration, UNIX_EPOCH};

use rand::Rng;
use synctv_domain::ServerMs;

/// Attempts before an event is a dead letter.
pub(crate) const ATTEMPTS: u32 = 12;
/// The longest wait by ourselves.
const LONGEST: Duration = Duration::from_secs(300);
/// The longest that a receiver may ask for.
const ASKED: Duration = Duration::from_secs(3600);

/// After the n-th failure, at most: 1 s, doubling to 5 min.
pub(crate) fn longest(failures: u32) -> Duration {
    let doubled = 1_u64 << failures.saturating_sub(1).min(16);
    Duration::from_secs(doubled).min(LONGEST)
}

/// Anything up to that, so that what failed together is not tried together.
pub(crate) fn jittered(longest: Duration) -> Duration {
    longest.mul_f64(rand::rng().random_range(0.0..=1.0))
}

/// What `Retry-After` asks for, in seconds or as a time.
pub(crate) fn asked(retry_after: &str, now: ServerMs) -> Option<Duration> {
    let retry_after = retry_after.trim();
    let wait = match retry_after.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let then = httpdate::parse_http_date(retry_after).ok()?;
            let now = Duration::from_millis(u64::try_from(now.0).unwrap_or(0));
            then.duration_since(UNIX_EPOCH).ok()?.saturating_sub(now)
        }
    };
    Some(wait.min(ASKED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes_and_are_spread_over_all_of_it() {
        let waits: Vec<u64> = (1..=ATTEMPTS).map(|failures| longest(failures).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        assert_eq!(longest(u32::MAX), LONGEST);
        let some: Vec<_> = (0..200).map(|_| jittered(LONGEST)).collect();
        assert!(some.iter().all(|wait| *wait <= LONGEST));
        assert!(some.iter().any(|wait| *wait < LONGEST / 4) && some.iter().any(|wait| *wait > LONGEST * 3 / 4));
    }

    #[test]
    fn what_a_receiver_asks_for_is_kept_up_to_an_hour() {
        let now = ServerMs(784_111_777_000);
        let seconds = |text| asked(text, now).map(|wait| wait.as_secs());
        assert_eq!(seconds("0"), Some(0));
        assert_eq!(seconds(" 120 "), Some(120));
        assert_eq!(seconds("86400"), Some(3600));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:51:37 GMT"), Some(120));
        assert_eq!(seconds("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0), "long ago");
        assert_eq!(seconds("Mon, 07 Nov 1994 08:51:37 GMT"), Some(3600));
        for other in ["", "-1", "soon", "1.5"] {
            assert_eq!(seconds(other), None, "{other}");
        }
    }
}
