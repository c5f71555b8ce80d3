//! Segments: what begins with a picture that needs no other, and is about as long as the target.

use bytes::Bytes;

use super::coding::Coding;
use super::fragments::Fragments;
use super::initialization::initialization;
use super::packets::Packets;
use super::playlist::target;
use super::ts::{Part, Program};
use crate::media::{AudioConfig, Content, Frame, Role, Track, VideoConfig};

/// How long segments are, if the publisher lets them, ms, and how much shorter with pictures, whose times are rounded.
const WANTED: i64 = 2000;
const SHORT: i64 = 100;
/// The first one is never longer than this, ms.
const FIRST: i64 = 10_000;
/// A jump of the timeline that players have to be told of, ms.
const JUMP: i64 = 3000;
/// No segment is larger, bytes: 128 Mbit/s for two seconds.
const LARGEST: usize = 32 << 20;

/// When pictures are late by that much, they have stopped, ms.
const MISSING: i64 = 1000;
/// The first picture that needs no other is waited for so long while there is sound, ms.
const PROMISED: i64 = 3000;
/// What is as large as that has to be longer than this, ms.
const STANDS: i64 = 500;

/// A segment that is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segment {
    /// MPEG-TS, or a fragment of MP4.
    pub content: Bytes,
    /// What the fragment is decoded by; None: it is MPEG-TS.
    pub initialization: Option<Bytes>,
    /// What players are told of it.
    pub coding: Coding,
    /// When its first frame is decoded, ms since the stream began.
    pub time: i64,
    /// From there to the first of the next one, ms.
    pub duration: i64,
    /// It does not go on where the one before ended.
    pub discontinuous: bool,
    /// One can begin with it.
    pub independent: bool,
}

/// Cuts a stream into segments: of MPEG-TS, as long as it is H.264 and AAC, and fragments of MP4 from when it is not. It does not
/// go back: players get from fragments of one coding to those of another, but not from one format to the other. A track that
/// cannot be put into segments is left out, and the other one goes on.
#[derive(Debug)]
pub struct Segmenter {
    longest: i64,
    /// Segments are fragments of MP4, whatever is coded.
    fragmented: bool,
    packets: Packets,
    fragments: Fragments,
    video: Option<VideoConfig>,
    audio: Option<AudioConfig>,
    /// How sound is decoded from the next segment that begins with a picture; until then there is none.
    next_audio: Option<AudioConfig>,
    /// There are no pictures at present, only sound.
    dark: bool,
    /// When there was sound last, and how far it was ahead of the pictures then.
    heard: i64,
    lead: i64,
    /// Since when there has been sound, and no segment that it could be in.
    alone: Option<i64>,
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
    /// It was told of sound and of pictures that something of them is left out.
    told: [bool; 2],
}

/// A segment that is being written.
#[derive(Debug)]
struct Open {
    time: i64,
    program: Program,
    initialization: Option<Bytes>,
    coding: Coding,
    discontinuous: bool,
    independent: bool,
}

impl Segmenter {
    /// Of segments whose length rounds to `target` s at most. None: the first one decides, by how often the publisher sends a
    /// picture that needs no other.
    #[must_use]
    pub fn new(target: Option<i64>) -> Self {
        Self {
            longest: target.map_or(FIRST, longest),
            fragmented: false,
            packets: Packets::default(),
            fragments: Fragments::default(),
            video: None,
            audio: None,
            next_audio: None,
            dark: false,
            heard: i64::MIN / 2,
            lead: 0,
            alone: None,
            open: None,
            discontinuous: false,
            running: false,
            seen: None,
            last: None,
            step: 0,
            told: [false; 2],
        }
    }

    /// From now on the length of segments rounds to `target` s at most.
    pub fn limit(&mut self, target: i64) {
        self.longest = longest(target);
    }

