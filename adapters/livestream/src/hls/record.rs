//! Cuts a stream into segments as long as it is live.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use synctv_domain::Timestamp;
use tokio::sync::{mpsc, watch};

use super::playlist::Playlist;
use super::segment::{Segment, Segmenter};
use super::shelf::Shelf;
use crate::hub::{BEGINNING, Stream, Viewer};
use crate::media::{Frame, TagKind, tags};

/// Segments that wait to be kept; what does not fit is lost.
const WAITING: usize = 2;
/// What is not needed any more is removed when no segment waits, and at the latest after so many.
const SELDOM: u32 = 4;

/// Cuts a stream into segments and keeps them, until it ends; the shelf, on which its list has ended. `clock` tells the time, `told`
/// gets the list whenever it changes.
pub async fn record(
    stream: &Arc<Stream>,
    shelf: Shelf,
    clock: impl Fn() -> Timestamp + Send + Sync,
    told: watch::Sender<Arc<Playlist>>,
) -> Shelf {
    let (cut, waiting) = mpsc::channel(WAITING);
    let segmenter = Segmenter::new(shelf.playlist().target());
    let target = AtomicI64::new(0);
    let cutter = Cutter { segmenter, cut, lost: false, target: &target };
    // One does not wait for the other: a store that is slow loses segments, and holds nothing up.
    let ((), shelf) = tokio::join!(cutter.run(stream.tap()), keep(shelf, waiting, clock, (told, &target)));
    shelf
}

struct Cutter<'a> {
    segmenter: Segmenter,
    cut: mpsc::Sender<Segment>,
    /// What was cut last did not fit into the queue.
    lost: bool,
    /// What the length of segments rounds to at most, s, if the list says so.
    target: &'a AtomicI64,
}

impl Cutter<'_> {
    async fn run(mut self, mut viewer: Viewer) {
        while let Some(watched) = viewer.next().await {
            let time = watched.time;
            if watched.late {
                let ended = self.segmenter.interrupt(time);
                self.send(ended);
            }
            let begin = watched.headers.map(|headers| headers.slice_ref(after_beginning(&headers)));
            for tag in begin.into_iter().chain([watched.tags]).flat_map(tags) {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "32 bits of it are in the tag"
                )]
                let later = tag.time.wrapping_sub(time as u32).cast_signed();
                let frame = match tag.kind {
                    Some(TagKind::Audio) => Frame::audio(tag.time, tag.body),
                    Some(TagKind::Video) => Frame::video(tag.time, tag.body),
                    _ => None,
                };
                if let Some(frame) = frame {
                    match self.target.load(Ordering::Relaxed) {
                        0 => {}
                        target => self.segmenter.limit(target),
                    }
                    let ended = self.segmenter.push(&frame, time + i64::from(later));
                    self.send(ended);
                }
            }
        }
        let ended = self.segmenter.finish();
        self.send(ended);
    }

    fn send(&mut self, segment: Option<Segment>) {
        let Some(mut segment) = segment else { return };
        segment.discontinuous |= self.lost;
        self.lost = self.cut.try_send(segment).is_err();
    }
}

/// The tags behind the beginning of a file, if it is one.
fn after_beginning(bytes: &[u8]) -> &[u8] {
    if bytes.starts_with(b"FLV") { bytes.get(BEGINNING..).unwrap_or_default() } else { bytes }
}

async fn keep(
    mut shelf: Shelf,
    mut waiting: mpsc::Receiver<Segment>,
    clock: impl Fn() -> Timestamp,
    (told, target): (watch::Sender<Arc<Playlist>>, &AtomicI64),
) -> Shelf {
    let (mut lost, mut uncleared) = (false, 0);
    while let Some(mut segment) = waiting.recv().await {
        segment.discontinuous |= lost;
        let kept = shelf.put(&segment, clock()).await;
        lost = kept.is_err();
        target.store(shelf.playlist().target().unwrap_or(0), Ordering::Relaxed);
        match kept {
            Ok(()) => drop(told.send_replace(Arc::new(shelf.playlist().clone()))),
            Err(error) => tracing::warn!(%error, "live.segment_lost"),
        }
        uncleared += 1;
        if !waiting.is_closed() && (waiting.is_empty() || uncleared >= SELDOM) {
            shelf.clear(clock()).await;
            uncleared = 0;
        }
    }
    match shelf.end().await {
        Ok(()) => drop(told.send_replace(Arc::new(shelf.playlist().clone()))),
        Err(error) => tracing::warn!(%error, "live.end_untold"),
    }
    shelf
}
