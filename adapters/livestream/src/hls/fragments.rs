//! Segments of fragmented MP4, as CMAF has them: `moof` and `mdat`.

use bytes::{Bytes, BytesMut};
use mp4_atom::{Encode, Mfhd, Moof, Tfdt, Tfhd, Traf, Trun, TrunEntry};

use super::ts::Part;
use crate::media::Content;

/// Numbers of the tracks.
pub(super) const VIDEO: u32 = 1;
pub(super) const AUDIO: u32 = 2;
/// Units of the time of pictures a second.
pub(super) const VIDEO_RATE: u32 = 90_000;
/// Publishers tell the time of sound in whole ms, and some roughly. So far from where the samples before it ended sound goes on
/// there, ms; farther away there is a hole, or it came too early.
const ROUGHLY: u64 = 30;
/// What is said of samples (ISO/IEC 14496-12, 8.8.3.1): it needs no other; it needs others, and is no place to begin at.
const KEY: u32 = 0x0200_0000;
const DELTA: u32 = 0x0101_0000;
/// Length of the head of a box.
const HEAD: usize = 8;

/// Writes segments.
#[derive(Debug)]
pub(super) struct Fragments {
    /// Of the last one.
    number: u32,
    video: Track,
    audio: Track,
}

/// The samples of a track in a segment, and where it goes on.
#[derive(Debug)]
struct Track {
    id: u32,
    /// Units a second.
    rate: u32,
    /// How far from where it goes on a sample still goes on there, units.
    roughly: u64,
    /// Where it goes on, if it does, units.
    next: Option<u64>,
    /// When the first and the last sample are decoded.
    first: u64,
    last: u64,
    samples: Vec<TrunEntry>,
    data: BytesMut,
}

impl Default for Fragments {
    fn default() -> Self {
        Self { number: 0, video: Track::new(VIDEO, VIDEO_RATE, 0), audio: Track::new(AUDIO, VIDEO_RATE, ROUGHLY) }
    }
}

impl Fragments {
    /// Begins a segment, which does not go on where the last one ended if it begins `anew`, with sound of so many samples a
    /// second.
    pub(super) fn begin(&mut self, anew: bool, rate: Option<u32>) {
        if anew {
            self.video = Track::new(VIDEO, VIDEO_RATE, 0);
            self.audio = Track::new(AUDIO, rate.unwrap_or(VIDEO_RATE), ROUGHLY);
        }
    }

    /// A picture, which is decoded at `time`.
    pub(super) fn picture(&mut self, content: &Content, time: i64, key: bool) {
        let later = self.video.units(time + i64::from(content.later)).saturating_sub(self.video.units(time));
        let sample = TrunEntry {
            flags: Some(if key { KEY } else { DELTA }),
            cts: Some(i64::try_from(later).unwrap_or(0)),
            ..TrunEntry::default()
        };
        // How long it is shown is told by the next one.
        self.video.push(time, 1, sample, &content.data);
    }

    /// So many samples of sound, of `time`.
    pub(super) fn sound(&mut self, content: &Content, time: i64, samples: u32) {
        self.audio.push(time, samples, TrunEntry::default(), &content.data);
    }

    /// Bytes of the segment so far.
    pub(super) fn len(&self) -> usize {
        self.video.data.len() + self.audio.data.len()
    }

    /// The next segment begins with what this track has at `time`. How long this one is, ms; `longest` at most.
    pub(super) fn settle(&mut self, part: Part, time: i64, longest: i64) -> i64 {
        let track = match part {
            Part::Video => &mut self.video,
            Part::Audio => &mut self.audio,
        };
        let end = track.place(time).min(track.first + track.units(longest));
        track.settle(end.max(track.first + track.units(1)).max(track.last + 1));
        track.length()
    }

    /// The segment.
    pub(super) fn end(&mut self) -> Option<Bytes> {
        self.number = self.number.wrapping_add(1);
        // What stands before the data is as long wherever that is.
        let length = self.written(0)?.len();
        let mut written = self.written(length + HEAD)?;
        let data = self.len();
        written.reserve(HEAD + data);
        written.extend(u32::try_from(HEAD + data).ok()?.to_be_bytes());
        written.extend(b"mdat");
        for track in [&mut self.video, &mut self.audio] {
            written.extend_from_slice(&track.data);
            track.data.clear();
            track.samples.clear();
        }
        Some(written.into())
    }

    /// What stands before the data, which is at so many bytes behind its beginning.
    fn written(&self, at: usize) -> Option<Vec<u8>> {
        let sound = at + self.video.data.len();
        let traf = [(&self.video, at), (&self.audio, sound)].into_iter();
        let traf = traf.filter(|(track, _)| !track.samples.is_empty()).map(|(track, at)| track.written(at));
        let moof = Moof { mfhd: Mfhd { sequence_number: self.number }, traf: traf.collect::<Option<_>>()? };
        let mut bytes = Vec::new();
        moof.encode(&mut bytes).ok()?;
        Some(bytes)
    }
}

impl Track {
    fn new(id: u32, rate: u32, roughly: u64) -> Self {
        let roughly = u64::from(rate) * roughly / 1000;
        Self { id, rate, roughly, next: None, first: 0, last: 0, samples: Vec::new(), data: BytesMut::new() }
    }

    /// ms as units.
    fn units(&self, time: i64) -> u64 {
        (u64::try_from(time).unwrap_or(0) * u64::from(self.rate) + 500) / 1000
    }

    /// When a sample is decoded that the publisher has at `time`.
    fn place(&self, time: i64) -> u64 {
        let at = self.units(time);
        let Some(next) = self.next else { return at };
        let earliest = if self.samples.is_empty() { next } else { self.last + 1 };
        if at.abs_diff(next) <= self.roughly { next } else { at.max(earliest) }
    }

    /// A sample of so many units, unless the next one says otherwise.
    fn push(&mut self, time: i64, length: u32, sample: TrunEntry, data: &[u8]) {
        let at = self.place(time);
        self.settle(at);
        if self.samples.is_empty() {
            self.first = at;
        }
        let size = u32::try_from(data.len()).ok();
        self.samples.push(TrunEntry { duration: Some(length), size, ..sample });
        self.data.extend_from_slice(data);
        (self.last, self.next) = (at, Some(at + u64::from(length)));
    }

    /// What follows the last sample is decoded at `at`.
    fn settle(&mut self, at: u64) {
        self.next = Some(at);
        if let Some(last) = self.samples.last_mut() {
            last.duration = Some(u32::try_from(at.saturating_sub(self.last)).unwrap_or(u32::MAX));
        }
    }

    /// From the first sample to what follows the last, ms.
    fn length(&self) -> i64 {
        let length = self.next.unwrap_or(self.first) - self.first;
        i64::try_from((length * 1000 + u64::from(self.rate) / 2) / u64::from(self.rate)).unwrap_or(i64::MAX)
    }

    /// What is said of the samples, whose data is at so many bytes behind the beginning of the segment.
    fn written(&self, at: usize) -> Option<Traf> {
        Some(Traf {
            tfhd: Tfhd {
                track_id: self.id,
                // Of those for which nothing else is said.
                default_sample_flags: Some(KEY),
                default_base_is_moof: true,
                ..Tfhd::default()
            },
            tfdt: Some(Tfdt { base_media_decode_time: self.first }),
            trun: vec![Trun { data_offset: Some(i32::try_from(at).ok()?), samples: self.samples.clone().into() }],
            ..Traf::default()
        })
    }
}
