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

    /// Uses one: until when it is used up then. Otherwise: how long until there is one.
    pub(crate) fn take(self, used: Instant, now: Instant) -> Result<Instant, Duration> {
        let used = used.max(now);
        let wait = (used - now).saturating_sub(self.tolerance());
        if wait > Duration::ZERO { Err(wait) } else { Ok(used + self.every) }
    }

    /// One was not used after all.
    pub(crate) fn give_back(self, used: Instant) -> Instant {
        used.checked_sub(self.every).unwrap_or(used)
    }
}
