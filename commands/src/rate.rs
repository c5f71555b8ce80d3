//! How much of something may be had, by GCRA: one instant tells what somebody has used.

use std::time::Duration;

use tokio::time::Instant;

/// So many at once, and one more in each interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// At once; 0 counts as 1.
    pub burst: u32,
    /// Until one more.
    pub every: Duration,
}

/// What is left of a rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How many can be had now.
    pub remaining: u32,
    /// Until all of it can be had again.
    pub reset: Duration,
    /// None: what was asked for is granted. Otherwise: how long until there is one.
    pub wait: Option<Duration>,
}

impl Rate {
    /// How long it takes until all of it can be had again.
    #[must_use]
    pub fn window(self) -> Duration {
        self.every * self.burst.max(1)
    }

    /// How far ahead of now somebody may have used it up and still gets one more.
    #[must_use]
    pub fn tolerance(self) -> Duration {
        self.every * self.burst.saturating_sub(1)
    }

    /// What is left to somebody who has used it up to `ahead` of now.
    #[must_use]
    pub fn quota(self, ahead: Duration, wait: Option<Duration>) -> Quota {
        let every = self.every.as_micros().max(1);
        let used = u32::try_from(ahead.as_micros().div_ceil(every)).unwrap_or(u32::MAX);
        Quota { remaining: self.burst.max(1).saturating_sub(used), reset: ahead, wait }
    }

    /// Uses one of what is used up until `used`: until when it is used up then.
    ///
    /// # Errors
    /// How long it takes until there is one.
    pub fn take(self, used: Instant, now: Instant) -> Result<Instant, Duration> {
        let used = used.max(now);
        let wait = (used - now).saturating_sub(self.tolerance());
        if wait > Duration::ZERO { Err(wait) } else { Ok(used + self.every) }
    }

    /// One was not used after all.
    pub(crate) fn give_back(self, used: Instant) -> Instant {
        used.checked_sub(self.every).unwrap_or(used)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A rate, and the pauses before each take, in µs.
    fn takes() -> impl Strategy<Value = (Rate, Vec<u64>)> {
        (0..20_u32, 1..5_000_000_u64).prop_flat_map(|(burst, every)| {
            let rate = Rate { burst, every: Duration::from_micros(every) };
            let pause = prop_oneof![4 => Just(0), 4 => 0..every, 1 => 0..every * 30];
            (Just(rate), prop::collection::vec(pause, 1..200))
        })
    }

    /// When each was granted, counted from the first.
    fn granted(rate: Rate, pauses: &[u64]) -> Vec<Duration> {
        let start = Instant::now();
        let (mut used, mut now, mut granted) = (start, start, Vec::new());
        for pause in pauses {
            now += Duration::from_micros(*pause);
            if let Ok(next) = rate.take(used, now) {
                used = next;
                granted.push(now - start);
            }
        }
        granted
    }

    proptest! {
        #[test]
        fn no_window_holds_more_than_the_burst_and_one_for_each_interval((rate, pauses) in takes()) {
            let granted = granted(rate, &pauses);
            let burst = u128::from(rate.burst.max(1));
            for (first, from) in granted.iter().enumerate() {
                for (last, until) in granted.iter().enumerate().skip(first) {
                    let most = burst + (*until - *from).as_micros() / rate.every.as_micros();
                    prop_assert!((last - first + 1) as u128 <= most, "{} of {most} in {from:?}..={until:?}", last - first + 1);
                }
            }
        }

        #[test]
        fn what_is_told_is_what_comes((rate, pauses) in takes()) {
            let start = Instant::now();
            let (mut used, mut now) = (start, start);
            for pause in pauses {
                now += Duration::from_micros(pause);
                let left = rate.quota(used.max(now) - now, None).remaining;
                match rate.take(used, now) {
                    Ok(next) => {
                        prop_assert_eq!(rate.quota(next - now, None).remaining + 1, left);
                        used = next;
                    }
                    Err(wait) => {
                        prop_assert_eq!(left, 0);
                        prop_assert!(rate.take(used, now + wait).is_ok());
                        prop_assert!(rate.take(used, now + wait - Duration::from_nanos(1)).is_err());
                    }
                }
                prop_assert!(used <= now + rate.window());
            }
        }
    }
}