    /// Takes a frame in, which is decoded at `time`; the segment that ended before it, if one did.
    pub fn push(&mut self, frame: &Frame, time: i64) -> Option<Segment> {
        match frame.role {
            Role::Header => return self.configure(frame, time),
            // There is nothing to be shown.
            Role::Other => return None,
            Role::Key | Role::Delta => {}
        }
        // What is cut, or was not described, is left out: others can be decoded.
        let Some(content) = self.content(frame) else {
            self.leave_out(frame);
            return None;
        };
        let jumped = self.seen.is_some_and(|seen| (time - seen).abs() > JUMP);
        let jumped = if jumped { self.interrupt(self.last.map_or(time, |last| last + self.step)) } else { None };
        let mut ended = self.turn(frame, time).or(jumped);
        if self.is_waiting(frame.track) {
            return ended;
        }
        self.seen = Some(time);
        if self.clocks(frame) {
            self.step = self.last.map_or(0, |last| (time - last).max(0));
            self.last = Some(time);
        }
        if self.is_full(&content) && !self.clocks(frame) {
            return ended;
        }
        if self.cuts(frame, time) || self.is_full(&content) {
            ended = self.end(time).or(ended);
        }
        if self.open.is_some() || self.begin(frame, &content, time) {
            self.write(frame, &content, time);
        }
        ended
    }

    /// What comes next does not go on where this ended; the segment that ended.
    pub fn interrupt(&mut self, time: i64) -> Option<Segment> {
        let ended = self.end(time);
        (self.discontinuous, self.running) = (true, false);
        (self.seen, self.last, self.alone) = (None, None, None);
        self.audio = self.next_audio.take().or(self.audio.take());
        ended
    }

    /// Interrupts where pictures have stopped while there is sound, where they come again, and where there is other sound, or sound
    /// at all, from a picture on.
    fn turn(&mut self, frame: &Frame, time: i64) -> Option<Segment> {
        let turns = match (frame.track, frame.role) {
            (Track::Audio, _) => self.have_stopped(time),
            (Track::Video, Role::Key) => self.dark || self.next_audio.is_some(),
            (Track::Video, _) => false,
        };
        match frame.track {
            Track::Audio => self.heard = time,
            Track::Video => self.lead = (self.heard - time).clamp(0, JUMP),
        }
        if !turns {
            return None;
        }
        self.dark = frame.track == Track::Audio;
        self.interrupt(time)
    }

    /// Whether pictures have stopped: a segment is as long as it may be, and several of them are missing. Or they have not begun.
    fn have_stopped(&mut self, time: i64) -> bool {
        if !self.program().video {
            return false;
        }
        let Some(open) = &self.open else {
            return time - *self.alone.get_or_insert(time) >= PROMISED;
        };
        let missing = self.last.is_some_and(|last| time - last >= self.lead + MISSING.max(3 * self.step));
        missing && time - open.time >= self.longest
    }

    /// Whether what comes of a track waits for a picture that needs no other.
    fn is_waiting(&self, track: Track) -> bool {
        match track {
            Track::Video => self.dark,
            Track::Audio => self.next_audio.is_some(),
        }
    }

    /// The last segment.
    pub fn finish(&mut self) -> Option<Segment> {
        let last = self.last?;
        // The last frame is shown as long as the one before.
        self.end(last + self.step.max(1))
    }

    /// How the frames of a track are decoded from here on.
    fn configure(&mut self, frame: &Frame, time: i64) -> Option<Segment> {
        let Some(changed) = self.describe(frame) else {
            self.leave_out(frame);
            return None;
        };
        // A track that comes late is one that the program does not have yet.
        let added = self.open.as_ref().is_some_and(|open| open.program != self.program());
        if changed || added { self.interrupt(time) } else { None }
    }

    /// Whether a header says something else than the one before. None: it is none, or of what cannot be put into segments.
    fn describe(&mut self, header: &Frame) -> Option<bool> {
        let content = header.content()?.data;
        Some(match header.track {
            Track::Video => {
                let config = VideoConfig::parse(header.codec, &content)?;
                initialization(Some(&config), None)?;
                let same = self.video.as_ref().is_some_and(|before| before.is_as(&config));
                !same && self.video.replace(config).is_some()
            }
            Track::Audio => {
                let config = AudioConfig::parse(header.codec, &content)?;
                initialization(None, Some(&config))?;
                if self.audio.as_ref() == Some(&config) {
                    self.next_audio = None;
                    return Some(false);
                }
                if self.open.as_ref().is_some_and(|open| open.program.video) {
                    // No picture is to be missing for it.
                    self.next_audio = Some(config);
                    return Some(false);
                }
                self.audio.replace(config).is_some()
            }
        })
    }

    /// Says so once of each track, whatever a publisher goes on with.
    fn leave_out(&mut self, frame: &Frame) {
        let told = &mut self.told[usize::from(frame.track == Track::Video)];
        if !std::mem::replace(told, true) {
            tracing::warn!(codec = %frame.codec, "live.left_out: what cannot be put into segments, or is cut, is not in HLS");
        }
    }

