//! The last batches of a stream.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Batch;

/// How much is kept, in all and before the last place to join at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Bytes in all.
    pub bytes: usize,
    /// Frames in all.
    pub frames: usize,
    /// From the first to the last, ms.
    pub span_ms: i64,
    /// Before the last place to join at, for those who are late, ms.
    pub late_ms: i64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { bytes: 32 << 20, frames: 2500, span_ms: 12_000, late_ms: 2000 }
    }
}

/// Batches by number; the oldest ones go.
#[derive(Debug)]
pub(super) struct Ring {
    bounds: Bounds,
    batches: VecDeque<Arc<Batch>>,
    /// The number of the first.
    first: u64,
    /// The number of the last that one can begin with.
    joins: Option<u64>,
    bytes: usize,
    frames: usize,
}

impl Ring {
    pub(super) fn new(bounds: Bounds) -> Self {
        Self { bounds, batches: VecDeque::new(), first: 0, joins: None, bytes: 0, frames: 0 }
    }

    /// The number that the next one will have.
    pub(super) fn next(&self) -> u64 {
        self.first + self.batches.len() as u64
    }

    pub(super) fn get(&self, number: u64) -> Option<&Arc<Batch>> {
        self.batches.get(usize::try_from(number.checked_sub(self.first)?).ok()?)
    }

    /// Where one can begin.
    pub(super) fn joins(&self) -> Option<u64> {
        self.joins
    }

    /// The first place that is kept where one can begin.
    pub(super) fn earliest(&self) -> Option<u64> {
        let behind = self.batches.iter().position(|batch| batch.joins)?;
        Some(self.first + behind as u64)
    }

    /// How much of the stream came since a batch, ms.
    pub(super) fn since(&self, batch: &Batch) -> i64 {
        self.batches.back().map_or(0, |last| last.time - batch.time)
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn push(&mut self, batch: Batch) {
        if batch.joins {
            self.joins = Some(self.next());
        }
        self.bytes += batch.bytes.len();
        self.frames += batch.frames;
        self.batches.push_back(Arc::new(batch));
        while self.has_too_much() {
            let Some(gone) = self.batches.pop_front() else { return };
            self.bytes -= gone.bytes.len();
            self.frames -= gone.frames;
            self.first += 1;
        }
        // Who begins waits for the next place.
        self.joins = self.joins.filter(|joins| *joins >= self.first);
    }

    fn has_too_much(&self) -> bool {
        let (Some(first), Some(last)) = (self.batches.front(), self.batches.back()) else { return false };
        let span = last.time - first.time;
        let spare = self.joins.is_some_and(|joins| joins > self.first) && span > self.bounds.late_ms;
        let most = &self.bounds;
        self.batches.len() > 1 && (spare || self.bytes > most.bytes || self.frames > most.frames || span > most.span_ms)
    }
}
