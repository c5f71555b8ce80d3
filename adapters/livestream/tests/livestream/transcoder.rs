//! What other programs make of segments: they are decoded by ffmpeg, which also encodes what is cut.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use object_store::local::LocalFileSystem;
use synctv_domain::{Position, RoomId, Timestamp};
use synctv_livestream::hls::{Segment, Segmenter, Shelf};
use synctv_livestream::media::Frame;
use ulid::Ulid;

use crate::cmaf::{Coding, cut};
use crate::fragments::{fragments, initialization};
use crate::listing::{read, variant};

/// A folder of a test's own.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("livestream-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("it can be written");
    folder
}

/// What it writes; it may complain of nothing.
fn run(program: &str, arguments: &[&str]) -> Vec<u8> {
    // An encoder of AV1 says what it is otherwise.
    let output = Command::new(program).env("SVT_LOG", "1").args(["-v", "error"]).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}, which scripts/install.sh installs: {error}"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.is_empty(), "{program} {arguments:?}: {said}");
    output.stdout
}

/// Eight seconds of pictures and sound, as an encoder makes them, and as its publisher sends them.
fn encoded(folder: &Path, video: Option<(&str, Coding)>, audio: (&str, Coding)) -> Vec<(Frame, i64)> {
    let source = folder.join("source.mp4");
    let mut arguments = vec!["-f", "lavfi", "-i", "sine=frequency=440:duration=8:sample_rate=48000"];
    if let Some((encoder, _)) = video {
        arguments.extend(["-f", "lavfi", "-i", "testsrc2=size=322x182:rate=25:duration=8", "-pix_fmt", "yuv420p"]);
        arguments.extend(["-map", "1:v", "-map", "0:a"]);
        arguments.extend(["-g", "50", "-c:v"]);
        arguments.extend(encoder.split(' '));
    }
    arguments.push("-c:a");
    arguments.extend(audio.0.split(' '));
    arguments.extend(["-movflags", "empty_moov+default_base_moof+frag_keyframe"]);
    arguments.extend([source.to_str().expect("a name")]);
    run("ffmpeg", &arguments);
    let bytes = std::fs::read(&source).expect("it was written");
    let tracks = initialization(&bytes).expect("ffmpeg keeps the rules");
    let codings: Vec<_> = video.map(|(_, coding)| coding).into_iter().chain([audio.1]).collect();
    let mut frames: Vec<_> = tracks
        .iter()
        .zip(&codings)
        .map(|(track, coding)| (coding.header(&record(*coding, &track.record)), 0))
        .collect();
    for held in fragments(&bytes).expect("ffmpeg keeps the rules") {
        for (track, coding) in tracks.iter().zip(&codings) {
            for sample in held.get(&track.id).into_iter().flatten() {
                let ms = |units: i64| units * 1000 / i64::from(track.rate);
                let (dts, pts) = (ms(sample.dts.cast_signed()), ms(sample.pts));
                let later = u32::try_from(pts - dts).expect("it is shown later");
                let frame = match coding {
                    Coding::Aac | Coding::Opus | Coding::Flac => coding.sound(&sample.content),
                    _ => coding.picture(sample.key, later, &sample.content),
                };
                frames.push((frame, dts));
            }
        }
    }
    frames.sort_by_key(|(_, time)| *time);
    frames
}

/// What a header of FLV has, from what a file has.
fn record(coding: Coding, found: &[u8]) -> Vec<u8> {
    match coding {
        Coding::Opus => {
            let [_, channels, skip @ .., family] = found else { panic!("no dOps: {found:?}") };
            let turned = |range: std::ops::Range<usize>| skip[range].iter().rev().copied().collect::<Vec<_>>();
            [b"OpusHead\x01", &[*channels][..], &turned(0..2), &turned(2..6), &turned(6..8), &[*family]].concat()
        }
        Coding::Aac => {
            let at = found.windows(4).position(|bytes| bytes == [5, 0x80, 0x80, 0x80]).expect("a decoder is described");
            found[at + 5..at + 5 + usize::from(found[at + 4])].to_vec()
        }
        // Behind the version of the box.
        Coding::Flac => [b"fLaC", &found[4..]].concat(),
        Coding::Vp9 => found[4..].to_vec(),
        _ => found.to_vec(),
    }
}

/// Sums of pictures, decoded, and of sound, as it is coded; by stream.
fn sums(input: &Path) -> Vec<(u8, String)> {
    let input = input.to_str().expect("a name");
    let arguments =
        ["-i", input, "-map", "0:v?", "-map", "0:a", "-c:v", "rawvideo", "-c:a", "copy", "-f", "framemd5", "-"];
    let text = String::from_utf8(run("ffmpeg", &arguments)).expect("text");
    let mut sums: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let fields: Vec<_> = line.split(',').map(str::trim).collect();
            (fields[0].parse().expect("a number"), fields[5].to_owned())
        })
        .collect();
    // How streams are interleaved says nothing.
    sums.sort_by_key(|(stream, _)| *stream);
    sums
}

