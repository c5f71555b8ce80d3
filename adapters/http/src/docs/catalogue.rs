//! Every shape under its name, for both documents.

use std::iter;

use serde_json::{Map, Value, json};

use super::commands::COMMANDS;
use super::events::EVENTS;
use super::listings::LISTINGS;
use super::objects::OBJECTS;
use super::scalars::SCALARS;
use super::shape::Kind::{List, Of};
use super::shape::{Entry, Field, Kind, may, object, one_of, pascal, reference};
use super::socket::{EPHEMERAL, SHAPES};

/// The schemas by name.
pub(super) fn schemas() -> Map<String, Value> {
    let mut all = Map::new();
    for scalar in SCALARS {
        all.insert(scalar.name.to_owned(), scalar.schema());
    }
    for shape in OBJECTS.iter().chain(LISTINGS) {
        all.insert(shape.name.to_owned(), object(shape.about, shape.fields, shape.closed));
    }
    for command in COMMANDS {
        all.insert(command_schema(command), command_shape(command));
    }
    for event in EVENTS {
        all.insert(event_schema(event), event_shape(event));
    }
    let commands = COMMANDS.iter().map(|command| (command.name, command_schema(command)));
    all.insert("Command".to_owned(), one_of("What is asked of a room.", "type", commands));
    let redacted = iter::once(("redacted", "RedactedEvent".to_owned()));
    let events = EVENTS.iter().map(|event| (event.name, event_schema(event))).chain(redacted);
    all.insert("Event".to_owned(), one_of("What happened in a room.", "type", events));
    all.insert("LogEvent".to_owned(), log_event());
    all
}

/// Those of the socket and the streams.
pub(super) fn spoken() -> Map<String, Value> {
    let shapes = SHAPES.iter().map(|shape| (shape.name.to_owned(), object(shape.about, shape.fields, shape.closed)));
    let mut all: Map<_, _> = shapes.collect();
    let kinds = EPHEMERAL.iter().map(|(kind, schema)| (*kind, (*schema).to_owned()));
    all.insert("Ephemeral".to_owned(), one_of("What another member is doing.", "kind", kinds));
    let logged = Kind::Either("LogEvent", "CloudEvent").schema();
    all.insert("LoggedEvent".to_owned(), logged);
    all
}

fn command_schema(command: &Entry) -> String {
    pascal(command.name) + "Command"
}

fn event_schema(event: &Entry) -> String {
    pascal(event.name) + "Event"
}

fn command_shape(command: &Entry) -> Value {
    let mut schema = object(command.about, command.fields, true);
    schema["properties"]["type"] = tag(command);
    schema["properties"]["expect"] = reference("Expect");
    require(&mut schema, "type");
    schema["examples"] = json!([command_example(command)]);
    schema
}

/// The event as it is recorded around its data.
fn event_shape(event: &Entry) -> Value {
    let with = |name: &str, about: &str| {
        let mut schema = reference(name);
        schema["description"] = about.into();
        schema
    };
    let properties = json!({
        "seq": with("Seq", "Its number in the room."),
        "position": with("Position", "Its number in the log."),
        "id": with("EventId", "Its id."),
        "type": tag(event),
        "v": { "type": "integer", "minimum": 1, "description": "The version of its data's shape." },
        "at": with("Timestamp", "When it was recorded."),
        "actor": with("Actor", "Whose command caused it."),
        "data": object("What happened.", event.fields, false),
        "decided_by": { "type": "string", "description": "The rule that allowed it, such as `role:moderator`." },
        "command_id": with("CommandId", "The command that caused it."),
    });
    let required: Vec<_> = properties.as_object().into_iter().flat_map(Map::keys).cloned().collect();
    json!({
        "type": "object",
        "description": event.about,
        "properties": properties,
        "required": required,
        "examples": [event_example(event)],
    })
}

/// The event among those of all rooms.
fn log_event() -> Value {
    let room = &[may("room_id", Of("RoomId"), "Its room; absent, if it is an operator's act.")];
    let room = object("Where it happened.", room, false);
    json!({
        "description": "An event among those of all rooms.",
        "allOf": [reference("Event"), room],
        "examples": [example("LogEvent")],
    })
}

fn tag(entry: &Entry) -> Value {
    Kind::Is(entry.name).schema()
}

fn require(schema: &mut Value, name: &str) {
    match schema.get_mut("required").and_then(Value::as_array_mut) {
        Some(required) => required.insert(0, name.into()),
        None => schema["required"] = json!([name]),
    }
}

pub(super) fn command_example(command: &Entry) -> Value {
    let mut example = fields_example(command.fields);
    example["type"] = command.name.into();
    example
}

pub(super) fn event_example(event: &Entry) -> Value {
    json!({
        "seq": example("Seq"),
        "position": example("Position"),
        "id": example("EventId"),
        "type": event.name,
        "v": 1,
        "at": example("Timestamp"),
        "actor": example("Actor"),
        "data": fields_example(event.fields),
        "decided_by": "role:owner",
        "command_id": example("CommandId"),
    })
}

fn fields_example(fields: &[Field]) -> Value {
    let shown = fields.iter().map(|field| (field.name.to_owned(), kind_example(field.kind)));
    Value::Object(shown.collect())
}

fn kind_example(kind: Kind) -> Value {
    match kind {
        Of(name) | Kind::OrNull(name) | Kind::Either(name, _) => example(name),
        List(name) => json!([example(name)]),
        Kind::ListsBy(key, name) => json!({ example(key).as_str().unwrap_or_default(): [example(name)] }),
        Kind::Is(text) => text.into(),
        Kind::Bool | Kind::BoolOrNull => true.into(),
        Kind::Text | Kind::TextOrNull => "…".into(),
        Kind::Number | Kind::NumberOrNull => 1.5.into(),
    }
}

/// A value of the shape with that name.
pub(crate) fn example(name: &str) -> Value {
    if let Some(scalar) = SCALARS.iter().find(|scalar| scalar.name == name) {
        return scalar.example();
    }
    if let Some(shape) = OBJECTS.iter().chain(LISTINGS).chain(SHAPES).find(|shape| shape.name == name) {
        return fields_example(shape.fields);
    }
    let named = |list: &'static [Entry], name: &str| list.iter().find(|entry| entry.name == name);
    match name {
        "Command" => named(COMMANDS, "chat.post").map_or(Value::Null, command_example),
        "Event" => named(EVENTS, "chat.posted").map_or(Value::Null, event_example),
        "Ephemeral" => example("PresenceEphemeral"),
        "LogEvent" => {
            let mut event = example("Event");
            event["room_id"] = example("RoomId");
            event
        }
        _ => Value::Null,
    }
}
