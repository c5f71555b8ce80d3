//! Messages out of chunks.

use bytes::Bytes;
use proptest::prelude::*;
use synctv_livestream::rtmp::{ChunkError, Demuxer, Message, kind};

/// Feeds bytes so many at a time; the messages, until something is wrong.
fn read(bytes: &[u8], at_once: usize) -> (Vec<Message>, Option<ChunkError>) {
    let (mut demuxer, mut messages) = (Demuxer::default(), Vec::new());
    for piece in bytes.chunks(at_once) {
        demuxer.buffer().extend_from_slice(piece);
        loop {
            match demuxer.message() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => return (messages, Some(error)),
            }
        }
    }
    (messages, None)
}

fn error(bytes: &[u8]) -> Option<ChunkError> {
    read(bytes, usize::MAX).1
}

fn message(kind: u8, timestamp: u32, content: &[u8]) -> Message {
    Message { kind, stream: 1, timestamp, payload: Bytes::copy_from_slice(content) }
}

/// A header that leaves nothing out.
fn full(stream: u8, timestamp: u32, length: usize, kind: u8) -> Vec<u8> {
    let mut header = vec![stream];
    header.extend_from_slice(&timestamp.min(0xFF_FFFF).to_be_bytes()[1..]);
    header.extend_from_slice(&u32::try_from(length).expect("short").to_be_bytes()[1..]);
    header.push(kind);
    header.extend_from_slice(&1_u32.to_le_bytes());
    if timestamp >= 0xFF_FFFF {
        header.extend_from_slice(&timestamp.to_be_bytes());
    }
    header
}

fn chunk_size(size: u32) -> Vec<u8> {
    [full(2, 0, 4, kind::CHUNK_SIZE), size.to_be_bytes().to_vec()].concat()
}

/// A publisher with several messages under way, each on a chunk stream of its own, who takes turns as told.
#[derive(Debug)]
struct Turns {
    size: usize,
    /// Of each chunk stream, its messages: time and length.
    messages: Vec<Vec<(u32, usize)>>,
    turns: Vec<prop::sample::Index>,
    repeats_extended: bool,
}

impl Turns {
    fn content(stream: usize, number: usize, length: usize) -> Vec<u8> {
        (0..length).map(|at| u8::try_from((at * 7 + stream * 31 + number) % 251).expect("below")).collect()
    }

    /// What is sent, and the messages in the order in which they end.
    fn written(&self) -> (Vec<u8>, Vec<Message>) {
        let mut bytes = chunk_size(u32::try_from(self.size).expect("small"));
        let mut expected = Vec::new();
        // Of each chunk stream: the message, and how much of it was sent.
        let mut at = vec![(0, 0); self.messages.len()];
        let mut turns = self.turns.iter().cycle();
        loop {
            let left: Vec<_> = (0..at.len()).filter(|stream| at[*stream].0 < self.messages[*stream].len()).collect();
            if left.is_empty() {
                return (bytes, expected);
            }
            let stream = left[turns.next().expect("endless").index(left.len())];
            let (number, sent) = at[stream];
            let (timestamp, length) = self.messages[stream][number];
            let content = Self::content(stream, number, length);
            let id = u8::try_from(stream).expect("few") + 3;
            if sent == 0 {
                bytes.extend(full(id, timestamp, length, kind::VIDEO));
            } else {
                bytes.push(0xC0 | id);
                if timestamp >= 0xFF_FFFF && self.repeats_extended {
                    bytes.extend_from_slice(&timestamp.to_be_bytes());
                }
            }
            let end = (sent + self.size).min(length);
            bytes.extend_from_slice(&content[sent..end]);
            at[stream] = if end == length {
                expected.push(message(kind::VIDEO, timestamp, &content));
                (number + 1, 0)
            } else {
                (number, end)
            };
        }
    }
}

fn turns() -> impl Strategy<Value = Turns> {
    let time = prop_oneof![0_u32..100_000, 0xFF_FFF0_u32..0x100_0010, any::<u32>()];
    let messages = prop::collection::vec(prop::collection::vec((time, 0_usize..2000), 0..5), 1..6);
    let turns = prop::collection::vec(any::<prop::sample::Index>(), 1..50);
    (1_usize..600, messages, turns, any::<bool>()).prop_map(|(size, messages, turns, repeats_extended)| Turns {
        size,
        messages,
        turns,
        repeats_extended,
    })
}

proptest! {
    #[test]
    fn messages_may_be_interleaved_and_cut_anywhere(turns in turns(), at_once in 1_usize..5000) {
        let (bytes, expected) = turns.written();
        let (mut messages, error) = read(&bytes, at_once);
        prop_assert_eq!(error, None);
        // Four bytes may be a repeated time: the last message of who does not repeat it may wait for what comes next.
        if !turns.repeats_extended && messages.len() + 1 == expected.len() {
            messages.extend(expected.last().cloned());
        }
        prop_assert_eq!(messages, expected);
    }

    #[test]
    fn anything_is_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..2000), at_once in 1_usize..300) {
        let _ = read(&bytes, at_once);
    }
}