/// Keeps segments in files, with their list; that list.
async fn shelved(folder: &Path, segments: &[Segment]) -> PathBuf {
    let store = Arc::new(LocalFileSystem::new_with_prefix(folder).expect("a folder"));
    let room = RoomId::new(Ulid(7));
    let mut shelf = Shelf::open(store, room, Position(1), 100).await.expect("nobody was here");
    for (segment, now) in segments.iter().zip(1..) {
        shelf.put(segment, Timestamp(now * 2_000_000)).await.expect("there is room");
    }
    shelf.end().await.expect("there is room");
    let folder = folder.join("live").join(room.to_string());
    std::fs::write(folder.join("index.m3u8"), shelf.playlist().text("")).expect("there is room");
    let all = shelf.playlist().multivariant("index.m3u8").expect("there are segments");
    std::fs::write(folder.join("all.m3u8"), all).expect("there is room");
    folder
}

/// What was encoded is decoded from the segments, picture for picture.
async fn survives(name: &str, video: Option<(&str, Coding)>, audio: (&str, Coding), codecs: &str) {
    let folder = folder(name);
    let frames = encoded(&folder, video, audio);
    let segments = cut(&mut Segmenter::new(Some(2)), &frames);
    // Eight seconds, and what encoders of sound add.
    assert!((4..=5).contains(&segments.len()), "{} segments", segments.len());
    let lists = shelved(&folder, &segments).await;
    let expected = sums(&folder.join("source.mp4"));
    let pictures = expected.iter().filter(|_| video.is_some()).filter(|(stream, _)| *stream == 0).count();
    assert_eq!(pictures, if video.is_some() { 200 } else { 0 });
    // In MPEG-TS frames of sound have a head of their own: there they are counted only.
    let packets = segments[0].initialization.is_none();
    let comparable = |sums: Vec<(u8, String)>| -> Vec<(u8, String)> {
        let sound = |stream: u8| packets && stream > 0;
        sums.into_iter().map(|(stream, sum)| (stream, if sound(stream) { String::new() } else { sum })).collect()
    };
    let expected = comparable(expected);
    let whole = segments[0].initialization.iter().chain(segments.iter().map(|segment| &segment.content));
    let whole = whole.flat_map(|bytes| bytes.iter().copied()).collect::<Vec<_>>();
    std::fs::write(folder.join("whole.mp4"), whole).expect("there is room");
    for input in [folder.join("whole.mp4"), lists.join("index.m3u8"), lists.join("all.m3u8")] {
        let found = comparable(sums(&input));
        assert!(found == expected, "{}: {} frames, not {}", input.display(), found.len(), expected.len());
    }
    let told = variant(&std::fs::read_to_string(lists.join("all.m3u8")).expect("text")).expect("no rule is broken");
    assert_eq!(told.codecs, codecs);
    assert_eq!(told.resolution.as_deref(), video.map(|_| "322x182"));
    let list = read(&std::fs::read_to_string(lists.join("index.m3u8")).expect("text")).expect("no rule is broken");
    assert_eq!((list.version, list.entries.len()), (if packets { 3 } else { 7 }, segments.len()));
    std::fs::remove_dir_all(folder).expect("it was made");
}

#[tokio::test]
async fn h264_and_aac_are_decoded_from_packets() {
    let h264 = "libx264 -preset veryfast -bf 2 -profile:v high";
    survives("h264-aac", Some((h264, Coding::H264)), ("aac", Coding::Aac), "avc1.64000D,mp4a.40.2").await;
}

#[tokio::test]
async fn hevc_and_aac_are_decoded_from_fragments() {
    let hevc =
        "libx265 -tag:v hvc1 -preset ultrafast -x265-params log-level=error:bframes=3:b-adapt=0:scenecut=0:open-gop=0";
    survives("hevc-aac", Some((hevc, Coding::Hevc)), ("aac", Coding::Aac), "hvc1.1.6.L60.90,mp4a.40.2").await;
}

#[tokio::test]
async fn av1_and_opus_are_decoded_from_fragments() {
    let av1 = "libsvtav1 -preset 12";
    survives("av1-opus", Some((av1, Coding::Av1)), ("libopus", Coding::Opus), "av01.0.00M.08,opus").await;
}

#[tokio::test]
async fn h264_and_opus_are_decoded_from_fragments() {
    let h264 = "libx264 -preset veryfast -bf 2 -profile:v high";
    survives("h264-opus", Some((h264, Coding::H264)), ("libopus", Coding::Opus), "avc1.64000D,opus").await;
}

#[tokio::test]
async fn vp9_and_flac_are_decoded_from_fragments() {
    let vp9 = "libvpx-vp9 -deadline realtime -cpu-used 8";
    survives("vp9-flac", Some((vp9, Coding::Vp9)), ("flac -strict -2", Coding::Flac), "vp09.00.11.08,fLaC").await;
}

#[tokio::test]
async fn opus_alone_is_decoded_from_fragments() {
    survives("opus", None, ("libopus", Coding::Opus), "opus").await;
}
