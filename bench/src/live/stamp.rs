//! When a frame was sent, in the frame itself: a message for whoever knows its id, which decoders pass over.

use std::time::{SystemTime, UNIX_EPOCH};

/// Nobody else's; no byte is 0, so that nothing in the message needs escaping.
const ID: [u8; 16] = *b"\x9d\x3a\xf1\x27\x5c\x84\x4e\x61\xb2\x0e\xd7\x48\x13\xc9\x6a\xf5";
/// Behind the length: supplemental information of H.264, of a kind that has an id, and its size.
const HEAD: [u8; 3] = [6, 5, 32];
/// Sixteen digits and the bit that ends it.
const NAL: usize = HEAD.len() + ID.len() + 16 + 1;
/// Codec, kind and composition time stand before the first unit of a frame.
const FRAME_HEADER: usize = 5;
/// Of a frame's content it suffices to see so much.
pub const SEEN: usize = FRAME_HEADER + 4 + NAL;

/// µs since 1970, by the clock that all processes of this machine share.
#[expect(clippy::disallowed_methods, reason = "both ends of the way are on this machine")]
pub fn now_us() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Appends the frame, with the time in front of its units.
pub fn put(out: &mut Vec<u8>, frame: &[u8], at_us: u64) {
    let (head, units) = frame.split_at(FRAME_HEADER.min(frame.len()));
    out.extend_from_slice(head);
    out.extend_from_slice(&u32::try_from(NAL).unwrap_or_default().to_be_bytes());
    out.extend_from_slice(&HEAD);
    out.extend_from_slice(&ID);
    out.extend_from_slice(format!("{at_us:016x}").as_bytes());
    out.push(0x80);
    out.extend_from_slice(units);
}

/// The time in the beginning of a frame.
pub fn find(frame: &[u8]) -> Option<u64> {
    let unit = frame.get(FRAME_HEADER + 4..SEEN)?;
    let digits = unit.strip_prefix(&HEAD)?.strip_prefix(&ID)?.get(..16)?;
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_frame_is_found_again_and_its_units_follow() {
        let mut sent = Vec::new();
        put(&mut sent, b"\x27\x01\0\0\0\0\0\0\x02\x65\x88", 1_763_800_000_123_456);
        assert_eq!(find(&sent), Some(1_763_800_000_123_456));
        assert_eq!(&sent[SEEN..], b"\0\0\0\x02\x65\x88");
        assert_eq!(sent[FRAME_HEADER..FRAME_HEADER + 4], 36_u32.to_be_bytes());
        assert_eq!(find(b"\x27\x01\0\0\0\0\0\0\x02\x65\x88"), None);
    }
}