    fn program(&self) -> Program {
        Program { video: self.video.is_some() && !self.dark, audio: self.audio.is_some() }
    }

    /// What a frame holds, if it is whole and coded as was said.
    fn content(&self, frame: &Frame) -> Option<Content> {
        let content = frame.content()?;
        let fits = match frame.track {
            Track::Video => self
                .video
                .as_ref()
                .is_some_and(|config| config.codec() == frame.codec && config.is_whole(&content.data)),
            Track::Audio => self
                .next_audio
                .as_ref()
                .or(self.audio.as_ref())
                .is_some_and(|config| config.codec() == frame.codec && config.samples(&content.data).is_some()),
        };
        fits.then_some(content)
    }

    /// Whether the track of this frame is the one that tells the time.
    fn clocks(&self, frame: &Frame) -> bool {
        frame.track == Track::Video || !self.program().video
    }

    /// Whether this is more than a segment may hold.
    fn is_full(&self, content: &Content) -> bool {
        self.open.is_some() && self.packets.len() + self.fragments.len() + content.data.len() > LARGEST
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
    fn begin(&mut self, frame: &Frame, content: &Content, time: i64) -> bool {
        let program = self.program();
        let key = frame.role == Role::Key && (frame.track == Track::Video || !program.video);
        let goes_on = self.running && !self.discontinuous && frame.track == Track::Video;
        if !key && !goes_on {
            return false;
        }
        if let Some(video) = self.video.as_mut().filter(|_| key && program.video) {
            video.learn(&content.data);
        }
        let (video, audio) = (self.video.as_ref().filter(|_| program.video), self.audio.as_ref());
        let fits = video.is_none_or(|config| matches!(config, VideoConfig::Avc(_)))
            && audio.is_none_or(|config| matches!(config, AudioConfig::Aac(_)));
        self.fragmented |= !fits;
        let initialization = if self.fragmented {
            let Some(initialization) = initialization(video, audio) else { return false };
            self.fragments.begin(self.discontinuous || !self.running, audio.map(AudioConfig::rate));
            Some(initialization)
        } else {
            self.packets.begin(program);
            None
        };
        let coding = Coding::of(video, audio);
        (self.running, self.alone) = (true, None);
        self.open = Some(Open {
            time,
            program,
            initialization,
            coding,
            discontinuous: std::mem::take(&mut self.discontinuous),
            independent: key,
        });
        true
    }

    /// Puts a frame into the segment that is being written.
    fn write(&mut self, frame: &Frame, content: &Content, time: i64) {
        let key = frame.role == Role::Key;
        match (frame.track, &self.video, &self.audio) {
            (Track::Video, _, _) if self.fragmented => self.fragments.picture(content, time, key),
            (Track::Video, Some(VideoConfig::Avc(config)), _) => self.packets.picture(config, content, time, key),
            (Track::Audio, _, Some(config)) if self.fragmented => {
                // It has some, or it would not be here.
                self.fragments.sound(content, time, config.samples(&content.data).unwrap_or(0));
            }
            (Track::Audio, _, Some(AudioConfig::Aac(config))) => self.packets.sound(config, content, time),
            _ => {}
        }
    }

    /// Ends the segment that is being written: the next frame is decoded at `time`.
    fn end(&mut self, time: i64) -> Option<Segment> {
        let open = self.open.take()?;
        let wanted = (time - open.time).max(1);
        if self.longest == FIRST {
            self.longest = longest(target(wanted));
        }
        // Nothing came for longer than a segment may be.
        self.discontinuous |= wanted > self.longest;
        let (content, duration) = if self.fragmented {
            let clock = if open.program.video { Part::Video } else { Part::Audio };
            let duration = self.fragments.settle(clock, time, self.longest);
            (self.fragments.end()?, duration)
        } else {
            (self.packets.end(), wanted.min(self.longest))
        };
        if wanted < STANDS && content.len() > LARGEST / 2 {
            // Its time does not move: a list of such segments would never get long enough for one of them to leave it.
            self.discontinuous = true;
            return None;
        }
        Some(Segment {
            content,
            initialization: open.initialization,
            coding: open.coding,
            time: open.time,
            duration,
            discontinuous: open.discontinuous,
            independent: open.independent,
        })
    }
}

/// How long a segment may be that rounds to `target` s, ms.
fn longest(target: i64) -> i64 {
    target * 1000 + 499
}
