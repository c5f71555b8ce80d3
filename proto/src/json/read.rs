//! Messages as JSON.

use prost_reflect::{DynamicMessage, FieldDescriptor, Kind, MapKey, ReflectMessage, Value};
use prost_types::Timestamp;
use serde_json::{Map, Number, Value as Json};

use super::shapes::{self, Tagged};
use super::{choice, instant};
use crate::schema::TIMESTAMP;

/// The fields of a message.
pub(super) fn object(message: &DynamicMessage) -> Map<String, Json> {
    let mut object = Map::new();
    let descriptor = message.descriptor();
    let tagged = shapes::tagged(&descriptor);
    let arm = message.fields().map(|(field, _)| field).find(shapes::is_arm);
    let bare = arm.as_ref().is_some_and(shapes::is_bare);
    for field in shapes::plain(&descriptor) {
        if message.has_field(field) || !(field.supports_presence() || bare) {
            put(message, field, &mut object);
        } else if shapes::is_nullable(field) {
            object.insert(field.name().to_owned(), Json::Null);
        }
    }
    match (arm, tagged) {
        (Some(arm), Some(tagged)) => put_tagged(message, &arm, tagged, &mut object),
        (Some(arm), None) => put(message, &arm, &mut object),
        (None, _) => {}
    }
    object
}

fn put(message: &DynamicMessage, field: &FieldDescriptor, into: &mut Map<String, Json>) {
    match json(&message.get_field(field), &field.kind()) {
        Some(Json::Object(within)) if shapes::flat(field.parent_message()).as_ref() == Some(field) => {
            into.extend(within);
        }
        Some(value) => {
            into.insert(field.name().to_owned(), value);
        }
        None => {}
    }
}

fn put_tagged(message: &DynamicMessage, arm: &FieldDescriptor, tagged: &Tagged, into: &mut Map<String, Json>) {
    into.insert(tagged.tag.to_owned(), shapes::dotted(arm.name()).into());
    match (json(&message.get_field(arm), &arm.kind()), tagged.content) {
        (Some(_), Some(_)) if shapes::is_bare(arm) => {}
        (Some(value), Some(content)) => {
            into.insert(content.to_owned(), value);
        }
        (Some(Json::Object(fields)), None) => into.extend(fields),
        _ => {}
    }
}

/// None for a choice that JSON has no name for.
fn json(value: &Value, kind: &Kind) -> Option<Json> {
    Some(match value {
        Value::Bool(truth) => (*truth).into(),
        Value::I32(number) => (*number).into(),
        Value::I64(number) => (*number).into(),
        Value::U32(number) => (*number).into(),
        Value::U64(number) => (*number).into(),
        Value::F32(number) => Number::from_f64((*number).into()).into(),
        Value::F64(number) => Number::from_f64(*number).into(),
        Value::String(text) => text.as_str().into(),
        Value::Bytes(_) => return None,
        Value::EnumNumber(number) => choice::text(kind.as_enum()?, *number)?.into(),
        Value::Message(message) => within(message),
        Value::List(elements) => elements.iter().filter_map(|element| json(element, kind)).collect(),
        Value::Map(entries) => {
            let entry = kind.as_message()?.map_entry_value_field().kind();
            entries.iter().filter_map(|(key, value)| Some((text_of(key), json(value, &entry)?))).collect()
        }
    })
}

fn within(message: &DynamicMessage) -> Json {
    if message.descriptor().full_name() != TIMESTAMP {
        return Json::Object(object(message));
    }
    match message.transcode_to::<Timestamp>() {
        Ok(timestamp) => instant::text(timestamp).into(),
        Err(_) => Json::Null,
    }
}

/// JSON has texts for keys.
fn text_of(key: &MapKey) -> String {
    match key {
        MapKey::Bool(truth) => truth.to_string(),
        MapKey::I32(number) => number.to_string(),
        MapKey::I64(number) => number.to_string(),
        MapKey::U32(number) => number.to_string(),
        MapKey::U64(number) => number.to_string(),
        MapKey::String(text) => text.clone(),
    }
}
