//! A publication of this node.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use synctv_commands::{LIVE_TERM, LiveClaim, LiveReport};
use synctv_domain::{ActorId, LiveEnd, Room};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::hls::Playlist;
use crate::hub::{Stats, Stream};

/// A node ends its publications so long before their term, so that no two of them ever write.
const MARGIN: Duration = Duration::from_secs(2);
/// For the last segment of a publication whose place another one takes, before that has one of its own.
const LAST: Duration = Duration::from_secs(1);

/// What was told last of how it is.
#[derive(Debug)]
struct Told {
    at: Instant,
    stats: Stats,
    report: LiveReport,
}

/// A publication, from its claim until nothing of it is served any more.
#[derive(Debug)]
pub struct OnAir {
    /// Which.
    pub claim: LiveClaim,
    /// What it sends.
    pub stream: Arc<Stream>,
    /// The room as it was when its members changed last.
    pub(super) room: watch::Sender<Arc<Room>>,
    /// Its segments, once there are any.
    pub(super) playlist: watch::Sender<Arc<Playlist>>,
    /// Its last segment is kept, or never will be.
    pub(super) is_recorded: watch::Sender<bool>,
    /// Why its publisher has to go.
    pub(super) recall: watch::Sender<Option<String>>,
    /// What is told as the reason of its end, if it does not end by itself.
    ending: OnceLock<LiveEnd>,
    /// Until when the row is surely this node's.
    held_until: Mutex<Instant>,
    /// When its publisher was gone.
    over: OnceLock<Instant>,
    told: Mutex<Told>,
}

impl OnAir {
    /// Claimed at `asked`, when the claim was sent off.
    pub(super) fn new(claim: LiveClaim, stream: Arc<Stream>, room: Arc<Room>, segments: usize, asked: Instant) -> Self {
        let stats = stream.stats();
        Self {
            claim,
            stream,
            room: watch::Sender::new(room),
            playlist: watch::Sender::new(Arc::new(Playlist::new(segments))),
            is_recorded: watch::Sender::new(segments == 0),
            recall: watch::Sender::new(None),
            ending: OnceLock::new(),
            held_until: Mutex::new(asked + LIVE_TERM - MARGIN),
            over: OnceLock::new(),
            told: Mutex::new(Told { at: asked, stats, report: LiveReport::default() }),
        }
    }

    /// Whether this node surely still has it, so that it may write what others read.
    #[must_use]
    pub fn is_held(&self) -> bool {
        Instant::now() < *lock(&self.held_until)
    }

    /// Whether segments of it may be kept: nobody else keeps any for the room.
    pub(super) fn may_keep(&self) -> bool {
        let gave_way = self.ending() == Some(LiveEnd::Replaced);
        self.is_held() && !(gave_way && self.over_since().is_some_and(|over| over.elapsed() > LAST))
    }

    /// Waits until nothing of it is being kept any more.
    pub(super) async fn recorded(&self) {
        // The sender lives as long as this.
        let _ = self.is_recorded.subscribe().wait_for(|recorded| *recorded).await;
    }

    /// It was renewed by what was sent off at `asked`.
    pub(super) fn renewed(&self, asked: Instant) {
        *lock(&self.held_until) = asked + LIVE_TERM - MARGIN;
    }

    /// Its publisher has to go; the first reason counts.
    pub(super) fn recall(&self, ending: LiveEnd, why: &str) {
        self.ending.get_or_init(|| ending);
        self.recall.send_if_modified(|recall| {
            let first = recall.is_none();
            recall.get_or_insert_with(|| why.to_owned());
            first
        });
    }

    /// Another publication takes its place.
    pub(super) fn gives_way(&self) {
        self.recall(LiveEnd::Replaced, "the key is used by another connection");
        self.ends();
    }

    /// Why it was recalled.
    pub(super) fn ending(&self) -> Option<LiveEnd> {
        self.ending.get().copied()
    }

    /// Its publisher is gone.
    pub(super) fn ends(&self) {
        self.stream.end();
        self.over.get_or_init(Instant::now);
    }

    /// When its publisher was gone; None: it is there.
    #[must_use]
    pub fn over_since(&self) -> Option<Instant> {
        self.over.get().copied()
    }

    /// The room is known to be so; whether that is news. Of two looks at it the later one counts.
    pub(super) fn learn(&self, room: &Arc<Room>) {
        self.room.send_if_modified(|known| {
            let news = known.versions().members != room.versions().members || known.is_closed() != room.is_closed();
            let learnt = news && known.seq() < room.seq();
            if learnt {
                *known = Arc::clone(room);
            }
            learnt
        });
    }

    /// Whether somebody is a member of the room, as far as is known; nothing is, once it is over.
    #[must_use]
    pub fn has(&self, actor: ActorId) -> bool {
        self.over_since().is_none() && self.room.borrow().is_member(actor)
    }

    /// Its publisher does not listen any more, without having said goodbye.
    pub(super) fn is_deserted(&self) -> bool {
        self.over_since().is_none() && self.recall.receiver_count() == 0
    }

    /// What became of it since the last time that this was asked.
    pub(super) fn report(&self) -> LiveReport {
        let (now, stats) = (Instant::now(), self.stream.stats());
        let mut told = lock(&self.told);
        let (before, old) = (told.at, told.stats);
        let millis = u64::try_from((now - before).as_millis()).unwrap_or(u64::MAX).max(1);
        let report = LiveReport {
            viewers: stats.viewers as u64,
            bits_per_second: (stats.bytes - old.bytes).saturating_mul(8000) / millis,
            frames_per_kilosecond: (stats.video_frames - old.video_frames).saturating_mul(1_000_000) / millis,
            gop_ms: u64::try_from(stats.gop_ms).unwrap_or(0),
            skips: stats.skips,
        };
        *told = Told { at: now, stats, report };
        self.stream.forget_delay();
        report
    }

    /// How far the viewer who was furthest behind was behind of late, ms.
    pub(super) fn delay_ms(&self) -> i64 {
        self.stream.stats().delay_ms.max(lock(&self.told).stats.delay_ms)
    }

    /// What was told last, with who watches now.
    pub(super) fn reported(&self) -> LiveReport {
        LiveReport { viewers: self.stream.stats().viewers as u64, ..lock(&self.told).report }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
