//! Segments: what begins with a picture that needs no other, and is about as long as the target.

use bytes::{Bytes, BytesMut};

use super::playlist::target;
use super::ts::{Muxer, Part, Program, Times};
use crate::media::{AacConfig, AvcConfig, Codec, Frame, Role, Track};

/// How long segments are, if the publisher lets them, ms, and how much shorter with pictures, whose times are rounded.
const WANTED: i64 = 2000;
const SHORT: i64 = 100;
/// The first one is never longer than this, ms.
const FIRST: i64 = 10_000;
/// Sound of this time is written together, ms.
const TOGETHER: i64 = 100;
/// A jump of the timeline that players have to be told of, ms.
const JUMP: i64 = 3000;
/// Before this nothing is decoded, so that no time is negative: 1/90,000 s.
const BEGIN: i64 = 90_000;
/// The time of the program is told at least so often, ms.
const CLOCK: i64 = 80;

/// A segment that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// MPEG-TS.
    pub content: Bytes,
    /// When its first frame is decoded, ms since the stream began.
    pub time: i64,
    /// From there to the first of the next one, ms.
    pub duration: i64,
    /// It does not go on where the one before ended.
    pub discontinuous: bool,
    /// One can begin with it.
    pub independent: bool,
}

/// What cannot be put into MPEG-TS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} cannot be put into MPEG-TS")]
pub struct Unfit(pub Codec);

/// Cuts a stream into segments.
#[derive(Debug)]
pub struct Segmenter {
    longest: i64,
    muxer: Muxer,
    video: Option<AvcConfig>,
    audio: Option<AacConfig>,
    open: Option<Open>,
    /// The next segment does not go on where the last one ended.
    discontinuous: bool,
    /// There was a segment since the last interruption.
    running: bool,
    /// When the last frame was decoded, of any track.
    seen: Option<i64>,
    /// … of the one that tells the time, and how long that was after the one before.
    last: Option<i64>,
    step: i64,
    scratch: BytesMut,
}

/// A segment that is being written.
#[derive(Debug)]
struct Open {
    content: BytesMut,
    time: i64,
    program: Program,
    discontinuous: bool,
    independent: bool,
    /// Sound that waits to be written, and since when.
    sound: BytesMut,
    sound_time: i64,
    /// When the time of the program was told.
    clock: Option<i64>,
}

impl Segmenter {
    /// Of segments whose length rounds to `target` s at most. None: the first one decides, by how often the publisher sends a
    /// picture that needs no other.
    #[must_use]
    pub fn new(target: Option<i64>) -> Self {
        Self {
            longest: target.map_or(FIRST, longest),
            muxer: Muxer::default(),
            video: None,
            audio: None,
            open: None,
            discontinuous: false,
            running: false,
            seen: None,
            last: None,
            step: 0,
            scratch: BytesMut::new(),
        }
    }

    /// Takes a frame in, which is decoded at `time`; the segment that ended before it, if one did.
    ///
    /// # Errors
    /// [`Unfit`], if the stream cannot be cut into such segments.
    pub fn push(&mut self, frame: &Frame, time: i64) -> Result<Option<Segment>, Unfit> {
        match frame.role {
            Role::Header => return self.configure(frame, time),
            // There is nothing to be shown.
            Role::Other => return Ok(None),
            Role::Key | Role::Delta => {}
        }
        let jumped = self.seen.is_some_and(|seen| (time - seen).abs() > JUMP);
        let mut ended = if jumped { self.interrupt(self.last.map_or(time, |last| last + self.step)) } else { None };
        self.seen = Some(time);
        if self.clocks(frame) {
            self.step = self.last.map_or(0, |last| (time - last).max(0));
            self.last = Some(time);
        }
        if self.cuts(frame, time) {
            ended = self.end(time).or(ended);
        }
        if self.open.is_none() && !self.begin(frame, time) {
            return Ok(ended);
        }
        match frame.track {
            Track::Video => self.picture(frame, time),
            Track::Audio => self.sound(frame, time),
        }
        Ok(ended)
    }

    /// What comes next does not go on where this ended; the segment that ended.
    pub fn interrupt(&mut self, time: i64) -> Option<Segment> {
        let ended = self.end(time);
        (self.discontinuous, self.running) = (true, false);
        (self.seen, self.last) = (None, None);
        ended
    }

    /// The last segment.
    pub fn finish(&mut self) -> Option<Segment> {
        let last = self.last?;
        // The last frame is shown as long as the one before.
        self.end(last + self.step.max(1))
    }

