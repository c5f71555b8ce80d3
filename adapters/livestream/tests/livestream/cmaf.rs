//! Segments of what MPEG-TS does not hold.

use bytes::Bytes;
use proptest::prelude::*;
use synctv_livestream::hls::{Segment, Segmenter};
use synctv_livestream::media::{Frame, Role, Track};

use crate::fragments::Reader;
use crate::transport;

/// Records that describe 640x360, as encoders write them.
pub const HVCC: &[u8] =
    &[1, 1, 0x60, 0, 0, 0, 0x90, 0, 0, 0, 0, 0, 0x3F, 0xF0, 0, 0xFC, 0xFD, 0xF8, 0xF8, 0, 0, 0x0F, 0];
pub const AV1C: &[u8] = &[0x81, 0x04, 0x0C, 0];
pub const OPUS: &[u8] = b"OpusHead\x01\x02\x38\x01\x80\xbb\x00\x00\x00\x00\x00";
const AVCC: &[u8] = &[1, 0x64, 0, 0x1F, 0xFF, 0xE1, 0, 2, 0x67, 1, 1, 0, 2, 0x68, 2];
const AAC: &[u8] = &[0x11, 0x90];

/// A coding, and what its frames look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    H264,
    Hevc,
    Av1,
    Vp9,
    Aac,
    Opus,
    Flac,
}

impl Coding {
    fn letters(self) -> &'static [u8; 4] {
        match self {
            Self::H264 => b"avc1",
            Self::Hevc => b"hvc1",
            Self::Av1 => b"av01",
            Self::Vp9 => b"vp09",
            Self::Aac => b"mp4a",
            Self::Opus => b"Opus",
            Self::Flac => b"fLaC",
        }
    }

    fn body(self, first: u8, rest: &[&[u8]]) -> Bytes {
        [&[first], &self.letters()[..], &rest.concat()].concat().into()
    }

    fn record(self) -> &'static [u8] {
        match self {
            Self::H264 => AVCC,
            Self::Hevc => HVCC,
            Self::Av1 => AV1C,
            Self::Aac => AAC,
            Self::Opus => OPUS,
            Self::Vp9 => &[0, 10, 0x82, 1, 1, 1, 0, 0],
            Self::Flac => panic!("encoders tell it"),
        }
    }

    /// What frames are decoded by.
    pub fn header(self, record: &[u8]) -> Frame {
        match self {
            Self::Aac | Self::Opus | Self::Flac => Frame::audio(0, self.body(0x90, &[record])),
            _ => Frame::video(0, self.body(0x90, &[record])),
        }
        .expect("a frame")
    }

    pub fn picture(self, key: bool, later: u32, content: &[u8]) -> Frame {
        let first = if key { 0x90 } else { 0xA0 };
        let body = match self {
            Self::Av1 | Self::Vp9 => self.body(first | 1, &[content]),
            // Shown when it is decoded.
            _ if later == 0 => self.body(first | 3, &[content]),
            _ => self.body(first | 1, &[&later.to_be_bytes()[1..], content]),
        };
        Frame::video(0, body).expect("a frame")
    }

    pub fn sound(self, content: &[u8]) -> Frame {
        Frame::audio(0, self.body(0x91, &[content])).expect("a frame")
    }
}

fn picture(coding: Coding, number: u32, key: bool, later: u32, length: usize) -> Frame {
    let unit = [&[0x26, 0x01][..], &number.to_be_bytes(), &vec![0xAB; length]].concat();
    let before = u32::try_from(unit.len()).expect("short").to_be_bytes();
    // Units of AV1 tell their length themselves.
    let before = if coding == Coding::Av1 { &[][..] } else { &before };
    coding.picture(key, later, &[before, &unit].concat())
}

/// 20 ms of Opus, or a frame of AAC.
fn sound(coding: Coding, number: u32) -> Frame {
    coding.sound(&[&[0xFC][..], &number.to_be_bytes(), &[0xCD; 80]].concat())
}

#[derive(Clone, Debug)]
struct Plan {
    video: Option<Coding>,
    audio: Option<Coding>,
    /// Pictures between two that need no other.
    gop: u32,
    step: i64,
    /// How roughly times are told, ms.
    roughly: i64,
    length: usize,
    /// ms.
    ends: i64,
}

