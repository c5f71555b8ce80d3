//! One mapping between messages and the JSON of the REST interface, made from the schema.
//!
//! Names are the same. A choice is the lower-case rest of its name, an instant RFC 3339, a 64-bit number a JSON number.
//! What is unset is absent. Where JSON tells by a text what else is there, the message has a `oneof`: see [`shapes`].

mod choice;
mod instant;
mod mismatch;
mod read;
mod shapes;
mod write;

use prost::{Message, Name};
use prost_reflect::DynamicMessage;
use serde_json::Value;

pub use mismatch::Mismatch;

use crate::schema::descriptor;

/// The message as JSON.
#[must_use]
pub fn to_json<M: Message + Name>(message: &M) -> Value {
    let bytes = message.encode_to_vec();
    let message = DynamicMessage::decode(descriptor::<M>(), bytes.as_slice()).expect("it was encoded just now");
    Value::Object(read::object(&message))
}

/// The message of this JSON. What the schema lacks is overlooked: a newer server may tell more.
///
/// # Errors
/// Where something is of another kind than the schema says.
pub fn from_json<M: Message + Name + Default>(value: &Value) -> Result<M, Mismatch> {
    let bytes = encode::<M>(value)?;
    M::decode(bytes.as_slice()).map_err(|error| Mismatch::new(error.to_string()))
}

/// The bytes of the message of this JSON, without the message.
///
/// # Errors
/// Where something is of another kind than the schema says.
pub fn encode<M: Name>(value: &Value) -> Result<Vec<u8>, Mismatch> {
    let mut bytes = Vec::with_capacity(256);
    write::fields(value, &descriptor::<M>(), &mut bytes)?;
    Ok(bytes)
}