    /// How the frames of a track are decoded from here on.
    fn configure(&mut self, frame: &Frame, time: i64) -> Result<Option<Segment>, Unfit> {
        let unfit = Unfit(frame.codec);
        let changed = match (frame.track, frame.codec) {
            (Track::Video, Codec::H264) => {
                let config = AvcConfig::parse(&frame.body).ok_or(unfit)?;
                let before = self.video.replace(config);
                before.is_some() && before != self.video
            }
            (Track::Audio, Codec::Aac) => {
                let config = AacConfig::parse(&frame.body).ok_or(unfit)?;
                let before = self.audio.replace(config);
                before.is_some() && before != self.audio
            }
            _ => return Err(unfit),
        };
        // A track that comes late is one that the program does not have yet.
        let added = self.open.as_ref().is_some_and(|open| open.program != self.program());
        Ok(if changed || added { self.interrupt(time) } else { None })
    }

    fn program(&self) -> Program {
        Program { video: self.video.is_some(), audio: self.audio.is_some() }
    }

    /// Whether the track of this frame is the one that tells the time.
    fn clocks(&self, frame: &Frame) -> bool {
        frame.track == Track::Video || self.video.is_none()
    }

    /// Whether a segment ends before this frame.
    fn cuts(&self, frame: &Frame, time: i64) -> bool {
        let Some(open) = &self.open else { return false };
        let length = time - open.time;
        let wanted = if open.program.video { WANTED - SHORT } else { WANTED };
        // With the frame that would come after it.
        let soon = length + self.step;
        let joins = match frame.track {
            Track::Video => frame.role == Role::Key,
            Track::Audio => !open.program.video,
        };
        joins && length >= wanted || soon >= self.longest && (frame.track == Track::Video || !open.program.video)
    }

    /// Begins a segment, if one can begin with this frame.
    fn begin(&mut self, frame: &Frame, time: i64) -> bool {
        let program = self.program();
        let key = frame.role == Role::Key && (frame.track == Track::Video || !program.video);
        let goes_on = self.running && !self.discontinuous && frame.track == Track::Video;
        if !program.video && !program.audio || !key && !goes_on {
            return false;
        }
        let mut content = BytesMut::new();
        self.muxer.tables(&mut content, program);
        self.running = true;
        self.open = Some(Open {
            content,
            time,
            program,
            discontinuous: std::mem::take(&mut self.discontinuous),
            independent: key,
            sound: BytesMut::new(),
            sound_time: 0,
            clock: None,
        });
        true
    }

    fn picture(&mut self, frame: &Frame, time: i64) {
        let (Some(open), Some(config)) = (&mut self.open, &self.video) else { return };
        self.scratch.clear();
        // What is cut is left out: others can be decoded.
        let Some(later) = config.annex_b(&frame.body, &mut self.scratch) else { return };
        let dts = ticks(time);
        let pts = ticks(time + i64::from(later)).max(dts);
        let clock = open.clock.is_none_or(|told| time - told >= CLOCK);
        if clock {
            open.clock = Some(time);
        }
        let key = frame.role == Role::Key;
        self.muxer.pes(&mut open.content, Part::Video, Times { dts, pts }, (key, clock || key), &self.scratch);
        open.flush_sound(&mut self.muxer, time - TOGETHER);
    }

    fn sound(&mut self, frame: &Frame, time: i64) {
        let (Some(open), Some(config)) = (&mut self.open, &self.audio) else { return };
        open.flush_sound(&mut self.muxer, time - TOGETHER);
        let before = open.sound.len();
        if config.adts(&frame.body, &mut open.sound).is_some() && before == 0 {
            open.sound_time = time;
        }
    }

    /// Ends the segment that is being written: the next frame is decoded at `time`.
    fn end(&mut self, time: i64) -> Option<Segment> {
        let mut open = self.open.take()?;
        open.flush_sound(&mut self.muxer, i64::MAX);
        let mut duration = (time - open.time).max(1);
        if self.longest == FIRST {
            self.longest = longest(target(duration));
        }
        if duration > self.longest {
            // Nothing came for longer than a segment may be.
            (duration, self.discontinuous) = (self.longest, true);
        }
        Some(Segment {
            content: open.content.freeze(),
            time: open.time,
            duration,
            discontinuous: open.discontinuous,
            independent: open.independent,
        })
    }
}

impl Open {
    /// Writes the sound that began before `until`.
    fn flush_sound(&mut self, muxer: &mut Muxer, until: i64) {
        if self.sound.is_empty() || self.sound_time > until {
            return;
        }
        let dts = ticks(self.sound_time);
        let clock = !self.program.video;
        muxer.pes(&mut self.content, Part::Audio, Times { dts, pts: dts }, (clock, clock), &self.sound);
        self.sound.clear();
    }
}

/// How long a segment may be that rounds to `target` s, ms.
fn longest(target: i64) -> i64 {
    target * 1000 + 499
}

/// 1/90,000 s.
fn ticks(time: i64) -> u64 {
    u64::try_from(time * 90 + BEGIN).unwrap_or(0)
}
