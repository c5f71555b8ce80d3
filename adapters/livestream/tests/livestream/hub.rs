//! What viewers get of what a publisher sends.

use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;
use rml_amf0::Amf0Value;
use synctv_livestream::hub::{Bounds, Settings, Stream, Viewer};
use synctv_livestream::media::{Frame, TagKind};

/// A tag of FLV: its type, its time and its content.
type Tag = (u8, u32, Vec<u8>);

pub(crate) fn tags(mut bytes: &[u8]) -> Vec<Tag> {
    let mut tags = Vec::new();
    while !bytes.is_empty() {
        let length = usize::from(bytes[1]) << 16 | usize::from(bytes[2]) << 8 | usize::from(bytes[3]);
        let time = u32::from_be_bytes([bytes[7], bytes[4], bytes[5], bytes[6]]);
        tags.push((bytes[0], time, bytes[11..11 + length].to_vec()));
        let behind = u32::from_be_bytes(bytes[11 + length..15 + length].try_into().expect("four"));
        assert_eq!(behind as usize, 11 + length, "what stands behind a tag is its length");
        bytes = &bytes[15 + length..];
    }
    tags
}

fn audio(time: u32, number: u32) -> Frame {
    Frame::audio(time, Bytes::from([&[0xAF, 1][..], &number.to_be_bytes()].concat())).expect("a frame")
}

fn picture(time: u32, number: u32, key: bool) -> Frame {
    let first = if key { 0x17 } else { 0x27 };
    Frame::video(time, Bytes::from([&[first, 1, 0, 0, 0][..], &number.to_be_bytes()].concat())).expect("a frame")
}

fn header(content: u8) -> Frame {
    Frame::video(0, Bytes::from(vec![0x17, 0, 0, 0, 0, content])).expect("a frame")
}

fn described(names: &[&str]) -> Vec<Amf0Value> {
    let properties = names.iter().map(|name| ((*name).to_owned(), Amf0Value::Number(7.0))).collect();
    vec![Amf0Value::Utf8String("onMetaData".to_owned()), Amf0Value::Object(properties)]
}

fn send(stream: &Stream, frame: &Frame) {
    stream.push(frame);
    stream.flush();
}

/// Everything that is there for a viewer.
async fn read(viewer: &mut Viewer) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Ok(Some(watched)) = tokio::time::timeout(Duration::ZERO, viewer.next()).await {
        bytes.extend(watched.headers.into_iter().flatten());
        bytes.extend(watched.tags);
    }
    bytes
}

/// The numbers of frames, as they come.
fn numbers(tags: &[Tag]) -> Vec<u32> {
    let numbered = |(kind, _, body): &Tag| match (*kind, body.len()) {
        (8, 6) => Some(u32::from_be_bytes(body[2..6].try_into().expect("four"))),
        (9, 9) => Some(u32::from_be_bytes(body[5..9].try_into().expect("four"))),
        _ => None,
    };
    tags.iter().filter_map(numbered).collect()
}

#[tokio::test(start_paused = true)]
async fn what_cuts_a_stream_begins_at_the_first_place_that_is_kept() {
    let stream = Stream::new(Settings::default());
    for second in 0..3 {
        stream.push(&picture(second * 1000, second, true));
        stream.push(&picture(second * 1000 + 500, second, false));
    }
    stream.end();
    let (mut viewer, mut cutter) = (stream.watch(), stream.tap());
    assert_eq!(stream.stats().viewers, 1);
    assert_eq!(viewer.next().await.map(|watched| watched.time), Some(2000));
    assert_eq!(cutter.next().await.map(|watched| watched.time), Some(0));
}

