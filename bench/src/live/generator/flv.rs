//! Tags of a stream, of which only the beginning is looked at.

use crate::live::source::big_endian;
use crate::live::stamp::SEEN;

const FILE_HEADER: usize = 13;
const TAG_HEADER: usize = 11;
/// The size, once more.
const TRAILER: usize = 4;

#[derive(Clone, Copy)]
enum At {
    File,
    Tag,
    Content { kind: u8, missing: usize },
}

pub struct Tags {
    at: At,
    kept: Vec<u8>,
}

impl Default for Tags {
    fn default() -> Self {
        Self { at: At::File, kept: Vec::new() }
    }
}

impl Tags {
    /// Tells of every tag that is whole: its kind and its beginning.
    pub fn feed(&mut self, mut bytes: &[u8], mut tell: impl FnMut(u8, &[u8])) {
        while !bytes.is_empty() {
            match self.at {
                At::File => self.head(&mut bytes, FILE_HEADER, |_| At::Tag),
                At::Tag => self.head(&mut bytes, TAG_HEADER, |head| {
                    let missing = big_endian(&head[1..4]) as usize + TRAILER;
                    At::Content { kind: head[0], missing }
                }),
                At::Content { kind, missing } => {
                    let (now, rest) = bytes.split_at(missing.min(bytes.len()));
                    bytes = rest;
                    let wanted = (SEEN - self.kept.len()).min(now.len());
                    self.kept.extend_from_slice(&now[..wanted]);
                    self.at = At::Content { kind, missing: missing - now.len() };
                    if missing == now.len() {
                        tell(kind, &self.kept);
                        self.kept.clear();
                        self.at = At::Tag;
                    }
                }
            }
        }
    }

    fn head(&mut self, bytes: &mut &[u8], length: usize, next: impl Fn(&[u8]) -> At) {
        let (now, rest) = bytes.split_at((length - self.kept.len()).min(bytes.len()));
        self.kept.extend_from_slice(now);
        *bytes = rest;
        if self.kept.len() == length {
            self.at = next(&self.kept);
            self.kept.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_however_the_bytes_are_cut() {
        let mut sent = b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec();
        for (kind, length) in [(18_u8, 3_u8), (9, 200), (8, 4)] {
            sent.extend_from_slice(&[kind, 0, 0, length, 0, 0, 0, 0, 0, 0, 0]);
            sent.extend(vec![kind; usize::from(length)]);
            sent.extend_from_slice(&[0, 0, 0, length + 11]);
        }
        for cut in [1, 2, 64, sent.len()] {
            let (mut tags, mut heard) = (Tags::default(), Vec::new());
            for part in sent.chunks(cut) {
                tags.feed(part, |kind, content| heard.push((kind, content[..3].to_vec(), content.len())));
            }
            let expected = [(18, vec![18; 3], 7), (9, vec![9; 3], SEEN), (8, vec![8; 3], 8)];
            assert!(heard == expected, "cut after every {cut} bytes: {heard:?}");
        }
    }
}