fn plan() -> impl Strategy<Value = Plan> {
    let tracks = prop_oneof![
        Just((Some(Coding::Hevc), Some(Coding::Aac))),
        Just((Some(Coding::Hevc), Some(Coding::Opus))),
        Just((Some(Coding::Av1), Some(Coding::Opus))),
        Just((Some(Coding::H264), Some(Coding::Opus))),
        Just((Some(Coding::Av1), None)),
        Just((None, Some(Coding::Opus))),
    ];
    (tracks, 1_u32..120, 10_i64..60, 0_i64..6, 0_usize..3000, 200_i64..15_000).prop_map(
        |((video, audio), gop, step, roughly, length, ends)| Plan { video, audio, gop, step, roughly, length, ends },
    )
}

impl Plan {
    fn frames(&self) -> Vec<(Frame, i64)> {
        let mut all: Vec<_> =
            [self.video, self.audio].into_iter().flatten().map(|coding| (coding.header(coding.record()), 0)).collect();
        let (mut pictures, mut sounds) = (0_u32, 0_u32);
        for time in 0..self.ends {
            if let Some(coding) = self.video.filter(|_| time == i64::from(pictures) * self.step) {
                let later = if coding == Coding::Av1 { 0 } else { pictures % 3 * 40 };
                all.push((picture(coding, pictures, pictures.is_multiple_of(self.gop), later, self.length), time));
                pictures += 1;
            }
            // 48,000 Hz.
            let samples = if self.audio == Some(Coding::Aac) { 1024 } else { 960 };
            if let Some(coding) = self.audio.filter(|_| time == i64::from(sounds) * samples / 48) {
                let wrong = i64::from(sounds % 3) * self.roughly;
                all.push((sound(coding, sounds), time + wrong));
                sounds += 1;
            }
        }
        all
    }
}

/// Segments of what is pushed, and the rest.
pub fn cut(segmenter: &mut Segmenter, frames: &[(Frame, i64)]) -> Vec<Segment> {
    let mut segments = Vec::new();
    for (frame, time) in frames {
        segments.extend(segmenter.push(frame, *time));
    }
    segments.extend(segmenter.finish());
    segments
}

/// Contents of a track, and when they are shown: ms, or samples of sound.
type Shown = Vec<(Vec<u8>, i64)>;

/// Checks segments that are all fragments, and returns what is in the track of pictures and in that of sound.
fn checked(segments: &[Segment]) -> Result<[Shown; 2], String> {
    let (mut reader, mut map, mut contents) = (Reader::default(), None, [Vec::new(), Vec::new()]);
    for segment in segments {
        let initialization = segment.initialization.as_ref().ok_or("it is no fragment")?;
        if map != Some(initialization) {
            if map.is_some() && !segment.discontinuous {
                return Err("RFC 8216, 4.3.2.3: the initialization changes without a discontinuity".to_owned());
            }
            reader.map(initialization)?;
            map = Some(initialization);
        }
        let held = reader.segment(&segment.content, segment.duration, segment.discontinuous, segment.independent)?;
        for (track, samples) in held {
            // Pictures have units of 1/90,000 s.
            let shown = |pts: i64| if track == 1 { pts / 90 } else { pts };
            let samples = samples.into_iter().map(|sample| (sample.content, shown(sample.pts)));
            contents[track as usize - 1].extend(samples);
        }
    }
    Ok(contents)
}