#[tokio::test(start_paused = true)]
async fn who_begins_gets_what_describes_the_stream_and_all_since_the_last_key_frame() {
    let stream = Stream::new(Settings::default());
    stream.describe(described(&["videocodecid", "audiocodecid", "duration", "width"]));
    let mut early = stream.watch();
    assert!(read(&mut early).await.is_empty(), "nothing can be shown yet");
    stream.push(&header(1));
    for number in 0..20 {
        stream.push(&picture(number * 40, number, number % 8 == 0));
        stream.push(&audio(number * 40 + 5, 100 + number));
    }
    stream.flush();
    let all = read(&mut early).await;
    assert_eq!(&all[..13], [b'F', b'L', b'V', 1, 5, 0, 0, 0, 9, 0, 0, 0, 0]);
    let tags_of_all = tags(&all[13..]);
    assert_eq!((tags_of_all[0].0, tags_of_all[1].2[1]), (TagKind::Script as u8, 0), "{tags_of_all:?}");
    let script = String::from_utf8_lossy(&tags_of_all[0].2).into_owned();
    assert!(["hasAudio", "hasVideo", "width"].iter().all(|name| script.contains(name)), "{script}");
    assert!(!script.contains("duration"), "{script}");
    // From the key frame 16 on.
    assert_eq!(numbers(&tags_of_all), [16, 116, 17, 117, 18, 118, 19, 119]);
    assert_eq!(read(&mut stream.watch()).await, all);
    stream.push(&picture(800, 20, false));
    stream.end();
    assert_eq!(numbers(&tags(&read(&mut early).await)), [20]);
    assert_eq!(stream.stats().gop_ms, 320);
}

#[tokio::test]
async fn what_was_pushed_is_sent_together_and_sound_waits_for_pictures_for_a_moment() {
    let stream = Stream::new(Settings { hold_ms: 40, ..Settings::default() });
    let mut viewer = stream.watch();
    stream.push(&picture(0, 0, true));
    stream.push(&picture(10, 1, false));
    assert!(read(&mut viewer).await.is_empty());
    stream.flush();
    assert_eq!(numbers(&tags(&viewer.next().await.expect("it is there").tags)), [0, 1]);
    let sound = |number| send(&stream, &audio(number * 20, number));
    sound(2);
    sound(3);
    assert!(read(&mut viewer).await.is_empty());
    send(&stream, &picture(70, 4, false));
    assert_eq!(numbers(&tags(&viewer.next().await.expect("it is there").tags)), [2, 3, 4]);
    // Should none come.
    (5..8).for_each(sound);
    assert_eq!(numbers(&tags(&viewer.next().await.expect("it is there").tags)), [5, 6, 7]);
    // What waits at the end is sent.
    sound(8);
    stream.end();
    assert_eq!(numbers(&tags(&viewer.next().await.expect("it is there").tags)), [8]);
    assert!(viewer.next().await.is_none());
}

#[tokio::test]
async fn sound_that_comes_without_pictures_waits_for_none() {
    let stream = Stream::new(Settings::default());
    let mut viewer = stream.watch();
    send(&stream, &audio(0, 1));
    assert_eq!(numbers(&tags(&viewer.next().await.expect("it is there").tags)), [1]);
}

#[tokio::test(start_paused = true)]
async fn who_is_late_goes_on_at_the_next_key_frame_and_others_see_everything() {
    let bounds = Bounds { span_ms: 1000, late_ms: 200, ..Bounds::default() };
    let stream = Stream::new(Settings { bounds, ..Settings::default() });
    let (mut quick, mut slow) = (stream.watch(), stream.watch());
    stream.push(&header(1));
    let mut seen = Vec::new();
    for number in 0..100 {
        if number == 60 {
            stream.push(&header(2));
        }
        send(&stream, &picture(number * 40, number, number % 10 == 0));
        seen.extend(quick.next().await.expect("it is live").tags);
        if number == 60 {
            // What describes the pictures anew comes before them.
            seen.extend(quick.next().await.expect("it is live").tags);
        }
        if number == 5 {
            let begun = read(&mut slow).await;
            assert_eq!(numbers(&tags(&begun[13..])), [0, 1, 2, 3, 4, 5]);
        }
    }
    assert_eq!(numbers(&tags(&seen)), (0..100).collect::<Vec<_>>());
    let later = tags(&read(&mut slow).await);
    assert_eq!(later[1].2[5], 2, "what describes it comes first: {later:?}");
    assert_eq!(numbers(&later), (90..100).collect::<Vec<_>>());
    assert_eq!((stream.stats().skips, stream.stats().viewers), (1, 2));
    stream.end();
    assert!(quick.next().await.is_none() && slow.next().await.is_none());
    drop((quick, slow));
    assert_eq!(stream.stats().viewers, 0);
}

