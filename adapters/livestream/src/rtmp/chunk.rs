//! Messages out of chunks: what a publisher sends, whatever the order in which the pieces of its messages come.
//!
//! Chunk streams are independent of each other, so that messages may be interleaved. Memory is bounded by what was received,
//! not by what was announced.

use bytes::{Buf, Bytes, BytesMut};

use super::kind;

/// Chunk streams of a connection at most; encoders use three or four.
const STREAMS: usize = 16;
/// Bytes of messages that are not complete, of all chunk streams together, as announced.
const PARTIAL: usize = 16 << 20;
/// The same of who may not publish yet, and so the longest message.
const BEFORE: usize = 16 << 10;
/// Until the peer says otherwise.
const CHUNK: usize = 128;
/// In the place of a time: it stands behind the header, with four bytes.
const EXTENDED: u32 = 0xFF_FFFF;
/// Memory is taken in advance for so many times what was received of a message.
const AHEAD: usize = 15;

/// A whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is; see [`kind`].
    pub kind: u8,
    /// The message stream that it belongs to; 0 before there is one.
    pub stream: u32,
    /// ms, as the publisher counts them; wraps.
    pub timestamp: u32,
    /// The content.
    pub payload: Bytes,
}

/// What no publisher sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChunkError {
    /// The header leaves out what only an earlier one could tell.
    #[error("chunk stream {0} begins with a header that refers to an earlier one")]
    NothingBefore(u32),
    /// A message begins where another one has to go on.
    #[error("chunk stream {0} begins a message in the middle of another one")]
    Unfinished(u32),
    /// More chunk streams than any encoder needs.
    #[error("more than {STREAMS} chunk streams")]
    TooManyStreams,
    /// A message that is too long for what it is.
    #[error("a message of type {kind} with {length} bytes; {most} are allowed")]
    TooLong {
        /// What it is.
        kind: u8,
        /// Its length.
        length: usize,
        /// The greatest length of its kind.
        most: usize,
    },
    /// Too much that is not complete.
    #[error("more than {most} bytes of messages that are not complete")]
    TooMuch {
        /// What is allowed.
        most: usize,
    },
    /// A control message that is none.
    #[error("a control message of type {0} that is malformed")]
    Malformed(u8),
}

/// Puts messages together. Give it bytes by [`Demuxer::buffer`], then take messages until there are none.
#[derive(Debug)]
pub struct Demuxer {
    buffer: BytesMut,
    chunk: usize,
    streams: Vec<Stream>,
    /// The stream whose chunk is being read, and how much of it is missing.
    reading: Option<(usize, usize)>,
    partial: usize,
    /// No message is longer, whatever it is.
    most: usize,
}

#[derive(Debug, Default)]
struct Stream {
    id: u32,
    kind: u8,
    message_stream: u32,
    length: usize,
    timestamp: u32,
    delta: u32,
    /// What stood in four bytes behind the last header with a time.
    extended: Option<u32>,
    /// A message that is not complete.
    partial: Option<BytesMut>,
}

/// The header of a chunk, as far as it says anything: it leaves out what is as before.
struct Header {
    /// How much it leaves out; 0: nothing.
    format: u8,
    stream: u32,
    /// Time, length, type and message stream.
    fields: [u8; 11],
    /// The time, where it has four bytes.
    extended: Option<u32>,
    /// Bytes of it.
    length: usize,
}

impl Default for Demuxer {
    fn default() -> Self {
        Self { buffer: BytesMut::new(), chunk: CHUNK, streams: Vec::new(), reading: None, partial: 0, most: usize::MAX }
    }
}

impl Demuxer {
    /// Of somebody who may not publish yet: until [`Demuxer::admit`], messages are as short as those are that ask for it.
    #[must_use]
    pub fn stranger() -> Self {
        Self { most: BEFORE, ..Self::default() }
    }

    /// Frames are welcome from here on.
    pub fn admit(&mut self) {
        self.most = usize::MAX;
    }

    /// Bytes of memory that messages take which are not complete.
    #[must_use]
    pub fn held(&self) -> usize {
        self.streams.iter().filter_map(|of| of.partial.as_ref()).map(BytesMut::capacity).sum()
    }

    /// Where received bytes are appended.
    pub fn buffer(&mut self) -> &mut BytesMut {
        &mut self.buffer
    }

    /// The next message that is complete; None: more bytes are needed. Chunk sizes and aborts are obeyed, and not returned.
    ///
    /// # Errors
    /// [`ChunkError`]: the connection cannot be understood any more.
    pub fn message(&mut self) -> Result<Option<Message>, ChunkError> {
        loop {
            let Some((index, left)) = self.reading else {
                if !self.header()? {
                    return Ok(None);
                }
                continue;
            };
            let taken = self.take(index, left);
            if taken < left {
                self.reading = Some((index, left - taken));
                return Ok(None);
            }
            self.reading = None;
            let Some(message) = self.finished(index) else { continue };
            if !self.obeys(&message)? {
                return Ok(Some(message));
            }
        }
    }

