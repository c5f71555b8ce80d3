//! Messages as chunks.

use crate::live::source::{AUDIO, VIDEO};

use super::{CHUNK_SIZE, COMMAND, DATA};

/// What stands before the first chunk of a message.
const HEADER: usize = 12;

/// Puts messages into one buffer after the other.
pub struct Writer {
    size: usize,
}

impl Writer {
    /// Of chunks of that size; the other side is told.
    pub fn new(size: u32, out: &mut Vec<u8>) -> Self {
        // The first is shorter than any chunk.
        let mut writer = Self { size: 128 };
        writer.put(out, (CHUNK_SIZE, 0, 0), &size.to_be_bytes());
        writer.size = size as usize;
        writer
    }

    /// Cuts a message where its chunks begin: encoders send them one by one.
    pub fn chunks<'a>(&self, message: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
        let (first, rest) = message.split_at((HEADER + self.size).min(message.len()));
        std::iter::once(first).chain(rest.chunks(1 + self.size))
    }

    /// A message of a kind, of a stream, at a time in ms.
    pub fn put(&self, out: &mut Vec<u8>, (kind, stream, at): (u8, u32, u32), content: &[u8]) {
        let id = match kind {
            AUDIO => 4,
            VIDEO => 6,
            COMMAND | DATA => 3,
            _ => 2,
        };
        // Beyond that, a time takes four bytes more: four and a half hours.
        let at = at.min(0xFF_FFFE);
        let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
        out.push(id);
        out.extend_from_slice(&at.to_be_bytes()[1..]);
        out.extend_from_slice(&length.to_be_bytes()[1..]);
        out.push(kind);
        out.extend_from_slice(&stream.to_le_bytes());
        for (number, part) in content.chunks(self.size).enumerate() {
            if number > 0 {
                out.push(0xC0 | id);
            }
            out.extend_from_slice(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_cut_into_its_chunks() {
        let (mut out, writer) = (Vec::new(), Writer { size: 100 });
        writer.put(&mut out, (VIDEO, 1, 0), &[1; 250]);
        let lengths: Vec<(u8, usize)> = writer.chunks(&out).map(|chunk| (chunk[0], chunk.len())).collect();
        assert_eq!(lengths, [(6, 112), (0xC6, 101), (0xC6, 51)]);
    }
}
