//! The newest frames of a room, without a hole.

use std::collections::VecDeque;
use std::sync::Arc;

use synctv_commands::{Burst, Frame, Frames};
use synctv_domain::Seq;

/// Always a contiguous run that ends at `head`, or nothing.
pub(crate) struct Ring {
    epoch: Arc<str>,
    frames: VecDeque<Arc<Frame>>,
    /// What was last handed out: most readers are at the same place.
    burst: Option<Arc<Burst>>,
    head: Seq,
    /// What is kept; a reader further behind reads the log.
    kept: Limit,
    /// Of all frames.
    bytes: usize,
}

/// So many frames, and bytes of JSON. One frame is always within it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    pub(crate) frames: usize,
    pub(crate) bytes: usize,
}

impl Limit {
    /// The first ones.
    pub(crate) fn take<'a>(self, frames: impl Iterator<Item = &'a Arc<Frame>>) -> Vec<Arc<Frame>> {
        let (mut taken, mut bytes) = (Vec::new(), 0);
        for frame in frames.take(self.frames.max(1)) {
            bytes += frame.json.len();
            if bytes > self.bytes && !taken.is_empty() {
                break;
            }
            taken.push(Arc::clone(frame));
        }
        taken
    }
}

/// What a reader finds.
pub(crate) enum Found {
    /// The next ones, at least one.
    Frames(Frames),
    /// Nothing is newer.
    AtHead,
    /// They are in the log; the ring begins with `first`.
    Behind {
        /// One beyond the head when the ring is empty.
        first: Seq,
    },
}

impl Ring {
    pub(crate) fn new(epoch: Arc<str>, kept: Limit) -> Self {
        Self { epoch, frames: VecDeque::new(), burst: None, head: Seq(0), kept, bytes: 0 }
    }

    pub(crate) fn head(&self) -> Seq {
        self.head
    }

    /// A frame that is known already is dropped; one beyond a hole leaves what came before it to the log.
    pub(crate) fn push(&mut self, frame: Arc<Frame>) {
        if frame.seq <= self.head {
            return;
        }
        if frame.seq != self.head.next() {
            self.forget();
        }
        self.head = frame.seq;
        self.bytes += frame.json.len();
        self.frames.push_back(frame);
        while self.frames.len() > 1 && (self.frames.len() > self.kept.frames || self.bytes > self.kept.bytes) {
            self.bytes -= self.frames.pop_front().map_or(0, |oldest| oldest.json.len());
        }
    }

    /// Puts frames of the log in front, if they reach up to what is there and there is room.
    pub(crate) fn fill(&mut self, older: &[Arc<Frame>]) {
        let first = self.first();
        if older.last().is_none_or(|last| last.seq.next() < first) {
            return;
        }
        for frame in older.iter().rev().filter(|frame| frame.seq < first) {
            self.bytes += frame.json.len();
            if self.frames.len() == self.kept.frames || self.bytes > self.kept.bytes {
                self.bytes -= frame.json.len();
                return;
            }
            self.frames.push_front(Arc::clone(frame));
        }
    }

    /// Leaves everything to the log.
    pub(crate) fn forget(&mut self) {
        self.frames.clear();
        self.bytes = 0;
        self.burst = None;
    }

    /// The log is known to stand at `head`.
    pub(crate) fn advance(&mut self, head: Seq) {
        if head > self.head {
            self.forget();
            self.head = head;
        }
    }

    pub(crate) fn from(&mut self, next: Seq, limit: Limit) -> Found {
        if next > self.head {
            return Found::AtHead;
        }
        if let Some(burst) = &self.burst
            && let Some(frames) = Frames::from(burst, next)
            && (frames.last() == self.head || burst.first() == next || frames.count() > limit.frames / 2)
        {
            return Found::Frames(frames);
        }
        let first = self.first();
        let Ok(skipped) = usize::try_from(next.0 - first.0) else { return Found::Behind { first } };
        let frames = limit.take(self.frames.iter().skip(skipped));
        let burst = Arc::new(Burst::new(Arc::clone(&self.epoch), frames));
        let found = Frames::from(&burst, next).expect("it begins there");
        self.burst = Some(burst);
        Found::Frames(found)
    }

