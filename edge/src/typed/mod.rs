//! The typed protocol, `synctv.v1`, as every way in speaks it: the JSON contract, mapped along the schema.

mod ask;
pub mod code;
mod event;
mod refusal;
mod told;

use bytes::Bytes;
use prost::{Message, Name};
use serde::Serialize;
use serde_json::Value;
use synctv_domain::Timestamp;
use synctv_proto::json::{encode, from_json};

pub use ask::{begin, command, parse};
pub use event::{event, events};
pub use refusal::metadata;
use refusal::problem;
pub use told::told;

/// A message of what has the same shape in JSON.
#[must_use]
pub fn message<M: Message + Name + Default>(of: &impl Serialize) -> M {
    let value = value(of);
    from_json(&value).unwrap_or_else(|mismatch| {
        tracing::error!(%mismatch, message = M::full_name(), "typed.mismatch");
        M::default()
    })
}

/// Its bytes.
#[must_use]
pub fn encoded<M: Name>(of: &Value) -> Bytes {
    bytes::<M>(of).into()
}

/// An instant.
#[must_use]
pub fn timestamp(at: Timestamp) -> prost_types::Timestamp {
    let (seconds, micros) = (at.0.div_euclid(1_000_000), at.0.rem_euclid(1_000_000));
    prost_types::Timestamp { seconds, nanos: i32::try_from(micros * 1000).unwrap_or_default() }
}

fn bytes<M: Name>(of: &Value) -> Vec<u8> {
    encode::<M>(of).unwrap_or_else(|mismatch| {
        tracing::error!(%mismatch, message = M::full_name(), "typed.mismatch");
        Vec::new()
    })
}

fn value(of: &impl Serialize) -> Value {
    serde_json::to_value(of).expect("plain data with string keys")
}
