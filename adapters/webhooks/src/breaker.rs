//! How much a receiver is asked to take at once.

use std::time::Duration;

use tokio::time::Instant;

use crate::backoff::{jittered, longest};

/// Rooms that are delivered at once.
pub(crate) const AT_ONCE: usize = 16;
/// Failures without a success after which a receiver is taken to be down, not to dislike an event.
const DOWN: u32 = 16;
/// Between attempts at a receiver that is down, at most: its return is noticed within this time.
const LONGEST: Duration = Duration::from_secs(30);

/// Closed while a receiver takes anything at all. Open, one event at a time is tried, with pauses, and the others neither wear
/// it out nor use up their attempts.
pub(crate) struct Breaker {
    failures: u32,
    until: Instant,
}

/// What a failure or success changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Change {
    None,
    Opened,
    Closed,
}

impl Breaker {
    pub(crate) fn new(now: Instant) -> Self {
        Self { failures: 0, until: now }
    }

    /// Whether one more may be sent beside so many.
    pub(crate) fn admits(&self, in_flight: usize, now: Instant) -> bool {
        let most = if self.failures < DOWN { AT_ONCE } else { 1 };
        in_flight < most && now >= self.until
    }

    /// Nothing may be sent before; it may be past.
    pub(crate) const fn until(&self) -> Instant {
        self.until
    }

    pub(crate) fn succeeded(&mut self) -> Change {
        let was_open = self.failures >= DOWN;
        self.failures = 0;
        if was_open { Change::Closed } else { Change::None }
    }

    pub(crate) fn failed(&mut self, now: Instant) -> Change {
        self.failures = self.failures.saturating_add(1);
        if self.failures >= DOWN {
            self.hold(now + jittered(longest(self.failures - DOWN + 1).min(LONGEST)));
        }
        if self.failures == DOWN { Change::Opened } else { Change::None }
    }

    /// The receiver asked for a pause.
    pub(crate) fn hold(&mut self, until: Instant) {
        self.until = self.until.max(until);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_receiver_that_takes_nothing_gets_one_event_at_a_time() {
        let now = Instant::now();
        let mut breaker = Breaker::new(now);
        assert!(breaker.admits(AT_ONCE - 1, now) && !breaker.admits(AT_ONCE, now));
        for _ in 1..DOWN {
            assert_eq!(breaker.failed(now), Change::None);
        }
        assert!(breaker.admits(AT_ONCE - 1, now));
        assert_eq!(breaker.failed(now), Change::Opened);
        let later = now + LONGEST;
        assert!(breaker.admits(0, later) && !breaker.admits(1, later));
        assert!((0..100).all(|_| breaker.failed(now) == Change::None && breaker.until() <= later));
        assert_eq!(breaker.succeeded(), Change::Closed);
        assert!(breaker.admits(AT_ONCE - 1, later));
        assert_eq!(breaker.succeeded(), Change::None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_receiver_that_takes_some_events_gets_all_the_others() {
        let now = Instant::now();
        let mut breaker = Breaker::new(now);
        for _ in 0..100 {
            for _ in 1..DOWN {
                breaker.failed(now);
            }
            breaker.succeeded();
        }
        assert!(breaker.admits(AT_ONCE - 1, now));
        breaker.hold(now + LONGEST);
        assert!(!breaker.admits(0, now) && breaker.admits(0, now + LONGEST));
    }
}
