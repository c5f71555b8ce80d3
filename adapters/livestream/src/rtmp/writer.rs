//! Messages to a publisher, as chunks that leave nothing out: there are few of them.

use bytes::{BufMut, BytesMut};
use rml_amf0::{Amf0Value, serialize};

use super::kind;

/// The size of our chunks, of which the publisher is told.
const CHUNK: u32 = 4096;

/// What is to be sent. Chunks are of the same size from the first one on.
#[derive(Debug)]
pub struct Writer {
    pending: BytesMut,
}

impl Default for Writer {
    fn default() -> Self {
        let mut writer = Self { pending: BytesMut::new() };
        // It is shorter than any chunk.
        writer.put(kind::CHUNK_SIZE, 0, &CHUNK.to_be_bytes());
        writer
    }
}

impl Writer {
    /// What was written since the last time.
    pub fn take(&mut self) -> BytesMut {
        self.pending.split()
    }

    /// A message.
    pub fn put(&mut self, kind: u8, stream: u32, content: &[u8]) {
        let id = if kind < kind::AUDIO { 2 } else { 3 };
        let length = u64::try_from(content.len()).unwrap_or(u64::MAX).min(0xFF_FFFF);
        self.pending.put_u8(id);
        self.pending.put_uint(0, 3);
        self.pending.put_uint(length, 3);
        self.pending.put_u8(kind);
        self.pending.put_u32_le(stream);
        for (number, chunk) in content.chunks(CHUNK as usize).enumerate() {
            if number > 0 {
                self.pending.put_u8(0xC0 | id);
            }
            self.pending.extend_from_slice(chunk);
        }
    }

    /// A command, or the answer to one.
    pub fn command(&mut self, stream: u32, values: &Vec<Amf0Value>) {
        // Texts of ours are short.
        if let Ok(content) = serialize(values) {
            self.put(kind::COMMAND, stream, &content);
        }
    }

    /// What became of a stream.
    pub fn status(&mut self, stream: u32, level: &str, code: &str, description: &str) {
        let text = |text: &str| Amf0Value::Utf8String(text.to_owned());
        let information = [("level", level), ("code", code), ("description", description)];
        let information = information.map(|(name, value)| (name.to_owned(), text(value)));
        let values =
            vec![text("onStatus"), Amf0Value::Number(0.0), Amf0Value::Null, Amf0Value::Object(information.into())];
        self.command(stream, &values);
    }
}
