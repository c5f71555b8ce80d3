//! Segments of MPEG-TS.

use bytes::{Bytes, BytesMut};

use super::ts::{Muxer, Part, Program, Times};
use crate::media::{AacConfig, AvcConfig, Content};

/// Sound of this time is written together, ms.
const TOGETHER: i64 = 100;
/// Before this nothing is decoded, so that no time is negative: 1/90,000 s.
const BEGIN: i64 = 90_000;
/// The time of the program is told at least so often, ms.
const CLOCK: i64 = 80;

/// Writes segments.
#[derive(Debug, Default)]
pub(super) struct Packets {
    muxer: Muxer,
    written: BytesMut,
    /// The sound tells the time.
    sound_alone: bool,
    /// Sound that waits to be written, and since when.
    sound: BytesMut,
    sound_time: i64,
    /// When the time of the program was told.
    clock: Option<i64>,
    scratch: BytesMut,
}

impl Packets {
    /// Begins a segment.
    pub(super) fn begin(&mut self, program: Program) {
        self.muxer.tables(&mut self.written, program);
        (self.sound_alone, self.clock) = (!program.video, None);
    }

    /// A picture, which is decoded at `time`.
    pub(super) fn picture(&mut self, config: &AvcConfig, content: &Content, time: i64, key: bool) {
        self.scratch.clear();
        // What is cut is left out: others can be decoded.
        if config.annex_b(&content.data, self.clock.is_none(), &mut self.scratch).is_none() {
            return;
        }
        let dts = ticks(time);
        let pts = ticks(time + i64::from(content.later)).max(dts);
        let clock = self.clock.is_none_or(|told| time - told >= CLOCK);
        if clock {
            self.clock = Some(time);
        }
        self.muxer.pes(&mut self.written, Part::Video, Times { dts, pts }, (key, clock || key), &self.scratch);
        self.flush_sound(time - TOGETHER);
    }

    /// Some sound, of `time`.
    pub(super) fn sound(&mut self, config: &AacConfig, content: &Content, time: i64) {
        self.flush_sound(time - TOGETHER);
        let before = self.sound.len();
        if config.adts(&content.data, &mut self.sound).is_some() && before == 0 {
            self.sound_time = time;
        }
    }

    /// Writes the sound that began before `until`.
    fn flush_sound(&mut self, until: i64) {
        if self.sound.is_empty() || self.sound_time > until {
            return;
        }
        let dts = ticks(self.sound_time);
        let clock = self.sound_alone;
        self.muxer.pes(&mut self.written, Part::Audio, Times { dts, pts: dts }, (clock, clock), &self.sound);
        self.sound.clear();
    }

    /// Bytes of the segment so far.
    pub(super) fn len(&self) -> usize {
        self.written.len() + self.sound.len()
    }

    /// The segment.
    pub(super) fn end(&mut self) -> Bytes {
        self.flush_sound(i64::MAX);
        self.written.split().freeze()
    }
}

/// 1/90,000 s.
fn ticks(time: i64) -> u64 {
    u64::try_from(time * 90 + BEGIN).unwrap_or(0)
}