#[test]
fn times_are_told_whole_or_by_what_was_added_and_wrap() {
    let bytes = [
        full(4, u32::MAX - 10, 1, kind::AUDIO),
        vec![1],
        // 20 ms later.
        [vec![0x44, 0, 0, 20, 0, 0, 1, kind::AUDIO], vec![2]].concat(),
        [vec![0x84, 0, 0, 20], vec![3]].concat(),
        [vec![0xC4], vec![4]].concat(),
    ];
    let times: Vec<_> = read(&bytes.concat(), 1).0.iter().map(|message| message.timestamp).collect();
    assert_eq!(times, [u32::MAX - 10, 9, 29, 49]);
    // After a whole time the next one without any is as much later as that was.
    let bytes = [full(4, 20, 1, kind::AUDIO), vec![1, 0xC4, 2]].concat();
    let times: Vec<_> = read(&bytes, 1).0.iter().map(|message| message.timestamp).collect();
    assert_eq!(times, [20, 40]);
}

#[test]
fn long_names_of_chunk_streams_are_names() {
    let named = |name: &[u8]| [name, &full(0, 5, 1, kind::AUDIO)[1..], &[9]].concat();
    for name in [&[0x00, 0][..], &[0x00, 255], &[0x01, 0, 0], &[0x01, 255, 255], &[0x3F]] {
        assert_eq!(read(&named(name), 1), (vec![message(kind::AUDIO, 5, &[9])], None), "{name:?}");
    }
}

#[test]
fn sizes_of_chunks_and_aborts_are_obeyed() {
    let long = vec![7; 1000];
    let first = [full(4, 0, 1000, kind::VIDEO), long[..128].to_vec()].concat();
    let abort = [full(2, 0, 4, kind::ABORT), vec![0, 0, 0, 4]].concat();
    let whole = [full(4, 0, 1000, kind::VIDEO), long.clone()].concat();
    let bytes = [first.clone(), abort, chunk_size(1000), whole].concat();
    assert_eq!(read(&bytes, usize::MAX), (vec![message(kind::VIDEO, 0, &long)], None));
    // In the middle of a message.
    let bytes = [first, chunk_size(0x7FFF_FFFF), vec![0xC4], long[128..].to_vec()].concat();
    assert_eq!(read(&bytes, 3), (vec![message(kind::VIDEO, 0, &long)], None));
    for size in [0, 1 << 31, u32::MAX] {
        assert_eq!(error(&chunk_size(size)), Some(ChunkError::Malformed(kind::CHUNK_SIZE)), "{size}");
    }
    let short = [full(2, 0, 3, kind::CHUNK_SIZE), vec![0; 3]].concat();
    assert_eq!(error(&short), Some(ChunkError::Malformed(kind::CHUNK_SIZE)));
}

#[test]
fn what_no_encoder_sends_is_refused() {
    assert_eq!(error(&[0xC4, 0, 0, 0, 0]), Some(ChunkError::NothingBefore(4)));
    assert_eq!(error(&[0x84, 0, 0, 0, 0]), Some(ChunkError::NothingBefore(4)));
    let unfinished = [full(4, 0, 1000, kind::VIDEO), vec![0; 128], full(4, 0, 1000, kind::VIDEO)].concat();
    assert_eq!(error(&unfinished), Some(ChunkError::Unfinished(4)));
    let many: Vec<_> = (3..20).flat_map(|stream| full(stream, 0, 0, kind::AUDIO)).collect();
    assert_eq!(error(&many), Some(ChunkError::TooManyStreams));
    for (kind, length) in [(kind::VIDEO, (8 << 20) + 1), (kind::COMMAND, 20_000), (kind::WINDOW, 100), (99, 100_000)] {
        assert!(matches!(error(&full(4, 0, length, kind)), Some(ChunkError::TooLong { .. })), "{kind}");
    }
    let announced: Vec<_> =
        (3..6).flat_map(|stream| [full(stream, 0, 8 << 20, kind::VIDEO), vec![0; 128]].concat()).collect();
    assert_eq!(error(&announced), Some(ChunkError::TooMuch { most: 16 << 20 }));
    // Of who may not publish yet, all together.
    let announced: Vec<_> =
        (3..6).flat_map(|stream| [full(stream, 0, 6 << 10, kind::DATA), vec![0; 128]].concat()).collect();
    let mut stranger = Demuxer::stranger();
    stranger.buffer().extend_from_slice(&announced);
    assert_eq!(stranger.message(), Err(ChunkError::TooMuch { most: 16 << 10 }));
}

#[test]
fn what_is_announced_takes_no_memory_before_it_comes() {
    let mut demuxer = Demuxer::default();
    demuxer
        .buffer()
        .extend_from_slice(&[chunk_size(1 << 20), full(4, 0, 8 << 20, kind::VIDEO), vec![1; 1000]].concat());
    assert_eq!(demuxer.message(), Ok(None));
    assert!(demuxer.held() < 20_000, "{} bytes", demuxer.held());
}
