//! A message that was encoded before.

use bytes::{Buf, BufMut, Bytes};
use prost::encoding::{DecodeContext, WireType, encode_key, encode_varint};
use prost::{DecodeError, Message};

/// Where a `WatchResponse` and a `SessionResponse` have them.
const EVENT: u32 = 4;
const RESUME_TOKEN: u32 = 15;

/// The bytes of one whole message, encoded once and shared by all streams that send it.
///
/// It stands for a `WatchResponse`, `SessionResponse` or `LogTailResponse`; that the bytes are one is up to who makes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encoded(pub Bytes);

impl Encoded {
    /// Of a message that goes to one stream alone.
    #[must_use]
    pub fn of(message: &impl Message) -> Self {
        Self(message.encode_to_vec().into())
    }

    /// An event that was encoded before, as a `WatchResponse` and a `SessionResponse` have it, with the token to come back
    /// with.
    #[must_use]
    pub fn event(event: &[u8], resume_token: &str) -> Self {
        let mut message = Vec::with_capacity(event.len() + resume_token.len() + 8);
        for (field, bytes) in [(EVENT, event), (RESUME_TOKEN, resume_token.as_bytes())] {
            encode_key(field, WireType::LengthDelimited, &mut message);
            encode_varint(bytes.len() as u64, &mut message);
            message.extend(bytes);
        }
        Self(message.into())
    }
}

impl Message for Encoded {
    fn encode_raw(&self, into: &mut impl BufMut) {
        into.put_slice(&self.0);
    }

    /// Servers send it and never get one.
    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        from: &mut impl Buf,
        context: DecodeContext,
    ) -> Result<(), DecodeError> {
        prost::encoding::skip_field(wire_type, tag, from, context)
    }

    fn encoded_len(&self) -> usize {
        self.0.len()
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}
