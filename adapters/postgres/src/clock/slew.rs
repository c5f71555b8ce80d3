//! A clock that is brought to another one without a jump.

/// Beyond this the other clock was set, µs.
pub(super) const STEP: i64 = 500_000;
/// A gap below this is closed gently.
const SMALL: i64 = 50_000;
/// µs for each second: what nobody notices, and what brings a clock that was set back within hours.
const GENTLE: i64 = 5_000;
const FAST: i64 = 100_000;

/// The offset that is in use, on its way to the one that is right. All in µs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slew {
    /// When the target was set, by our clock, and what the offset was then.
    at: i64,
    from: i64,
    target: i64,
}

impl Slew {
    pub(super) fn new(offset: i64) -> Self {
        Self { at: 0, from: offset, target: offset }
    }

    /// The offset in use. Less than a tenth of what has passed is added or taken: time never goes back.
    pub(super) fn offset(&self, now: i64) -> i64 {
        let gap = self.target.saturating_sub(self.from);
        let pace = if gap.abs() < SMALL { GENTLE } else { FAST };
        let reach = (i128::from((now - self.at).max(0)) * i128::from(pace) / 1_000_000).min(i128::from(i64::MAX));
        let reach = i64::try_from(reach).unwrap_or(i64::MAX);
        self.from + gap.clamp(-reach, reach)
    }

    /// From now on to another offset.
    pub(super) fn aim(&mut self, now: i64, target: i64) {
        *self = Self { at: now, from: self.offset(now), target };
    }

    /// What is still to be made up for.
    pub(super) fn gap(&self, now: i64) -> i64 {
        self.target.saturating_sub(self.offset(now))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SECOND: i64 = 1_000_000;

    #[test]
    fn a_small_gap_is_closed_by_half_a_ms_in_100_ms() {
        let mut slew = Slew::new(0);
        slew.aim(0, 10_000);
        assert_eq!(slew.offset(SECOND / 10), 500);
        assert_eq!((slew.offset(2 * SECOND), slew.offset(9 * SECOND)), (10_000, 10_000));
    }

    #[test]
    fn a_clock_that_was_set_by_an_hour_is_reached_within_half_a_day() {
        let mut slew = Slew::new(0);
        slew.aim(0, -3600 * SECOND);
        assert_eq!(slew.offset(SECOND), -SECOND / 10);
        assert_eq!(slew.gap(10 * 3600 * SECOND), 0);
    }

    proptest! {
        #[test]
        fn time_runs_on_whatever_the_other_clock_does(
            steps in prop::collection::vec((0..20 * SECOND, any::<i32>()), 1..40),
        ) {
            let (mut slew, mut now) = (Slew::new(0), 0);
            for (passed, target) in steps {
                let before = now + slew.offset(now);
                now += passed;
                let after = now + slew.offset(now);
                prop_assert!(after - before >= passed - passed / 10 - 1, "{passed} µs went by as {}", after - before);
                prop_assert!(after - before <= passed + passed / 10 + 1);
                slew.aim(now, i64::from(target) * 1000);
                prop_assert_eq!(now + slew.offset(now), after, "it does not jump");
            }
        }
    }
}
