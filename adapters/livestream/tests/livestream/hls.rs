//! Segments and their list.

use bytes::Bytes;
use proptest::prelude::*;
use synctv_domain::Timestamp;
use synctv_livestream::hls::{Coding, Listed, Playlist, Segment, Segmenter};
use synctv_livestream::media::{Codec, Frame, Track};

use crate::listing::{Variant, follows, read, variant};
use crate::transport::{Reader, frames, nals};

const SPS: &[u8] = &[0x67, 0x64, 0, 0x1F, 0xAC];
const PPS: &[u8] = &[0x68, 0xEE, 0x3C];

fn video_header(level: u8) -> Frame {
    let mut body = vec![0x17, 0, 0, 0, 0, 1, 0x64, 0, level, 0xFF, 0xE1, 0, 5];
    body.extend_from_slice(SPS);
    body.extend([1, 0, 3]);
    body.extend_from_slice(PPS);
    Frame::video(0, body.into()).expect("a frame")
}

fn audio_header() -> Frame {
    Frame::audio(0, Bytes::from_static(&[0xAF, 0, 0x12, 0x10])).expect("a frame")
}

fn picture(number: u32, key: bool, later: u8, length: usize) -> Frame {
    let mut body = vec![if key { 0x17 } else { 0x27 }, 1, 0, 0, later];
    let mut unit = vec![if key { 0x65 } else { 0x41 }];
    unit.extend(number.to_be_bytes().map(|byte| byte | 0x80));
    unit.resize(unit.len() + length, 0xAB);
    body.extend(u32::try_from(unit.len()).expect("short").to_be_bytes());
    body.extend(unit);
    Frame::video(0, body.into()).expect("a frame")
}

fn sound(number: u32, length: usize) -> Frame {
    let mut body = vec![0xAF, 1];
    body.extend(number.to_be_bytes());
    body.resize(body.len() + length, 0xCD);
    Frame::audio(0, body.into()).expect("a frame")
}

/// Segments of what is pushed, and the rest.
fn cut(segmenter: &mut Segmenter, frames: &[(Frame, i64)]) -> Vec<Segment> {
    let mut segments = Vec::new();
    for (frame, time) in frames {
        segments.extend(segmenter.push(frame, *time));
    }
    segments.extend(segmenter.finish());
    segments
}

type Contents = Vec<Vec<u8>>;

/// Checks segments, and returns the contents of all pictures and of all sound.
fn checked(segments: &[Segment]) -> Result<(Contents, Contents), String> {
    let (mut reader, mut pictures, mut sounds, mut ended) = (Reader::default(), Vec::new(), Vec::new(), None);
    for segment in segments {
        let held = reader.segment(&segment.content)?;
        held.check(segment.independent)?;
        let first = held.video.first().or(held.audio.first()).expect("it was checked").dts;
        if let (Some(ended), false) = (ended, segment.discontinuous) {
            assert_eq!(first, ended, "a segment begins where the last one ended");
        }
        ended = Some(first + u64::try_from(segment.duration * 90).expect("it is long"));
        for (number, unit) in held.video.iter().enumerate() {
            let units = nals(&unit.content);
            let kinds: Vec<_> = units.iter().map(|unit| unit[0] & 0x1F).collect();
            let expected: &[u8] = match (unit.key, number) {
                (true, _) => &[9, 7, 8, 5],
                // Each segment can be decoded by itself, as far as its pictures can.
                (false, 0) => &[9, 7, 8, 1],
                (false, _) => &[9, 1],
            };
            if kinds != expected {
                return Err(format!("units of {kinds:?}"));
            }
            if units.len() == 4 && (units[1] != SPS || units[2] != PPS) {
                return Err("what describes the pictures is wrong".to_owned());
            }
            pictures.push(units.last().expect("there are some").clone());
        }
        for unit in &held.audio {
            sounds.extend(frames(&unit.content)?);
        }
    }
    Ok((pictures, sounds))
}

#[derive(Clone, Debug)]
struct Plan {
    /// Pictures between two that need no other.
    gop: u32,
    step: i64,
    length: usize,
    pictures: u32,
    sound: bool,
}

