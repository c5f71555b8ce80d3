//! One timeline of a stream, whatever its publishers count.

/// A jump of more than this begins anew, ms.
const JUMP: i64 = 10_000;
/// Between what was before a new beginning and what follows, ms.
const GAP: i64 = 40;

/// Turns what a publisher counts, which wraps at 32 bits, into ms since the stream began, which never fall back by much. Sound and
/// pictures share it, so that they stay together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    /// What the publisher said last, and what became of it.
    last: Option<(u32, i64)>,
    /// The greatest time so far.
    highest: i64,
}

impl Clock {
    /// One that goes on where another one is.
    #[must_use]
    pub fn after(self) -> Self {
        let mut next = self;
        next.begin_anew();
        next
    }

    /// The time of the stream for a time of the publisher, and whether the timeline began anew.
    pub fn at(&mut self, timestamp: u32) -> (i64, bool) {
        let (time, anew) = match self.last {
            None => (self.highest, false),
            Some((before, time)) => {
                let ahead = i64::from(timestamp.wrapping_sub(before).cast_signed());
                if ahead.abs() > JUMP { (self.highest + GAP, true) } else { ((time + ahead).max(0), false) }
            }
        };
        self.last = Some((timestamp, time));
        self.highest = self.highest.max(time);
        (time, anew)
    }

    /// Another publisher goes on.
    pub fn begin_anew(&mut self) {
        if self.last.take().is_some() {
            self.highest += GAP;
        }
    }
}
