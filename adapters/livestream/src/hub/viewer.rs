//! Somebody who watches a stream.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bytes::Bytes;
use tokio::sync::watch;

use super::stream::Look;
use super::{Batch, Headers, Stream};

/// Reads a stream from its last place to join at, batch by batch.
#[derive(Debug)]
pub struct Viewer {
    stream: Arc<Stream>,
    news: watch::Receiver<u64>,
    /// The next batch; None: wherever one can begin.
    at: Option<u64>,
    /// What the stream was described by when this viewer began or went on.
    headers: Option<Arc<Headers>>,
    /// It missed something.
    late: bool,
    counted: bool,
    /// Batches before this one were there when it began, or went on: it is not late with them.
    present: u64,
}

/// What a viewer is sent next.
#[derive(Clone, Debug)]
pub struct Watched {
    /// What has to come first: the beginning of the file, or what describes the stream anew.
    pub headers: Option<Bytes>,
    /// Tags.
    pub tags: Bytes,
    /// When the first of them is decoded, ms since the stream began.
    pub time: i64,
    /// Something before them was missed.
    pub late: bool,
}

impl Viewer {
    pub(super) fn new(stream: Arc<Stream>, news: watch::Receiver<u64>, counted: bool) -> Self {
        stream.viewers.fetch_add(usize::from(counted), Ordering::Relaxed);
        Self { stream, news, at: None, headers: None, late: false, counted, present: 0 }
    }

    /// Waits for what comes next. None: the stream has ended.
    pub async fn next(&mut self) -> Option<Watched> {
        loop {
            match self.stream.look(self.at, !self.counted && !self.late) {
                Look::Found { batch, behind_ms } => {
                    if self.counted && self.at >= Some(self.present) {
                        self.stream.delayed(behind_ms);
                    }
                    self.at = self.at.map(|at| at + 1);
                    let headers = self.described(&batch);
                    let late = std::mem::take(&mut self.late);
                    return Some(Watched { headers, tags: batch.bytes.clone(), time: batch.time, late });
                }
                Look::At { joins, next } => (self.at, self.present) = (Some(joins), next),
                Look::Late => {
                    self.stream.skips.fetch_add(u64::from(self.counted), Ordering::Relaxed);
                    (self.at, self.late) = (None, true);
                }
                // The sender lives as long as the stream.
                Look::Wait(known) => drop(self.news.wait_for(|next| *next > known).await),
                Look::Ended => return None,
            }
        }
    }

    /// What this viewer has to know before a batch that it begins with. Who reads on has it from the batches themselves.
    fn described(&mut self, batch: &Batch) -> Option<Bytes> {
        let before = self.headers.replace(Arc::clone(&batch.headers));
        match before {
            None => Some(batch.beginning()),
            Some(before) if self.late && *before != *batch.headers => Some(batch.tags()),
            Some(_) => None,
        }
    }
}

impl Drop for Viewer {
    fn drop(&mut self) {
        self.stream.viewers.fetch_sub(usize::from(self.counted), Ordering::Relaxed);
    }
}
