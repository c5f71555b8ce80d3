//! The hash chain. SQL computes a link under the append's lock; this is the same link for verification, and the content
//! hash that goes into it.

use sha2::{Digest, Sha256};

/// Size of every hash, bytes.
pub(crate) const SIZE: usize = 32;
pub(crate) type Hash = [u8; SIZE];

/// What an event row says, apart from where it stands.
pub(crate) struct Content<'a> {
    pub(crate) event_id: &'a [u8],
    pub(crate) stream_type: &'a [u8],
    pub(crate) stream_id: &'a [u8],
    pub(crate) kind: &'a [u8],
    pub(crate) version: i16,
    pub(crate) payload: &'a [u8],
    pub(crate) metadata: &'a [u8],
    pub(crate) command_id: &'a [u8],
}

impl Content<'_> {
    /// Over the stored texts, each after its length, so that no two rows have the same bytes.
    pub(crate) fn hash(&self, buffer: &mut Vec<u8>) -> Hash {
        // One pass over one buffer: many small updates cost more than the hash itself.
        buffer.clear();
        for text in
            [self.event_id, self.stream_type, self.stream_id, self.kind, self.payload, self.metadata, self.command_id]
        {
            buffer.extend_from_slice(&(text.len() as u64).to_be_bytes());
            buffer.extend_from_slice(text);
        }
        buffer.extend_from_slice(&self.version.to_be_bytes());
        Sha256::digest(buffer).into()
    }
}

/// As it is stored; what is none becomes one that no event has.
pub(crate) fn hash(stored: &[u8]) -> Hash {
    stored.try_into().unwrap_or([0; SIZE])
}

/// The hash before the first event.
pub(crate) fn genesis(log_id: &str) -> Hash {
    Sha256::digest(log_id).into()
}

/// previous ‖ position ‖ seq ‖ recorded at, µs ‖ content.
pub(crate) fn link(previous: &Hash, position: i64, seq: i64, at_us: i64, content: &Hash) -> Hash {
    let mut bytes = [0; SIZE + 3 * 8 + SIZE];
    bytes[..SIZE].copy_from_slice(previous);
    for (index, number) in [position, seq, at_us].into_iter().enumerate() {
        let start = SIZE + 8 * index;
        bytes[start..start + 8].copy_from_slice(&number.to_be_bytes());
    }
    bytes[SIZE + 3 * 8..].copy_from_slice(content);
    Sha256::digest(bytes).into()
}