    fn first(&self) -> Seq {
        self.frames.front().map_or(self.head.next(), |frame| frame.seq)
    }
}

#[cfg(test)]
mod tests {
    use synctv_commands::Barrier;

    use super::*;

    fn limit(frames: usize) -> Limit {
        Limit { frames, bytes: 1_000_000 }
    }

    fn frame(seq: i64) -> Arc<Frame> {
        Arc::new(Frame { seq: Seq(seq), barrier: Barrier::None, json: String::new() })
    }

    fn seqs(ring: &mut Ring, next: i64) -> Option<Vec<i64>> {
        match ring.from(Seq(next), limit(1000)) {
            Found::Frames(frames) => Some(frames.iter().map(|frame| frame.seq.0).collect()),
            Found::AtHead => Some(Vec::new()),
            Found::Behind { .. } => None,
        }
    }

    #[test]
    fn duplicates_are_dropped_and_order_is_kept() {
        let mut ring = Ring::new("e".into(), limit(9));
        for seq in [1, 2, 2, 1, 3] {
            ring.push(frame(seq));
        }
        assert_eq!(seqs(&mut ring, 1), Some(vec![1, 2, 3]));
        assert_eq!(seqs(&mut ring, 3), Some(vec![3]));
        assert_eq!(seqs(&mut ring, 4), Some(vec![]));
    }

    #[test]
    fn what_lies_before_a_hole_is_left_to_the_log() {
        let mut ring = Ring::new("e".into(), limit(9));
        ring.push(frame(1));
        ring.push(frame(5));
        assert_eq!(seqs(&mut ring, 2), None);
        assert_eq!(seqs(&mut ring, 5), Some(vec![5]));
        ring.advance(Seq(9));
        assert_eq!(seqs(&mut ring, 5), None);
        assert_eq!(seqs(&mut ring, 10), Some(vec![]));
    }

    #[test]
    fn the_oldest_frames_leave_a_full_ring() {
        let mut ring = Ring::new("e".into(), limit(256));
        for seq in 1..=300 {
            ring.push(frame(seq));
        }
        assert_eq!(seqs(&mut ring, 44), None);
        assert_eq!(seqs(&mut ring, 45).map(|seqs| seqs.len()), Some(256));
    }

    #[test]
    fn what_was_read_from_the_log_is_put_in_front_as_far_as_it_fits_and_fits_on() {
        let page = |seqs: std::ops::RangeInclusive<i64>| seqs.map(frame).collect::<Vec<_>>();
        let mut ring = Ring::new("e".into(), limit(4));
        ring.advance(Seq(9));
        ring.fill(&page(1..=8));
        assert_eq!(seqs(&mut ring, 9), None, "a page that ends too early leaves a hole");
        ring.push(frame(10));
        ring.fill(&page(1..=11));
        assert_eq!(seqs(&mut ring, 7), Some(vec![7, 8, 9, 10]));
        assert_eq!(seqs(&mut ring, 6), None);
    }

    #[test]
    fn large_frames_leave_earlier_and_are_handed_out_in_small_bursts() {
        let large = |seq| Arc::new(Frame { seq: Seq(seq), barrier: Barrier::None, json: "x".repeat(100) });
        let mut ring = Ring::new("e".into(), Limit { frames: 9, bytes: 450 });
        (1..=9).for_each(|seq| ring.push(large(seq)));
        assert_eq!((seqs(&mut ring, 5), seqs(&mut ring, 6)), (None, Some(vec![6, 7, 8, 9])));
        ring.fill(&(1..=5).map(large).collect::<Vec<_>>());
        assert_eq!(seqs(&mut ring, 5), None, "there is no room for more");
        for (bytes, count) in [(1, 1), (100, 1), (250, 2)] {
            ring.burst = None;
            let Found::Frames(frames) = ring.from(Seq(6), Limit { frames: 9, bytes }) else { panic!("they are there") };
            assert_eq!(frames.count(), count, "{bytes}");
        }
    }
}
