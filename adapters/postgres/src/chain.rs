//! The hash chain. SQL computes a link under the append's lock; this is the same link for verification, and the content
//! hash that goes into it.

use sha2::{Digest, Sha256};

/// Size of every hash, bytes.
pub(crate) const SIZE: usize = 32;
pub(crate) type Hash = [u8; SIZE];

/// What an event row says, apart from where it stands.
pub(crate) struct Content<'a> {
    pub(crate) event_id: &'a str,
    pub(crate) stream_type: &'a str,
    pub(crate) stream_id: &'a str,
    pub(crate) kind: &'a str,
    pub(crate) version: i16,
    pub(crate) payload: &'a str,
    pub(crate) metadata: &'a str,
    pub(crate) command_id: &'a str,
}

impl Content<'_> {
    /// Over the stored texts, each after its length, so that no two rows have the same bytes.
    pub(crate) fn hash(&self) -> Hash {
        let mut hasher = Sha256::new();
        for text in
            [self.event_id, self.stream_type, self.stream_id, self.kind, self.payload, self.metadata, self.command_id]
        {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text);
        }
        hasher.update(self.version.to_be_bytes());
        hasher.finalize().into()
    }
}

/// The hash before the first event.
pub(crate) fn genesis(log_id: &str) -> Hash {
    Sha256::digest(log_id).into()
}

/// previous ‖ position ‖ seq ‖ recorded at, µs ‖ content.
pub(crate) fn link(previous: &[u8], position: i64, seq: i64, at_us: i64, content: &Hash) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(previous);
    for number in [position, seq, at_us] {
        hasher.update(number.to_be_bytes());
    }
    hasher.update(content);
    hasher.finalize().into()
}
