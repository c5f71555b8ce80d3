//! A stream that is live: one publisher, any number of viewers.

use std::sync::atomic::{AtomicI64, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::BytesMut;
use rml_amf0::Amf0Value;
use tokio::sync::watch;

use super::headers::UNTIMED;
use super::ring::Ring;
use super::{Batch, Bounds, Headers, Viewer};
use crate::media::{Clock, Frame, Role, TagKind, Track, put};

/// Without pictures one can begin so often, ms.
const WITHOUT_PICTURES: i64 = 1000;
/// Pictures that were promised are waited for so long, ms.
const PROMISED: i64 = 3000;
/// A batch is sent before it is longer than this.
const LONGEST: usize = 256 << 10;

/// How streams are passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Sound waits for the pictures that it is sent with, at most so much of the stream, ms.
    pub hold_ms: i64,
    /// How much is kept.
    pub bounds: Bounds,
}

impl Default for Settings {
    fn default() -> Self {
        Self { hold_ms: 40, bounds: Bounds::default() }
    }
}

/// What became of a stream so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Frames of sound.
    pub audio_frames: u64,
    /// Frames of pictures.
    pub video_frames: u64,
    /// Bytes of both.
    pub bytes: u64,
    /// From the last frame that needs no other to the one before, ms.
    pub gop_ms: i64,
    /// Who watches now.
    pub viewers: usize,
    /// How often a viewer was so late that it went on elsewhere.
    pub skips: u64,
    /// Bytes that are kept.
    pub kept: usize,
    /// How far the viewer who was furthest behind was behind, since [`Stream::forget_delay`], ms.
    pub delay_ms: i64,
}

/// A stream. It ends with [`Stream::end`].
#[derive(Debug)]
pub struct Stream {
    settings: Settings,
    state: Mutex<State>,
    /// The number of the next batch; closed with the stream.
    news: watch::Sender<u64>,
    pub(super) viewers: AtomicUsize,
    pub(super) skips: AtomicU64,
    delay_ms: AtomicI64,
}

#[derive(Debug)]
struct State {
    ring: Ring,
    clock: Clock,
    headers: Arc<Headers>,
    building: Option<Building>,
    joined_at: Option<i64>,
    /// When there was a picture last; before the first, since when it is waited for.
    picture_at: Option<i64>,
    pictures: bool,
    ended: bool,
    stats: Stats,
}

/// A batch that is not complete.
#[derive(Debug)]
struct Building {
    bytes: BytesMut,
    joins: bool,
    headers: Arc<Headers>,
    time: i64,
    frames: usize,
    /// When its last frame is decoded.
    until: i64,
    pictures: bool,
}

impl Stream {
    /// One that just began.
    #[must_use]
    pub fn new(settings: Settings) -> Arc<Self> {
        Self::from(settings, Clock::default())
    }

    /// One whose time goes on where that of another one is: who watched that can go on with this.
    #[must_use]
    pub fn after(settings: Settings, before: &Self) -> Arc<Self> {
        let clock = before.state().clock.after();
        Self::from(settings, clock)
    }

