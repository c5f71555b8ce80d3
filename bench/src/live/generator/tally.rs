//! What viewers saw.

use std::cell::RefCell;
use std::time::{Duration, Instant};

use crate::live::orders::Seen;

/// Width of a step, µs, and how many there are: beyond five seconds all is the same.
const STEP: u64 = 100;
const STEPS: usize = 50_000;
/// What viewers notice.
const GAP: Duration = Duration::from_millis(500);

/// Of a group of viewers since the last look.
pub struct Tally {
    bytes: u64,
    pictures: u64,
    delays: Vec<u32>,
    longest_gap: Duration,
    gaps: u64,
    closed: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self { bytes: 0, pictures: 0, delays: vec![0; STEPS], longest_gap: Duration::ZERO, gaps: 0, closed: 0 }
    }
}

impl Tally {
    pub fn received(&mut self, bytes: usize) {
        self.bytes += bytes as u64;
    }

    /// That long after it was sent, if that is known, and after the viewer's last one.
    pub fn picture(&mut self, delay_us: Option<u64>, since_last: Option<Duration>) {
        self.pictures += 1;
        if let Some(delay) = delay_us {
            let step = usize::try_from(delay / STEP).unwrap_or(STEPS).min(STEPS - 1);
            self.delays[step] += 1;
        }
        if let Some(gap) = since_last {
            self.longest_gap = self.longest_gap.max(gap);
            self.gaps += u64::from(gap > GAP);
        }
    }

    pub fn close(&mut self) {
        self.closed += 1;
    }

    /// So many of a hundred were not later, ms.
    fn delay(&self, percent: u64) -> f64 {
        let all: u64 = self.delays.iter().map(|count| u64::from(*count)).sum();
        let mut before = 0;
        let step = self.delays.iter().position(|count| {
            before += u64::from(*count);
            before * 100 > all * percent
        });
        #[expect(clippy::cast_precision_loss, reason = "of five seconds")]
        step.map_or(f64::NAN, |step| (step as u64 * STEP) as f64 / 1000.0)
    }

    /// And begins anew.
    pub fn take(all: &RefCell<Self>) -> Seen {
        let tally = all.take();
        Seen {
            bytes: tally.bytes,
            pictures: tally.pictures,
            delay_p50: tally.delay(50),
            delay_p99: tally.delay(99),
            longest_gap: tally.longest_gap.as_secs_f64() * 1000.0,
            gaps: tally.gaps,
            closed: tally.closed,
        }
    }
}

/// What one viewer remembers.
pub struct Eyes {
    pub joined: Instant,
    /// From joining to the first picture.
    pub first: Option<Duration>,
    last: Option<Instant>,
}

impl Eyes {
    pub fn open() -> Self {
        Self { joined: Instant::now(), first: None, last: None }
    }

    pub fn picture(&mut self, sent_us: Option<u64>, (now, now_us): (Instant, u64), tally: &mut Tally) {
        tally.picture(sent_us.map(|sent| now_us.saturating_sub(sent)), self.last.map(|last| now - last));
        self.first.get_or_insert(now - self.joined);
        self.last = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_are_told_by_their_share_of_the_viewers_and_a_look_begins_anew() {
        let tally = RefCell::<Tally>::default();
        for number in 0..100 {
            tally.borrow_mut().picture(Some(number * 1000), Some(Duration::from_millis(number * 6)));
        }
        let seen = Tally::take(&tally);
        assert!((seen.delay_p50 - 50.0).abs() < 0.2 && (seen.delay_p99 - 99.0).abs() < 0.2, "{seen:?}");
        assert_eq!((seen.pictures, seen.gaps), (100, 16));
        assert_eq!(Tally::take(&tally).pictures, 0);
    }
}
