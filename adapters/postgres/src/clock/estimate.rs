//! How far another clock is from ours, from questions and answers over a network.

use std::collections::VecDeque;

/// Samples kept.
const WINDOW: usize = 8;
/// How much two clocks may drift apart, µs for each second.
const DRIFT: i64 = 100;

/// One answer. All in µs; `at` and `trip` by our clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sample {
    /// When it came.
    pub(super) at: i64,
    /// From asking to the answer.
    pub(super) trip: i64,
    /// Theirs is ahead of ours by this, if the answer was made half-way.
    pub(super) offset: i64,
}

impl Sample {
    /// By how much it may be wrong now.
    fn error(&self, now: i64) -> i64 {
        self.trip / 2 + (now - self.at) / 1_000_000 * DRIFT
    }
}

/// The newest samples. The best of them is not the newest: it is the one whose trip was the shortest, unless it is old.
#[derive(Default)]
pub(super) struct Estimate(VecDeque<Sample>);

impl Estimate {
    /// The offset, with one more sample.
    pub(super) fn add(&mut self, sample: Sample) -> i64 {
        // What contradicts the new one was told by a clock that has been set since.
        self.0.retain(|old| (old.offset - sample.offset).abs() <= old.error(sample.at) + sample.error(sample.at));
        self.0.push_back(sample);
        if self.0.len() > WINDOW {
            self.0.pop_front();
        }
        self.0.iter().min_by_key(|old| old.error(sample.at)).unwrap_or(&sample).offset
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_shortest_trip_is_believed_until_it_is_too_old() {
        let mut estimate = Estimate::default();
        let mut add = |second: i64, trip, offset| estimate.add(Sample { at: second * 1_000_000, trip, offset });
        assert_eq!(add(0, 2000, 700), 700);
        assert_eq!(add(10, 9000, 3000), 700, "a longer trip says less");
        assert_eq!(add(70, 9500, 4000), 4000, "in 70 s a clock may have drifted by more than that");
    }

    #[test]
    fn a_clock_that_was_set_is_believed_at_once() {
        let mut estimate = Estimate::default();
        assert_eq!(estimate.add(Sample { at: 0, trip: 1000, offset: 0 }), 0);
        let hour = 3_600_000_000;
        assert_eq!(estimate.add(Sample { at: 10_000_000, trip: 90_000, offset: hour }), hour);
    }

    proptest! {
        /// Whatever the network does to the two ways of a question, the error is bounded by the shortest trip and the drift.
        #[test]
        fn the_error_is_bounded_by_the_shortest_trip(
            trips in prop::collection::vec((0..50_000_i64, 0..50_000_i64), 1..30), drift in -DRIFT..=DRIFT,
        ) {
            let mut estimate = Estimate::default();
            let truth = |at: i64| 5_000_000 + at / 1_000_000 * drift;
            for (number, (there, back)) in (0..).zip(&trips) {
                let at = number * 10_000_000 + there + back;
                let offset = truth(at) + (there - back) / 2;
                let found = estimate.add(Sample { at, trip: there + back, offset });
                let bound = (there + back) / 2 + WINDOW as i64 * 10 * DRIFT + 1;
                prop_assert!((found - truth(at)).abs() <= bound, "{found} is not {} ± {bound}", truth(at));
            }
        }
    }
}
