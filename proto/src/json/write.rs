//! JSON as the bytes of messages, written along the schema.

use prost::encoding::{WireType, encode_key, encode_varint};
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};
use prost_types::Timestamp;
use serde_json::{Map, Value};

use super::mismatch::Mismatch;
use super::shapes::{self, Tagged};
use super::{choice, instant};
use crate::schema::TIMESTAMP;

type Written = Result<(), Mismatch>;

/// The fields of a message that JSON has.
pub(super) fn fields(value: &Value, message: &MessageDescriptor, into: &mut Vec<u8>) -> Written {
    let Value::Object(object) = value else { return Err(not("an object")) };
    let tagged = shapes::tagged(message);
    if let Some(tagged) = tagged {
        arm(value, object, message, tagged, into)?;
        if tagged.content.is_none() {
            return Ok(());
        }
    }
    for (name, value) in object.iter().filter(|(_, value)| !value.is_null()) {
        let field = message.get_field_by_name(name);
        let field = field.filter(|field| tagged.is_none() || !shapes::is_arm(field));
        if let Some(field) = field {
            whole(value, &field, into).map_err(|mismatch| mismatch.within(name))?;
        }
    }
    match shapes::flat(message) {
        Some(field) => single(value, &field, into),
        None => Ok(()),
    }
}

/// The arm that the text names, if the schema has it.
fn arm(
    value: &Value,
    object: &Map<String, Value>,
    message: &MessageDescriptor,
    tagged: &Tagged,
    into: &mut Vec<u8>,
) -> Written {
    let Some(tag) = object.get(tagged.tag).and_then(Value::as_str) else { return Ok(()) };
    let arm = message.get_field_by_name(&shapes::underscored(tag)).filter(shapes::is_arm);
    let Some(arm) = arm else { return Ok(()) };
    let Some(content) = tagged.content else { return single(value, &arm, into) };
    if shapes::is_bare(&arm) {
        return single(&Value::Object(Map::new()), &arm, into);
    }
    single(object.get(content).unwrap_or(&Value::Null), &arm, into).map_err(|mismatch| mismatch.within(content))
}

/// A field with its key: a list, a map, or one value.
fn whole(value: &Value, field: &FieldDescriptor, into: &mut Vec<u8>) -> Written {
    if field.is_map() {
        return map(value, field, into);
    }
    if !field.is_list() {
        let start = into.len();
        single(value, field, into)?;
        // What it would be without having been told need not be told.
        if !field.supports_presence() && is_default(value) {
            into.truncate(start);
        }
        return Ok(());
    }
    let Value::Array(elements) = value else { return Err(not("a list")) };
    if !field.is_packed() {
        return elements.iter().try_for_each(|element| single(element, field, into));
    }
    encode_key(field.number(), WireType::LengthDelimited, into);
    counted(into, |into| elements.iter().try_for_each(|element| bare(element, &field.kind(), into)))
}

fn map(value: &Value, field: &FieldDescriptor, into: &mut Vec<u8>) -> Written {
    let Value::Object(entries) = value else { return Err(not("an object")) };
    let Kind::Message(entry) = field.kind() else { return Ok(()) };
    for (key, value) in entries {
        encode_key(field.number(), WireType::LengthDelimited, into);
        counted(into, |into| {
            single(&Value::String(key.clone()), &entry.map_entry_key_field(), into)?;
            single(value, &entry.map_entry_value_field(), into).map_err(|mismatch| mismatch.within(key))
        })?;
    }
    Ok(())
}

fn single(value: &Value, field: &FieldDescriptor, into: &mut Vec<u8>) -> Written {
    let kind = field.kind();
    encode_key(field.number(), kind.wire_type(), into);
    bare(value, &kind, into)
}

/// A value without its key.
fn bare(value: &Value, kind: &Kind, into: &mut Vec<u8>) -> Written {
    match kind {
        Kind::Bool => encode_varint(value.as_bool().ok_or_else(|| not("true or false"))?.into(), into),
        Kind::Int64 | Kind::Int32 => encode_varint(whole_number(value)?.cast_unsigned(), into),
        Kind::Uint32 => encode_varint(u32::try_from(whole_number(value)?).map_err(|_| not(WHOLE))?.into(), into),
        Kind::Uint64 => encode_varint(value.as_u64().ok_or_else(|| not(WHOLE))?, into),
        Kind::Double => into.extend(value.as_f64().ok_or_else(|| not("a number"))?.to_le_bytes()),
        Kind::String => {
            let text = text(value)?;
            encode_varint(text.len() as u64, into);
            into.extend(text.as_bytes());
        }
        Kind::Enum(choices) => {
            let choice = choice::number(choices, text(value)?).unwrap_or_default();
            encode_varint(i64::from(choice).cast_unsigned(), into);
        }
        Kind::Message(message) if message.full_name() == TIMESTAMP => {
            let instant = instant::parse(text(value)?).ok_or_else(|| not("an instant"))?;
            return counted(into, |into| timestamp(instant, into));
        }
        Kind::Message(message) => return counted(into, |into| fields(value, message, into)),
        _ => return Err(Mismatch::new("the schema has a kind that JSON has not")),
    }
    Ok(())
}

fn timestamp(instant: Timestamp, into: &mut Vec<u8>) -> Written {
    prost::Message::encode(&instant, into).map_err(|error| Mismatch::new(error.to_string()))
}

/// Puts the length of what is written in front of it. Most are short, and moved by nothing.
fn counted(into: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>) -> Written) -> Written {
    let start = into.len();
    into.push(0);
    write(into)?;
    let length = into.len() - start - 1;
    let mut prefix = Vec::new();
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => into[start] = short,
        _ => {
            encode_varint(length as u64, &mut prefix);
            into.splice(start..=start, prefix);
        }
    }
    Ok(())
}

const WHOLE: &str = "a whole number within its bounds";

fn whole_number(value: &Value) -> Result<i64, Mismatch> {
    value.as_i64().ok_or_else(|| not(WHOLE))
}

fn text(value: &Value) -> Result<&str, Mismatch> {
    value.as_str().ok_or_else(|| not("a text"))
}

fn is_default(value: &Value) -> bool {
    match value {
        Value::Bool(truth) => !truth,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        _ => false,
    }
}

fn not(what: &str) -> Mismatch {
    Mismatch::new(format!("not {what}"))
}
