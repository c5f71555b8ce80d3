//! Any bytes as the content of frames: what describes the coding, and what is coded, on its way to viewers and into segments.

#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use synctv_livestream::hls::{PACKET, Segmenter};
use synctv_livestream::hub::Headers;
use synctv_livestream::media::Frame;

fuzz_target!(|bytes: &[u8]| {
    let (mut segmenter, mut headers, mut time) = (Segmenter::new(None), Headers::default(), 0_u32);
    let mut rest = bytes;
    // The track, how much later it is, and how long.
    while let [track, later, length, behind @ ..] = rest {
        let (body, behind) = behind.split_at(usize::from(*length).min(behind.len()));
        rest = behind;
        time = time.wrapping_add(u32::from(*later) * 8);
        let body = Bytes::copy_from_slice(body);
        let frame = if track & 1 == 0 { Frame::video(time, body) } else { Frame::audio(time, body) };
        let Some(frame) = frame else { continue };
        headers = headers.with(&frame).unwrap_or(headers);
        if let Some(segment) = segmenter.push(&frame, i64::from(time)) {
            let fragment = segment.initialization.is_some() && segment.content.get(4..8) == Some(b"moof");
            assert!(segment.duration > 0 && (fragment || segment.content.len().is_multiple_of(PACKET)));
        }
    }
    let _ = (segmenter.finish(), headers.beginning(0));
});