    fn from(settings: Settings, clock: Clock) -> Arc<Self> {
        let state = State {
            ring: Ring::new(settings.bounds),
            clock,
            headers: Arc::default(),
            building: None,
            joined_at: None,
            picture_at: None,
            pictures: false,
            ended: false,
            stats: Stats::default(),
        };
        Arc::new(Self {
            settings,
            state: Mutex::new(state),
            news: watch::Sender::new(0),
            viewers: AtomicUsize::new(0),
            skips: AtomicU64::new(0),
            delay_ms: AtomicI64::new(0),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the publisher says about the stream.
    pub fn describe(&self, values: Vec<Amf0Value>) {
        let mut state = self.state();
        let Some(headers) = state.headers.described(values).filter(|headers| *headers != *state.headers) else {
            return;
        };
        // Who begins with the batch gets what holds for all of it.
        self.close(&mut state);
        state.headers = Arc::new(headers);
        if state.ring.next() > 0 && !state.ended {
            let (time, script) = (state.clock.now(), state.headers.script());
            let building = state.building(time);
            put(&mut building.bytes, TagKind::Script, UNTIMED, &script);
            // They are as many as frames may be.
            building.frames += 1;
        }
    }

    /// Takes a frame in. It is sent with those before it by [`Stream::flush`].
    pub fn push(&self, frame: &Frame) {
        let mut state = self.state();
        if state.ended {
            return;
        }
        // A header is of no time: some are sent at zero whenever they are.
        let time = match frame.role {
            Role::Header => state.clock.now(),
            _ => state.clock.at(frame.track, frame.timestamp),
        };
        let news = state.headers.with(frame);
        // Said again and again by some, or no header at all.
        if news.is_none() && frame.role == Role::Header {
            return;
        }
        state.look_for_pictures(frame, time);
        let joins = state.joins(frame, time, self.settings.bounds.span_ms);
        if joins || state.building.as_ref().is_some_and(|building| building.bytes.len() + frame.body.len() > LONGEST) {
            self.close(&mut state);
        }
        if let Some(headers) = news {
            state.headers = Arc::new(headers);
        }
        state.count(frame, joins.then_some(time));
        let building = state.building(time);
        building.joins |= joins;
        put(&mut building.bytes, frame.track.into(), time, &frame.body);
        building.frames += 1;
        building.pictures |= frame.track == Track::Video;
        building.until = time;
    }

    /// Sends what was pushed. Sound alone is kept back for a moment: pictures come soon, and each viewer costs as much again.
    pub fn flush(&self) {
        let mut state = self.state();
        let waits = state.building.as_ref().is_some_and(|building| {
            !building.pictures
                && state.headers.has(Track::Video)
                && building.until - building.time < self.settings.hold_ms
        });
        if !waits {
            self.close(&mut state);
        }
    }

    fn close(&self, state: &mut State) {
        let Some(Building { bytes, joins, headers, time, frames, .. }) = state.building.take() else { return };
        let beginning = OnceLock::new();
        state.ring.push(Batch { bytes: bytes.freeze(), joins, headers, beginning, time, frames });
        self.news.send_replace(state.ring.next());
    }

    /// Nothing comes any more. Viewers get the rest.
    pub fn end(&self) {
        let mut state = self.state();
        self.close(&mut state);
        state.ended = true;
        self.news.send_replace(u64::MAX);
    }

    /// Somebody begins to watch.
    #[must_use]
    pub fn watch(self: &Arc<Self>) -> Viewer {
        Viewer::new(Arc::clone(self), self.news.subscribe(), true)
    }

    /// As somebody who watches from the first place that is kept where one can begin, and is not counted among them.
    #[must_use]
    pub fn tap(self: &Arc<Self>) -> Viewer {
        Viewer::new(Arc::clone(self), self.news.subscribe(), false)
    }

    /// Whether somebody watches now.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.viewers.load(Ordering::Relaxed) > 0
    }

    /// What became of it so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let state = self.state();
        Stats {
            viewers: self.viewers.load(Ordering::Relaxed),
            skips: self.skips.load(Ordering::Relaxed),
            kept: state.ring.bytes(),
            delay_ms: self.delay_ms.load(Ordering::Relaxed),
            ..state.stats
        }
    }

    /// A viewer is so far behind. Few are further behind than all before: what all share is seldom written.
    pub(super) fn delayed(&self, ms: i64) {
        if ms > self.delay_ms.load(Ordering::Relaxed) {
            self.delay_ms.fetch_max(ms, Ordering::Relaxed);
        }
    }

    /// From now on the delay of viewers is looked for anew.
    pub fn forget_delay(&self) {
        self.delay_ms.store(0, Ordering::Relaxed);
    }

    /// What describes it now.
    #[must_use]
    pub fn headers(&self) -> Arc<Headers> {
        Arc::clone(&self.state().headers)
    }

    /// The batch with this number, and where one can begin: at the last place, or at the `earliest`.
    pub(super) fn look(&self, number: Option<u64>, earliest: bool) -> Look {
        let state = self.state();
        let next = state.ring.next();
        let Some(number) = number else {
            return match if earliest { state.ring.earliest() } else { state.ring.joins() } {
                Some(joins) => Look::At { joins, next },
                None if state.ended => Look::Ended,
                None => Look::Wait(next),
            };
        };
        match state.ring.get(number) {
            Some(batch) => Look::Found { batch: Arc::clone(batch), behind_ms: state.ring.since(batch) },
            None if number < next => Look::Late,
            None if state.ended => Look::Ended,
            None => Look::Wait(next),
        }
    }
}

/// What a viewer finds.
pub(super) enum Look {
    Found {
        batch: Arc<Batch>,
        behind_ms: i64,
    },
    /// One can begin there, before the batch that is `next`.
    At {
        joins: u64,
        next: u64,
    },
    /// It is gone.
    Late,
    /// It comes, after this one.
    Wait(u64),
    Ended,
}

impl State {
    /// The batch that frames are put into, which begins at `time` if there is none.
    fn building(&mut self, time: i64) -> &mut Building {
        let headers = &self.headers;
        self.building.get_or_insert_with(|| Building {
            bytes: BytesMut::new(),
            joins: false,
            headers: Arc::clone(headers),
            time,
            frames: 0,
            until: time,
            pictures: false,
        })
    }

    fn look_for_pictures(&mut self, frame: &Frame, time: i64) {
        let picture = frame.track == Track::Video && frame.role != Role::Header;
        if picture || self.picture_at.is_none() {
            self.picture_at = Some(time);
        }
        self.pictures |= picture;
    }

    /// Whether who begins can begin with this frame. With sound, if there are no pictures, or none any more that is kept.
    fn joins(&self, frame: &Frame, time: i64, span_ms: i64) -> bool {
        let kept = self.pictures && self.ring.joins().is_some();
        let patience = if kept { span_ms } else { PROMISED };
        let missed = || self.picture_at.is_some_and(|picture| time - picture > patience);
        match (frame.track, frame.role) {
            (Track::Video, Role::Key) => true,
            (Track::Audio, Role::Key) => {
                (!self.headers.has(Track::Video) || missed())
                    && self.joined_at.is_none_or(|before| time - before >= WITHOUT_PICTURES)
            }
            _ => false,
        }
    }

    fn count(&mut self, frame: &Frame, joins: Option<i64>) {
        match frame.track {
            Track::Audio => self.stats.audio_frames += 1,
            Track::Video => self.stats.video_frames += 1,
        }
        self.stats.bytes += frame.body.len() as u64;
        if let Some(time) = joins {
            self.stats.gop_ms = self.joined_at.map_or(0, |before| time - before);
            self.joined_at = Some(time);
        }
    }
}