    /// Reads the header of a chunk. False: it is not all there.
    fn header(&mut self) -> Result<bool, ChunkError> {
        let Some(Header { format, stream, fields, extended, length }) = self.parse() else { return Ok(false) };
        let index = match self.known(stream) {
            Some(index) => index,
            // Encoders are known that begin with a header of the second form.
            None if format < 2 => self.open(stream)?,
            None => return Err(ChunkError::NothingBefore(stream)),
        };
        self.buffer.advance(length);
        let of = &mut self.streams[index];
        let begins = of.partial.is_none();
        if !begins && format < 3 {
            return Err(ChunkError::Unfinished(stream));
        }
        if format < 3 {
            of.extended = extended;
            of.delta = extended.unwrap_or(number(&fields[..3]));
        }
        if format < 2 {
            of.length = number(&fields[3..6]) as usize;
            of.kind = fields[6];
        }
        if format == 0 {
            of.message_stream = u32::from_le_bytes([fields[7], fields[8], fields[9], fields[10]]);
        }
        if begins {
            of.timestamp = if format == 0 { of.delta } else { of.timestamp.wrapping_add(of.delta) };
            self.begin(index)?;
        }
        let of = &self.streams[index];
        let had = of.partial.as_ref().map_or(0, BytesMut::len);
        self.reading = Some((index, (of.length - had).min(self.chunk)));
        Ok(true)
    }

    /// What the next header says. None: it is not all there.
    fn parse(&self) -> Option<Header> {
        let first = *self.buffer.first()?;
        let (format, low) = (first >> 6, u32::from(first & 0x3F));
        let byte = |index: usize| self.buffer.get(index).copied().map(u32::from);
        let (stream, mut length) = match low {
            0 => (64 + byte(1)?, 2),
            1 => (64 + byte(1)? + (byte(2)? << 8), 3),
            low => (low, 1),
        };
        let told = [11, 7, 3, 0][usize::from(format)];
        let mut fields = [0; 11];
        fields[..told].copy_from_slice(self.buffer.get(length..length + told)?);
        length += told;
        let before = self.known(stream).and_then(|index| self.streams[index].extended);
        let mut extended = None;
        if (format < 3 && number(&fields[..3]) == EXTENDED) || (format == 3 && before.is_some()) {
            let time = number(self.buffer.get(length..length + 4)?);
            // Some repeat it in each chunk of a message, and some do not.
            if format < 3 || before == Some(time) {
                (extended, length) = (Some(time), length + 4);
            }
        }
        Some(Header { format, stream, fields, extended, length })
    }

    fn known(&self, stream: u32) -> Option<usize> {
        self.streams.iter().position(|known| known.id == stream)
    }

    fn open(&mut self, id: u32) -> Result<usize, ChunkError> {
        if self.streams.len() >= STREAMS {
            return Err(ChunkError::TooManyStreams);
        }
        self.streams.push(Stream { id, ..Stream::default() });
        Ok(self.streams.len() - 1)
    }

    /// A message begins.
    fn begin(&mut self, index: usize) -> Result<(), ChunkError> {
        let of = &mut self.streams[index];
        let most = kind::longest(of.kind).min(self.most);
        if of.length > most {
            return Err(ChunkError::TooLong { kind: of.kind, length: of.length, most });
        }
        self.partial += of.length;
        let most = PARTIAL.min(self.most);
        if self.partial > most {
            return Err(ChunkError::TooMuch { most });
        }
        of.partial = Some(BytesMut::new());
        Ok(())
    }

    /// Takes what is there of a chunk.
    fn take(&mut self, index: usize, left: usize) -> usize {
        let taken = left.min(self.buffer.len());
        let of = &mut self.streams[index];
        let Some(partial) = of.partial.as_mut() else { return taken };
        if partial.capacity() - partial.len() < taken {
            let missing = of.length - partial.len();
            partial.reserve(missing.min(taken + AHEAD * (partial.len() + taken)));
        }
        partial.extend_from_slice(&self.buffer[..taken]);
        self.buffer.advance(taken);
        taken
    }

    /// The message of this chunk stream, if it is complete.
    fn finished(&mut self, index: usize) -> Option<Message> {
        let of = &mut self.streams[index];
        let payload = of.partial.take_if(|partial| partial.len() >= of.length)?;
        self.partial -= of.length;
        Some(Message { kind: of.kind, stream: of.message_stream, timestamp: of.timestamp, payload: payload.freeze() })
    }

    /// Does what is said about chunks themselves. Whether it was that.
    fn obeys(&mut self, message: &Message) -> Result<bool, ChunkError> {
        if !matches!(message.kind, kind::CHUNK_SIZE | kind::ABORT) {
            return Ok(false);
        }
        let malformed = ChunkError::Malformed(message.kind);
        let value = u32::from_be_bytes(message.payload[..].try_into().map_err(|_| malformed)?);
        if message.kind == kind::ABORT {
            for of in self.streams.iter_mut().filter(|of| of.id == value) {
                self.partial -= of.partial.take().map_or(0, |_| of.length);
            }
        } else {
            // The first bit is none of the number.
            let size = value as usize;
            self.chunk = if (1..1 << 31).contains(&size) { size } else { return Err(malformed) };
        }
        Ok(true)
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |number, byte| number << 8 | u32::from(*byte))
}
