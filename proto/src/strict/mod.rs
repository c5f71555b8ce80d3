//! Decoding that refuses what it does not know.
//!
//! protobuf skips fields that it does not know. A command of a newer client would then do something else than it says,
//! so what is not in the schema is refused by its name, as JSON bodies are.

mod malformed;
mod wire;

use bytes::Bytes;
use prost::{Message, Name};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use prost_types::Timestamp;

pub use malformed::Malformed;

use crate::schema::{TIMESTAMP, descriptor};
use wire::{Raw, Record};

/// Their first instants, s since 1970.
const YEAR_1: i64 = -62_135_596_800;
const YEAR_10000: i64 = 253_402_300_800;

/// How deep messages may be in each other. The deepest request has six levels.
const DEPTH: usize = 16;

/// The message that these bytes are.
///
/// # Errors
/// What is not to be in them, and where.
pub fn decode<M: Message + Name + Default>(bytes: Bytes) -> Result<M, Malformed> {
    check(&bytes, &descriptor::<M>(), DEPTH)?;
    M::decode(bytes).map_err(|error| Malformed::Unreadable(error.to_string()))
}

/// Looks at every field, and at those of messages within.
fn check(mut bytes: &[u8], message: &MessageDescriptor, depth: usize) -> Result<(), Malformed> {
    if depth == 0 {
        return Err(Malformed::TooDeep);
    }
    let mut seen = Vec::new();
    while !bytes.is_empty() {
        let Record { number, raw } = wire::record(&mut bytes)?;
        let Some(field) = message.get_field(number) else {
            return Err(Malformed::UnknownField { message: message.full_name().to_owned(), number });
        };
        once(&field, &mut seen)?;
        value(raw, &field, depth)?;
    }
    Ok(())
}

/// A field that is no list comes once, and of those that exclude each other one.
fn once(field: &FieldDescriptor, seen: &mut Vec<FieldDescriptor>) -> Result<(), Malformed> {
    if field.is_list() || field.is_map() {
        return Ok(());
    }
    let oneof = field.containing_oneof();
    if seen.iter().any(|other| other == field || (oneof.is_some() && other.containing_oneof() == oneof)) {
        return Err(Malformed::DuplicateField { field: field.full_name().to_owned() });
    }
    seen.push(field.clone());
    Ok(())
}

/// Whether it can be what the field holds. The decoder sees to what is of another wire type.
fn value(raw: Raw<'_>, field: &FieldDescriptor, depth: usize) -> Result<(), Malformed> {
    match (field.kind(), raw) {
        (Kind::Message(message), Raw::Bytes(bytes)) => {
            check(bytes, &message, depth - 1)?;
            if message.full_name() == TIMESTAMP && !is_instant(bytes) { invalid(field) } else { Ok(()) }
        }
        (Kind::String, Raw::Bytes(text)) if text.contains(&0) => {
            Err(Malformed::InvalidText { field: field.full_name().to_owned() })
        }
        (kind @ (Kind::Enum(_) | Kind::Uint32), Raw::Bytes(mut packed)) => {
            while !packed.is_empty() {
                number(&kind, wire::varint(&mut packed)?, field)?;
            }
            Ok(())
        }
        (kind, Raw::Varint(given)) => number(&kind, given, field),
        _ => Ok(()),
    }
}

/// A number that is of no choice, or that would lose its upper half.
fn number(kind: &Kind, given: u64, field: &FieldDescriptor) -> Result<(), Malformed> {
    let fits = match kind {
        // Who has nothing to choose leaves the field out.
        Kind::Enum(choices) => {
            let choice = i32::try_from(given.cast_signed()).ok().filter(|choice| *choice != 0);
            choice.is_some_and(|choice| choices.get_value(choice).is_some())
        }
        Kind::Uint32 => u32::try_from(given).is_ok(),
        _ => true,
    };
    if fits { Ok(()) } else { invalid(field) }
}

fn invalid(field: &FieldDescriptor) -> Result<(), Malformed> {
    Err(Malformed::InvalidField { field: field.full_name().to_owned() })
}

/// Whether a timestamp can be written as RFC 3339.
fn is_instant(bytes: &[u8]) -> bool {
    let Ok(Timestamp { seconds, nanos }) = Timestamp::decode(bytes) else { return false };
    (YEAR_1..YEAR_10000).contains(&seconds) && (0..1_000_000_000).contains(&nanos)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1::{Cursor, RoomsCommandRequest};

    #[test]
    fn messages_are_only_so_deep_in_each_other() {
        let cursor = Some(Cursor { epoch: "e".to_owned(), seq: 1 });
        let bytes = RoomsCommandRequest { if_match: cursor, ..RoomsCommandRequest::default() }.encode_to_vec();
        let message = descriptor::<RoomsCommandRequest>();
        assert_eq!(check(&bytes, &message, 2), Ok(()));
        assert_eq!(check(&bytes, &message, 1), Err(Malformed::TooDeep));
    }
}
