//! How servers read and write messages.

use std::marker::PhantomData;

use bytes::{Buf, Bytes};
use prost::{Message, Name};
use tonic::codec::{BufferSettings, Codec, DecodeBuf, Decoder};
use tonic::{Code, Status};
use tonic_prost::ProstEncoder;
use tonic_types::{ErrorDetails, StatusExt};

use crate::encoded::Encoded;
use crate::strict::{self, Malformed};

/// The `domain` of every `google.rpc.ErrorInfo`; its `reason` is a code of the contract.
pub const ERROR_DOMAIN: &str = "synctv";

/// Encodes `T`, and decodes `U` strictly.
#[derive(Debug)]
pub struct StrictCodec<T, U>(PhantomData<(T, U)>);

impl<T, U> Default for StrictCodec<T, U> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<T, U> Codec for StrictCodec<T, U>
where
    T: Message + Send + 'static,
    U: Received + Send + 'static,
{
    type Encode = T;
    type Decode = U;
    type Encoder = ProstEncoder<T>;
    type Decoder = StrictDecoder<U>;

    fn encoder(&mut self) -> Self::Encoder {
        ProstEncoder::new(BufferSettings::default())
    }

    fn decoder(&mut self) -> Self::Decoder {
        StrictDecoder(PhantomData)
    }
}

/// Decodes what a client sent.
#[derive(Debug)]
pub struct StrictDecoder<U>(PhantomData<U>);

impl<U: Received> Decoder for StrictDecoder<U> {
    type Item = U;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<U>, Status> {
        U::received(from.copy_to_bytes(from.remaining())).map(Some)
    }
}

/// What a server gets.
pub trait Received: Sized {
    /// From the bytes of one whole message.
    ///
    /// # Errors
    /// When they are none.
    fn received(bytes: Bytes) -> Result<Self, Status>;
}

impl<M: Message + Name + Default> Received for M {
    fn received(bytes: Bytes) -> Result<Self, Status> {
        Ok(strict::decode(bytes)?)
    }
}

/// Looked at by who gets it: one that cannot be read ends no stream.
impl Received for Encoded {
    fn received(bytes: Bytes) -> Result<Self, Status> {
        Ok(Self(bytes))
    }
}

/// `INVALID_ARGUMENT` with the code as the `reason` of an `ErrorInfo`, and the field as a `BadRequest`.
impl From<Malformed> for Status {
    fn from(malformed: Malformed) -> Self {
        let code = malformed.code();
        let mut details = ErrorDetails::new();
        details.set_error_info(code, ERROR_DOMAIN, []);
        if let Some(field) = malformed.field() {
            details.add_bad_request_violation(field, malformed.to_string());
        }
        Self::with_error_details(Code::InvalidArgument, format!("{code}: {malformed}"), details)
    }
}