fn plan() -> impl Strategy<Value = Plan> {
    (1_u32..120, 10_i64..60, 0_usize..3000, 1_u32..400, any::<bool>())
        .prop_map(|(gop, step, length, pictures, sound)| Plan { gop, step, length, pictures, sound })
}

impl Plan {
    fn frames(&self) -> Vec<(Frame, i64)> {
        let mut all = vec![(video_header(0x1F), 0)];
        if self.sound {
            all.push((audio_header(), 0));
        }
        let mut sounds = 0_u32;
        for number in 0..self.pictures {
            let time = i64::from(number) * self.step;
            all.push((
                picture(number, number % self.gop == 0, u8::try_from(number % 3).expect("small") * 40, self.length),
                time,
            ));
            while self.sound && i64::from(sounds) * 23 <= time {
                all.push((sound(sounds, 100), i64::from(sounds) * 23));
                sounds += 1;
            }
        }
        all
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn segments_hold_every_frame_once_and_in_order(plan in plan()) {
        let frames = plan.frames();
        let segments = cut(&mut Segmenter::new(Some(2)), &frames);
        let (pictures, sounds) = checked(&segments).map_err(TestCaseError::fail)?;
        let sent = |video: bool| -> Vec<Vec<u8>> {
            let of = frames.iter().filter(|(frame, _)| frame.role != synctv_livestream::media::Role::Header);
            let of = of.filter(|(frame, _)| (frame.codec == Codec::H264) == video);
            of.map(|(frame, _)| frame.body[if video { 9 } else { 2 }..].to_vec()).collect()
        };
        prop_assert_eq!(pictures, sent(true));
        prop_assert_eq!(sounds, sent(false));
        for segment in &segments[..segments.len() - 1] {
            prop_assert!(segment.duration >= 1900 - plan.step && segment.duration < 2500, "{} ms", segment.duration);
        }
        let begin: Vec<_> = segments.iter().map(|segment| segment.discontinuous).collect();
        prop_assert!(begin.iter().all(|discontinuous| !discontinuous));
    }

    #[test]
    fn anything_is_cut_or_left_out(
        bodies in prop::collection::vec((any::<bool>(), prop::collection::vec(any::<u8>(), 0..60), 0_i64..500), 1..60),
    ) {
        let mut segmenter = Segmenter::new(Some(2));
        let mut time = 0;
        segmenter.push(&video_header(0x1F), 0);
        for (video, body, later) in bodies {
            time += later;
            let body = Bytes::from(body);
            let frame = if video { Frame::video(0, body) } else { Frame::audio(0, body) };
            if let Some(frame) = frame {
                let _ = segmenter.push(&frame, time);
            }
        }
        let _ = segmenter.finish();
    }
}

#[test]
fn sound_alone_is_cut_by_time() {
    let mut all = vec![(audio_header(), 0)];
    all.extend((0..500).map(|number| (sound(number, 50), i64::from(number) * 23)));
    let segments = cut(&mut Segmenter::new(Some(2)), &all);
    let (pictures, sounds) = checked(&segments).expect("no rule is broken");
    assert_eq!((pictures.len(), sounds.len(), segments.len()), (0, 500, 6));
}

#[test]
fn another_coding_or_time_and_a_track_that_comes_late_interrupt() {
    let pictures = |from: u32, time: i64| {
        (0..60_u32).map(move |number| (picture(from + number, number % 30 == 0, 0, 10), time + i64::from(number) * 40))
    };
    let mut all = vec![(video_header(0x1F), 0)];
    all.extend(pictures(0, 0));
    // Said again, it is nothing new.
    all.push((video_header(0x1F), 2400));
    all.extend(pictures(60, 2400));
    // The end of a sequence is nothing to be shown.
    all.push((Frame::video(0, Bytes::from_static(&[0x17, 2, 0, 0, 0])).expect("a frame"), 4800));
    all.push((video_header(0x20), 4800));
    all.extend(pictures(120, 4800));
    all.extend(pictures(180, 60_000));
    all.push((audio_header(), 62_400));
    all.extend(pictures(240, 62_400));
    let segments = cut(&mut Segmenter::new(Some(2)), &all);
    let (pictures, _) = checked(&segments).expect("no rule is broken");
    assert_eq!(pictures.len(), 300);
    let begun: Vec<_> = segments.iter().filter(|one| one.discontinuous).map(|one| one.time).collect();
    assert_eq!(begun, [4800, 60_000, 62_400]);
}

/// Pictures, one in 40 ms and every 50th a key, and sound with each of them.
fn both(numbers: std::ops::Range<u32>, has: impl Fn(u32) -> (bool, bool)) -> Vec<(Frame, i64)> {
    let frames = numbers.flat_map(|number| {
        let (time, (pictures, sounds)) = (i64::from(number) * 40, has(number));
        let picture = pictures.then(|| picture(number, number.is_multiple_of(50), 0, 10));
        [picture, sounds.then(|| sound(number, 20))].into_iter().flatten().map(move |frame| (frame, time))
    });
    frames.collect()
}

#[test]
fn no_picture_is_missing_where_sound_comes_late_or_changes() {
    let other = Frame::audio(0, Bytes::from_static(&[0xAF, 0, 0x11, 0x90])).expect("a frame");
    let mut frames = vec![(video_header(0x1F), 0)];
    frames.extend(both(0..510, |number| (true, number >= 110)));
    // In the middle between two keys.
    let (late, changed) = ((audio_header(), 110 * 40), (other, 310 * 40));
    for header in [late, changed] {
        let at = frames.partition_point(|(_, time)| *time < header.1);
        frames.insert(at, header);
    }
    let segments = cut(&mut Segmenter::new(None), &frames);
    let (pictures, sounds) = checked(&segments).expect("no rule is broken");
    assert_eq!(pictures.len(), 510);
    // From the next key on, and until the next key.
    assert_eq!(sounds.len(), (150..510).count() - (310..350).count());
    let begun: Vec<_> = segments.iter().filter(|one| one.discontinuous).map(|one| one.time / 40).collect();
    assert_eq!(begun, [150, 350]);
    assert!(segments.iter().all(|segment| segment.independent), "each begins with a key");
}

#[test]
fn sound_goes_on_while_pictures_have_stopped() {
    let mut frames = vec![(video_header(0x1F), 0), (audio_header(), 0)];
    // The camera is covered in the middle between two keys, and comes back so.
    frames.extend(both(0..8000, |number| (!(420..7530).contains(&number), true)));
    let segments = cut(&mut Segmenter::new(None), &frames);
    let (pictures, sounds) = checked(&segments).expect("no rule is broken");
    assert_eq!((pictures.len(), sounds.len()), (420 + (7550..8000).count(), 8000), "until the next key there are none");
    let long = segments.iter().find(|one| !(1..=2499).contains(&one.duration));
    assert!(long.is_none(), "{} ms", long.map_or(0, |one| one.duration));
    let begun: Vec<_> = segments.iter().filter(|one| one.discontinuous).map(|one| one.time / 40).collect();
    assert_eq!((begun.len(), begun[1]), (2, 7550), "it says where pictures stop and come back: {begun:?}");
    let all: i64 = segments.iter().map(|one| one.duration).sum();
    assert!((all - 320_000).abs() <= 200, "the list is {all} ms long");
}

#[test]
fn sound_does_not_wait_for_pictures_that_never_come_or_cannot_be_read() {
    let mut frames = vec![(video_header(0x1F), 0), (audio_header(), 0)];
    frames.extend(both(0..1000, |_| (false, true)));
    // A key that is cut, after a while.
    let key = Frame::video(0, Bytes::from_static(&[0x17, 1, 0, 0, 0, 0, 0, 0, 99, 0x65])).expect("a frame");
    frames.insert(500, (key, 498 * 40));
    let segments = cut(&mut Segmenter::new(None), &frames);
    let (pictures, sounds) = checked(&segments).expect("no rule is broken");
    assert!(pictures.is_empty() && sounds.len() >= 920, "{} pieces of sound", sounds.len());
    assert_eq!(segments.iter().filter(|one| one.discontinuous).count(), 1, "where it was given up to wait");
}

#[test]
fn a_pause_of_both_is_no_end_of_pictures() {
    const PAUSE: i64 = 6000;
    let mut frames = vec![(video_header(0x1F), 0), (audio_header(), 0)];
    frames.extend(both(0..110, |_| (true, true)));
    // Sound comes first behind it.
    let behind = both(150..400, |_| (true, true)).into_iter().map(|(frame, time)| (frame, time + PAUSE));
    let behind: Vec<_> = behind.collect();
    frames.extend(behind.chunks(2).flat_map(|pair| pair.iter().rev().cloned()));
    let segments = cut(&mut Segmenter::new(None), &frames);
    let (pictures, _) = checked(&segments).expect("no rule is broken");
    assert_eq!(pictures.len(), 110 + 250);
    let begun: Vec<_> = segments.iter().filter(|one| one.discontinuous).map(|one| one.time).collect();
    assert_eq!(begun, [150 * 40 + PAUSE]);
    let before = segments.iter().rfind(|one| one.time < begun[0]).expect("there is one");
    assert_eq!((before.time, before.duration), (100 * 40, 10 * 40));
}

#[test]
fn pictures_that_come_later_than_their_sound_have_not_stopped() {
    let mut frames = vec![(video_header(0x1F), 0), (audio_header(), 0)];
    // Sound is a second and a half ahead.
    let (pictures, sounds): (Vec<_>, Vec<_>) =
        both(0..1000, |_| (true, true)).into_iter().partition(|(frame, _)| frame.track == Track::Video);
    let (early, late) = sounds.split_at(38);
    frames.extend(early.iter().cloned());
    frames.extend(pictures.iter().zip(late).flat_map(|(picture, sound)| [sound.clone(), picture.clone()]));
    let mut segmenter = Segmenter::new(None);
    let segments = cut(&mut segmenter, &frames);
    let kept: usize =
        segments.iter().map(|one| Reader::default().segment(&one.content).expect("packets").video.len()).sum();
    assert_eq!((kept, segments.iter().filter(|one| one.discontinuous).count()), (pictures.len().min(late.len()), 0));
}

#[test]
fn what_nothing_carries_and_what_is_cut_is_left_out_and_the_rest_goes_on() {
    let video = |body: &'static [u8]| Frame::video(0, Bytes::from_static(body)).expect("a frame");
    let audio = |body: &'static [u8]| Frame::audio(0, Bytes::from_static(body)).expect("a frame");
    let bad = [
        video(&[0x90, b'v', b'p', b'0', b'8', 1]),
        audio(&[0x90, b'a', b'c', b'-', b'3', 1]),
        video(&[0x17, 0, 0, 0, 0]),
        video(&[0x17, 0, 0, 0, 0, 1, 0x64]),
        video(&[0x90, b'h', b'v', b'c', b'1', 1]),
        audio(&[0x90, b'O', b'p', b'u', b's']),
        // Channels that are described elsewhere, as FFmpeg does for four.
        audio(&[0xAF, 0, 0x12, 0x00, 0x05, 0x20]),
    ];
    let mut frames = vec![(video_header(0x1F), 0)];
    for number in 0..200_u32 {
        let time = i64::from(number) * 40;
        frames.extend(bad.get(number as usize / 25).filter(|_| number % 25 == 10).map(|bad| (bad.clone(), time)));
        frames.push((picture(number, number.is_multiple_of(50), 0, 100), time));
        // MP3.
        frames.push((audio(&[0x2F, 0xFF, 0xFB]), time));
    }
    let segments = cut(&mut Segmenter::new(Some(2)), &frames);
    let (pictures, sounds) = checked(&segments).expect("no rule is broken");
    assert_eq!((pictures.len(), sounds.len(), segments.len()), (200, 0, 4));
    assert!(segments.iter().all(|segment| !segment.discontinuous));
}

#[test]
fn each_segment_says_how_its_pictures_are_decoded() {
    let mut frames = vec![(video_header(0x1F), 0)];
    frames.extend((0..500_u32).map(|number| (picture(number, number == 0, 0, 100), i64::from(number) * 40)));
    let segments = cut(&mut Segmenter::new(Some(2)), &frames);
    assert!(segments.len() >= 8 && segments.iter().skip(1).all(|segment| !segment.independent));
    checked(&segments).expect("no rule is broken");
}

#[test]
fn what_is_large_and_takes_no_time_is_not_kept() {
    let mut frames = vec![(video_header(0x1F), 0)];
    frames.extend((0..100_u32).map(|number| (picture(number, number.is_multiple_of(10), 0, 1 << 20), 0)));
    let segments = cut(&mut Segmenter::new(Some(2)), &frames);
    let kept: usize = segments.iter().map(|segment| segment.content.len()).sum();
    assert!(kept <= 17 << 20, "{kept} bytes in {} segments", segments.len());
}

/// How an entry of a list is coded, and how large it is.
#[derive(Clone, Debug)]
struct Made {
    duration: i64,
    discontinuous: bool,
    /// The initialization, by number; there is none for MPEG-TS.
    map: Option<u8>,
    size: u64,
}

fn made() -> impl Strategy<Value = Vec<Made>> {
    let changed = prop::option::weighted(0.1, prop::option::of(0_u8..3));
    let one = (1_i64..2000, prop::bool::weighted(0.2), changed, 0_u64..1_000_000);
    prop::collection::vec(one, 1..60).prop_map(|all| {
        let mut map = None;
        let made = all.into_iter().map(|(duration, discontinuous, changed, size)| {
            // Whatever changes interrupts.
            let before = map;
            map = changed.unwrap_or(map);
            Made { duration, discontinuous: discontinuous || map != before, map, size }
        });
        made.collect()
    })
}

fn listed(playlist: &Playlist, number: i64, made: &Made) -> Listed {
    let kind = if made.map.is_some() { "m4s" } else { "ts" };
    Listed {
        name: format!("{}.{kind}", playlist.next().0),
        duration: made.duration,
        discontinuous: made.discontinuous,
        at: Timestamp(1_700_000_000_000_000 + number * 2_000_000),
        map: made.map.map(|map| format!("{map}.mp4")),
        size: made.size,
        coding: Coding { codecs: vec!["avc1.64001F".to_owned()], resolution: Some((1280, 720)) },
    }
}

proptest! {
    #[test]
    fn lists_follow_each_other(segments in made(), most in 3_usize..8) {
        let mut playlist = Playlist::new(most);
        let (mut before, mut bandwidth) = (None, 0);
        for (number, made) in segments.iter().enumerate() {
            prop_assert_eq!(playlist.next().0, number as u64);
            playlist.push(listed(&playlist, i64::try_from(number).expect("few"), made));
            let list = read(&playlist.text("?s=1")).map_err(TestCaseError::fail)?;
            prop_assert!(list.entries.len() <= most + 33 && list.entries[0].uri.ends_with("?s=1"));
            let more: i64 = segments[..=number].iter().rev().take(most).map(|made| made.duration).sum();
            prop_assert!(list.entries.len() <= most || more < 6000, "{} segments", list.entries.len());
            let map = list.entries.last().expect("it was added").map.clone();
            prop_assert_eq!(map, made.map.map(|map| format!("{map}.mp4?s=1")));
            if let Some(before) = before {
                follows(&before, &list).map_err(TestCaseError::fail)?;
            }
            before = Some(list);
            let variant = variant(&playlist.multivariant("list?s=1").expect("there is a segment"));
            let variant = variant.map_err(TestCaseError::fail)?;
            prop_assert!(variant.bandwidth >= bandwidth, "it fell");
            bandwidth = variant.bandwidth;
            prop_assert_eq!(variant.uri, "list?s=1");
        }
        playlist.end();
        prop_assert!(read(&playlist.text("")).map_err(TestCaseError::fail)?.ended);
    }
}

#[test]
fn a_list_of_lists_tells_what_was_measured() {
    let mut playlist = Playlist::new(3);
    assert_eq!(playlist.multivariant("list"), None);
    for (number, size) in [500_000, 250_000, 125_000, 125_000].into_iter().enumerate() {
        let made = Made { duration: 2000, discontinuous: false, map: None, size };
        playlist.push(listed(&playlist, i64::try_from(number).expect("few"), &made));
    }
    let told = variant(&playlist.multivariant("list").expect("there are segments")).expect("no rule is broken");
    let expected = Variant {
        bandwidth: 2_000_000,
        average: 666_667,
        codecs: "avc1.64001F".to_owned(),
        resolution: Some("1280x720".to_owned()),
        uri: "list".to_owned(),
    };
    assert_eq!(told, expected);
}
