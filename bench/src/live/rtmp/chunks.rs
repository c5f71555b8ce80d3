//! Chunks as messages. Of frames only the beginning is kept: nobody looks at the rest.

use super::CHUNK_SIZE;
use crate::live::source::{AUDIO, VIDEO, big_endian};
use crate::live::stamp::SEEN;

const EXTENDED: u32 = 0xFF_FFFF;

/// What is known of the messages of a chunk stream.
#[derive(Default, Clone)]
struct Stream {
    id: u32,
    kind: u8,
    length: usize,
    extended: bool,
    /// Of the message under way.
    missing: usize,
    kept: Vec<u8>,
}

/// What was received of one connection.
pub struct Chunks {
    size: usize,
    streams: Vec<Stream>,
    /// Of a header that is not whole yet.
    head: Vec<u8>,
    /// The stream that a chunk is under way of, and how much of the chunk is missing.
    body: Option<(usize, usize)>,
}

impl Default for Chunks {
    fn default() -> Self {
        Self { size: 128, streams: Vec::new(), head: Vec::new(), body: None }
    }
}

impl Chunks {
    /// Tells of every message that is whole: its kind, and its content or the beginning of it.
    pub fn feed(&mut self, mut bytes: &[u8], mut tell: impl FnMut(u8, &[u8])) {
        while !bytes.is_empty() {
            let Some((number, missing)) = self.body else {
                self.body = self.header(&mut bytes);
                continue;
            };
            let (now, rest) = bytes.split_at(missing.min(bytes.len()));
            bytes = rest;
            let stream = &mut self.streams[number];
            let most = if matches!(stream.kind, AUDIO | VIDEO) { SEEN } else { usize::MAX };
            let wanted = most.saturating_sub(stream.kept.len()).min(now.len());
            stream.kept.extend_from_slice(&now[..wanted]);
            stream.missing -= now.len();
            self.body = (missing > now.len()).then_some((number, missing - now.len()));
            if self.body.is_none() && stream.missing == 0 {
                if stream.kind == CHUNK_SIZE && stream.kept.len() == 4 {
                    self.size = (big_endian(&stream.kept) as usize).max(1);
                }
                tell(stream.kind, &stream.kept);
                stream.kept.clear();
            }
        }
    }

    /// Takes of a header what there is; gives the body that follows when it is whole.
    fn header(&mut self, bytes: &mut &[u8]) -> Option<(usize, usize)> {
        while let Some((first, rest)) = bytes.split_first() {
            self.head.push(*first);
            *bytes = rest;
            if self.head.len() == self.header_length() {
                return Some(self.open());
            }
        }
        None
    }

    /// How long it is, as far as can be told from its beginning.
    fn header_length(&self) -> usize {
        let basic = basic_length(self.head[0]);
        let message = message_length(self.head[0]);
        let time = self.head.get(basic..basic + 3).filter(|_| message > 0).map(big_endian);
        let extended = match time {
            Some(time) => time == EXTENDED,
            None if message == 0 && self.head.len() >= basic => self.known(self.id()).is_some_and(|of| of.extended),
            None => false,
        };
        basic + message + if extended { 4 } else { 0 }
    }

    fn id(&self) -> u32 {
        match (self.head[0] & 63, &self.head[..]) {
            (0, [_, low, ..]) => 64 + u32::from(*low),
            (1, [_, low, high, ..]) => 64 + u32::from(*low) + 256 * u32::from(*high),
            (id, _) => u32::from(id),
        }
    }

    fn known(&self, id: u32) -> Option<&Stream> {
        self.streams.iter().find(|stream| stream.id == id)
    }

    fn open(&mut self) -> (usize, usize) {
        let id = self.id();
        let number = self.streams.iter().position(|stream| stream.id == id).unwrap_or_else(|| {
            self.streams.push(Stream { id, ..Stream::default() });
            self.streams.len() - 1
        });
        let head = std::mem::take(&mut self.head);
        let (fields, stream) = (&head[basic_length(head[0])..], &mut self.streams[number]);
        if let Some(time) = fields.get(..3).filter(|_| message_length(head[0]) > 0) {
            stream.extended = big_endian(time) == EXTENDED;
        }
        if message_length(head[0]) >= 7 {
            stream.length = big_endian(&fields[3..6]) as usize;
            stream.kind = fields[6];
        }
        if stream.missing == 0 {
            stream.missing = stream.length;
        }
        (number, stream.missing.min(self.size))
    }
}

fn basic_length(first: u8) -> usize {
    match first & 63 {
        0 => 2,
        1 => 3,
        _ => 1,
    }
}

fn message_length(first: u8) -> usize {
    [11, 7, 3, 0][usize::from(first >> 6)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::rtmp::{COMMAND, Writer};

    #[test]
    fn messages_come_out_as_they_went_in_however_the_bytes_are_cut() {
        let (mut sent, frame) = (Vec::new(), vec![7; 10_000]);
        let writer = Writer::new(4096, &mut sent);
        writer.put(&mut sent, (COMMAND, 0, 0), &[1; 5000]);
        writer.put(&mut sent, (VIDEO, 1, 40), &frame);
        writer.put(&mut sent, (AUDIO, 1, 41), b"sound");
        for cut in [1, 3, 100, sent.len()] {
            let (mut chunks, mut heard) = (Chunks::default(), Vec::new());
            for part in sent.chunks(cut) {
                chunks.feed(part, |kind, content| heard.push((kind, content.to_vec())));
            }
            let expected = [
                (CHUNK_SIZE, vec![0, 0, 16, 0]),
                (COMMAND, vec![1; 5000]),
                (VIDEO, vec![7; SEEN]),
                (AUDIO, b"sound".to_vec()),
            ];
            assert!(heard == expected, "cut after every {cut} bytes");
        }
    }

    #[test]
    fn a_header_that_leaves_out_what_did_not_change_means_the_same_again() {
        let (mut sent, mut chunks, mut heard) = (Vec::new(), Chunks::default(), Vec::new());
        let writer = Writer::new(128, &mut sent);
        sent.clear();
        writer.put(&mut sent, (AUDIO, 1, 0), b"one");
        sent.extend_from_slice(b"\x84\0\0\x17two");
        sent.extend_from_slice(b"\x44\0\0\x17\0\0\x05\x08three");
        sent.extend_from_slice(b"\xC4again");
        chunks.feed(&sent, |_, content| heard.push(String::from_utf8_lossy(content).into_owned()));
        assert_eq!(heard, ["one", "two", "three", "again"]);
    }
}