#[tokio::test]
async fn who_is_furthest_behind_is_told_but_for_what_was_there_when_they_began() {
    let stream = Stream::new(Settings::default());
    let delay = || stream.stats().delay_ms;
    send(&stream, &picture(0, 0, true));
    send(&stream, &picture(1500, 1, false));
    let (mut one, mut other) = (stream.watch(), stream.watch());
    for viewer in [&mut one, &mut other] {
        read(viewer).await;
    }
    assert_eq!(delay(), 0, "they began with what was there");
    for time in [1540, 1580, 1900] {
        send(&stream, &picture(time, time, false));
        one.next().await.expect("it goes on");
    }
    assert_eq!(delay(), 0, "this one takes what comes");
    other.next().await.expect("it goes on");
    assert_eq!(delay(), 360, "the other one takes at 1900 what came at 1540");
    read(&mut other).await;
    assert_eq!(delay(), 360, "it was that far behind of late");
    stream.forget_delay();
    assert_eq!(delay(), 0);
}

#[tokio::test]
async fn what_is_no_description_is_passed_on_to_nobody_and_what_is_one_is_in_memory_once() {
    let stream = Stream::new(Settings::default());
    stream.push(&Frame::video(0, Bytes::from([&[0x17, 0, 0, 0, 0][..], &[7; 20 << 10]].concat())).expect("a frame"));
    stream.push(&header(1));
    send(&stream, &picture(0, 0, true));
    let first = stream.watch().next().await.expect("it is live");
    let second = stream.watch().next().await.expect("it is live");
    let (first, second) = (first.headers.expect("it begins"), second.headers.expect("it begins"));
    assert_eq!(first.as_ptr(), second.as_ptr());
    assert!(first.len() < 200, "{} bytes", first.len());
}

#[tokio::test]
async fn what_the_publisher_says_later_gets_to_who_watches_and_is_bounded() {
    let bounds = Bounds { bytes: 10_000, ..Bounds::default() };
    let stream = Stream::new(Settings { bounds, ..Settings::default() });
    let mut viewer = stream.watch();
    send(&stream, &picture(0, 0, true));
    viewer.next().await.expect("it is live");
    stream.describe(described(&["height"]));
    send(&stream, &picture(40, 1, false));
    let seen = tags(&read(&mut viewer).await);
    assert_eq!(seen.iter().map(|(kind, ..)| *kind).collect::<Vec<_>>(), [18, 9], "{seen:?}");
    assert!(String::from_utf8_lossy(&seen[0].2).contains("height"));
    for number in 0..1000 {
        stream.describe(described(&[&format!("number{number}")]));
    }
    stream.flush();
    assert!(stream.stats().kept <= 10_000, "{} bytes", stream.stats().kept);
}