fn sent(frames: &[(Frame, i64)], track: Track) -> Shown {
    let of = frames.iter().filter(|(frame, _)| frame.role != Role::Header && frame.track == track);
    let content = |(frame, time): &(Frame, i64)| {
        let content = frame.content().expect("it is whole");
        (content.data.to_vec(), time + i64::from(content.later))
    };
    of.map(content).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn fragments_hold_every_frame_once_in_order_and_at_its_time(plan in plan()) {
        let frames = plan.frames();
        let segments = cut(&mut Segmenter::new(Some(2)), &frames);
        let contents = checked(&segments).map_err(TestCaseError::fail)?;
        prop_assert_eq!(&contents[0], &sent(&frames, Track::Video));
        let of = |contents: &[(Vec<u8>, i64)]| contents.iter().map(|(content, _)| content.clone()).collect::<Vec<_>>();
        prop_assert_eq!(of(&contents[1]), of(&sent(&frames, Track::Audio)));
        // Sound goes on without a hole, whatever the publisher rounds to.
        let length = if plan.audio == Some(Coding::Aac) { 1024 } else { 960 };
        for pair in contents[1].windows(2) {
            prop_assert_eq!(pair[1].1 - pair[0].1, length);
        }
        for segment in &segments[..segments.len() - 1] {
            prop_assert!(!segment.discontinuous);
            prop_assert!(segment.duration >= 1900 - plan.step && segment.duration < 2500, "{} ms", segment.duration);
        }
    }

    #[test]
    fn anything_is_put_into_fragments_or_left_out(
        bodies in prop::collection::vec(
            (0_u8..8, any::<u8>(), prop::collection::vec(any::<u8>(), 0..60), -500_i64..5000), 1..60,
        ),
    ) {
        let mut segmenter = Segmenter::new(None);
        let (mut reader, mut map, mut time) = (Reader::default(), None, 0_i64);
        for (kind, first, content, later) in bodies {
            time = (time + later).max(0);
            let frame = match kind {
                0 => Coding::Hevc.header(HVCC),
                1 => Coding::Opus.header(OPUS),
                2 => Coding::Av1.header(&content),
                3 => Coding::Av1.picture(first & 1 == 0, 0, &[&[first], &content[..]].concat()),
                4 => picture(Coding::Hevc, 7, first & 1 == 0, u32::from(first), content.len()),
                5 => sound(Coding::Opus, 7),
                6 => Coding::Opus.sound(&[&[first], &content[..]].concat()),
                _ => Coding::Hevc.header(&[HVCC, &content[..]].concat()),
            };
            let Some(segment) = segmenter.push(&frame, time) else { continue };
            if let Some(initialization) = &segment.initialization {
                if map.as_ref() != Some(initialization) {
                    prop_assert!(map.is_none() || segment.discontinuous);
                    reader.map(initialization).map_err(TestCaseError::fail)?;
                    map = Some(initialization.clone());
                }
                prop_assert!(segment.duration > 0);
            }
        }
        let _ = segmenter.finish();
    }
}

/// Pictures at 25 a second, one that needs no other each second.
fn pictures(coding: Coding, from: u32, count: u32) -> impl Iterator<Item = (Frame, i64)> {
    (from..from + count)
        .map(move |number| (picture(coding, number, number.is_multiple_of(25), 0, 20), i64::from(number) * 40))
}

#[test]
fn a_stream_that_changes_to_hevc_goes_on_in_fragments_and_stays_there() {
    let mut all = vec![(Coding::H264.header(AVCC), 0), (Coding::Aac.header(AAC), 0)];
    all.extend(pictures(Coding::H264, 0, 100));
    all.push((Coding::Hevc.header(HVCC), 4000));
    all.extend(pictures(Coding::Hevc, 100, 100));
    all.push((Coding::H264.header(AVCC), 8000));
    all.extend(pictures(Coding::H264, 200, 100));
    let mut segmenter = Segmenter::new(Some(2));
    let segments = cut(&mut segmenter, &all);
    let (packets, fragments) = segments.split_at(2);
    let mut reader = transport::Reader::default();
    let held: usize =
        packets.iter().map(|one| reader.segment(&one.content).expect("no rule is broken").video.len()).sum();
    assert_eq!(held, 100);
    assert!(packets.iter().all(|one| one.initialization.is_none()));
    assert_eq!(checked(fragments).expect("no rule is broken")[0].len(), 200);
    let begun: Vec<_> = segments.iter().filter(|one| one.discontinuous).map(|one| one.time).collect();
    assert_eq!(begun, [4000, 8000]);
    let codecs: Vec<_> = segments.iter().step_by(2).map(|one| one.coding.codecs.join(",")).collect();
    assert_eq!(codecs, ["avc1.64001F,mp4a.40.2", "hvc1.1.6.L63.90,mp4a.40.2", "avc1.64001F,mp4a.40.2"]);
}

#[test]
fn a_hole_in_the_sound_stays_one_and_what_comes_too_early_does_not_go_back() {
    let time = |number: u32| match number {
        0..60 => i64::from(number) * 20,
        // A second is missing, and then half of one was too much.
        60..120 => i64::from(number) * 20 + 1000,
        _ => i64::from(number) * 20 + 500,
    };
    let mut all = vec![(Coding::Hevc.header(HVCC), 0), (Coding::Opus.header(OPUS), 0)];
    all.extend(pictures(Coding::Hevc, 0, 50));
    all.extend((0..180).map(|number| (sound(Coding::Opus, number), time(number))));
    all.sort_by_key(|(_, time)| *time);
    let segments = cut(&mut Segmenter::new(Some(10)), &all);
    let contents = checked(&segments).expect("no rule is broken");
    let shown: Vec<_> = contents[1].iter().map(|(_, shown)| *shown / 48).collect();
    assert_eq!((shown.len(), shown[59], shown[60]), (180, 1180, 2200));
    assert!(shown.is_sorted() && shown[179] - 20 * 179 - 500 <= 30, "{} ms", shown[179]);
}
