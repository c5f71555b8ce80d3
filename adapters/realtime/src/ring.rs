//! The newest frames of a room, without a hole.

use std::collections::VecDeque;
use std::sync::Arc;

use synctv_commands::Frame;
use synctv_domain::Seq;

/// Frames kept; a reader further behind reads the log.
const KEPT: usize = 256;

/// Always a contiguous run that ends at `head`, or nothing.
#[derive(Default)]
pub(crate) struct Ring {
    frames: VecDeque<Arc<Frame>>,
    head: Seq,
}

/// What a reader finds.
pub(crate) enum Found {
    /// The next ones, at least one.
    Frames(Vec<Arc<Frame>>),
    /// Nothing is newer.
    AtHead,
    /// They are in the log.
    Behind,
}

impl Ring {
    pub(crate) fn head(&self) -> Seq {
        self.head
    }

    /// A frame that is known already is dropped; one beyond a hole leaves what came before it to the log.
    pub(crate) fn push(&mut self, frame: Arc<Frame>) {
        if frame.seq <= self.head {
            return;
        }
        if frame.seq != self.head.next() {
            self.frames.clear();
        }
        self.head = frame.seq;
        self.frames.push_back(frame);
        if self.frames.len() > KEPT {
            self.frames.pop_front();
        }
    }

    /// Leaves everything to the log.
    pub(crate) fn forget(&mut self) {
        self.frames.clear();
    }

    /// The log is known to stand at `head`.
    pub(crate) fn advance(&mut self, head: Seq) {
        if head > self.head {
            self.frames.clear();
            self.head = head;
        }
    }

    pub(crate) fn from(&self, next: Seq, limit: usize) -> Found {
        if next > self.head {
            return Found::AtHead;
        }
        let skipped = self.frames.front().and_then(|first| usize::try_from(next.0 - first.seq.0).ok());
        match skipped {
            Some(skipped) => Found::Frames(self.frames.iter().skip(skipped).take(limit).cloned().collect()),
            None => Found::Behind,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(seq: i64) -> Arc<Frame> {
        Arc::new(Frame { seq: Seq(seq), sse: bytes::Bytes::new(), excludes: None })
    }

    fn seqs(ring: &Ring, next: i64) -> Option<Vec<i64>> {
        match ring.from(Seq(next), 1000) {
            Found::Frames(frames) => Some(frames.iter().map(|frame| frame.seq.0).collect()),
            Found::AtHead => Some(Vec::new()),
            Found::Behind => None,
        }
    }

    #[test]
    fn duplicates_are_dropped_and_order_is_kept() {
        let mut ring = Ring::default();
        for seq in [1, 2, 2, 1, 3] {
            ring.push(frame(seq));
        }
        assert_eq!(seqs(&ring, 1), Some(vec![1, 2, 3]));
        assert_eq!(seqs(&ring, 3), Some(vec![3]));
        assert_eq!(seqs(&ring, 4), Some(vec![]));
    }

    #[test]
    fn what_lies_before_a_hole_is_left_to_the_log() {
        let mut ring = Ring::default();
        ring.push(frame(1));
        ring.push(frame(5));
        assert_eq!(seqs(&ring, 2), None);
        assert_eq!(seqs(&ring, 5), Some(vec![5]));
        ring.advance(Seq(9));
        assert_eq!(seqs(&ring, 5), None);
        assert_eq!(seqs(&ring, 10), Some(vec![]));
    }

    #[test]
    fn the_oldest_frames_leave_a_full_ring() {
        let mut ring = Ring::default();
        for seq in 1..=300 {
            ring.push(frame(seq));
        }
        assert_eq!(seqs(&ring, 44), None);
        assert_eq!(seqs(&ring, 45).map(|seqs| seqs.len()), Some(KEPT));
    }
}