#[tokio::test(start_paused = true)]
async fn without_pictures_one_can_begin_every_second() {
    let stream = Stream::new(Settings::default());
    for number in 0..100 {
        send(&stream, &audio(number * 23, number));
    }
    let begun = read(&mut stream.watch()).await;
    assert_eq!(begun[4], 4, "only sound");
    assert_eq!(numbers(&tags(&begun[13..])), (88..100).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn one_can_begin_with_sound_where_promised_pictures_do_not_come_or_have_stopped() {
    let said = |value| {
        let properties = [("videocodecid".to_owned(), value), ("audiocodecid".to_owned(), Amf0Value::Number(10.0))];
        vec![Amf0Value::Utf8String("onMetaData".to_owned()), Amf0Value::Object(properties.into())]
    };
    for (value, flags, first) in [(0.0, 4, 40), (7.0, 5, 31)] {
        let stream = Stream::new(Settings::default());
        stream.describe(said(Amf0Value::Number(value)));
        for number in 0..=40 {
            send(&stream, &audio(number * 100, number));
        }
        let bytes = read(&mut stream.watch()).await;
        assert_eq!(bytes.get(4), Some(&flags), "what there is, or may still come");
        assert_eq!(numbers(&tags(&bytes[13..])).first(), Some(&first), "{value}");
    }
    // What describes pictures is none.
    let stream = Stream::new(Settings::default());
    send(&stream, &header(1));
    for number in 0..=40 {
        send(&stream, &audio(number * 100, number));
    }
    assert!(!read(&mut stream.watch()).await.is_empty(), "one can begin");

    let stream = Stream::new(Settings::default());
    send(&stream, &picture(0, 0, true));
    for number in 1..=130 {
        send(&stream, &audio(number * 100, number));
        // Until then the picture is there to begin with.
        assert_eq!(stream.stats().gop_ms == 0, number <= 120, "{number}");
    }
    let bytes = read(&mut stream.watch()).await;
    assert_eq!(numbers(&tags(&bytes[13..])).first(), Some(&121));
}

#[tokio::test(start_paused = true)]
async fn another_publisher_goes_on_where_the_last_one_stopped() {
    let stream = Stream::new(Settings::default());
    let mut viewer = stream.watch();
    for number in 0..3 {
        send(&stream, &picture(5_000_000 + number * 40, number, number == 0));
    }
    let before = read(&mut viewer).await;
    let next = Stream::after(Settings::default(), &stream);
    let mut viewer = next.watch();
    for number in 3..6 {
        send(&next, &picture((number - 3) * 40, number, number == 3));
    }
    let after = read(&mut viewer).await;
    let times = |seen: &[u8]| tags(&seen[13..]).into_iter().skip(1).map(|(_, time, _)| time).collect::<Vec<_>>();
    assert_eq!((times(&before), times(&after)), (vec![0, 40, 80], vec![120, 160, 200]));
}

proptest! {
    #[test]
    fn what_is_kept_is_bounded_whatever_is_sent(
        frames in prop::collection::vec((0_u32..500, 0_usize..5000, prop::bool::weighted(0.05), any::<bool>()), 1..300),
        span_ms in 100_i64..5000, frames_most in 2_usize..200, bytes in 2000_usize..100_000,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        let _entered = runtime.enter();
        let bounds = Bounds { bytes, frames: frames_most, span_ms, late_ms: 100 };
        let stream = Stream::new(Settings { hold_ms: 0, bounds });
        let mut time = 0;
        for (later, length, key, sound) in frames {
            time += later;
            let body = Bytes::from([&[if sound { 0xAF } else if key { 0x17 } else { 0x27 }, 1][..], &vec![0; length]].concat());
            let frame = if sound { Frame::audio(time, body) } else { Frame::video(time, body) };
            send(&stream, &frame.expect("a frame"));
            // One batch is kept however long it is.
            prop_assert!(stream.stats().kept <= bytes.max(6000), "{}", stream.stats().kept);
        }
    }

    #[test]
    fn anything_is_a_frame_or_none(body in prop::collection::vec(any::<u8>(), 0..20), time in any::<u32>()) {
        let body = Bytes::from(body);
        for frame in [Frame::audio(time, body.clone()), Frame::video(time, body)].into_iter().flatten() {
            let _ = Stream::new(Settings::default()).headers().with(&frame);
        }
    }
}
