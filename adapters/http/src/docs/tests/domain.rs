//! The tables say what the domain says.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use synctv_commands::{PresenceState, Report};
use synctv_domain::events::ReadyEnd;
use synctv_domain::{
    ActorKind, Barrier, CapabilitiesPatch, Command, Control, CreateRoom, DefaultRole, Delivery, Event, Expect,
    JoinRule, Mode, Recorded, ReleasedBy, Role, Room, Settings, Visibility,
};

use super::assert_fits;
use super::fits::fits;
use crate::docs::catalogue::{command_example, event_example, example, schemas};
use crate::docs::commands::COMMANDS;
use crate::docs::events::EVENTS;
use crate::docs::listings::LISTINGS;
use crate::docs::objects::OBJECTS;
use crate::docs::scalars::{Form, SCALARS};
use crate::docs::shape::{Entry, Field, Kind};
use crate::docs::socket::SHAPES;

/// The names that a parser lists in its refusal of an unknown one.
fn listed(refusal: &str) -> BTreeSet<&str> {
    let known = refusal.split_once(", expected ").unwrap_or_default().1;
    known.split('`').skip(1).step_by(2).collect()
}

fn names(fields: &[Field]) -> BTreeSet<&str> {
    fields.iter().map(|field| field.name).collect()
}

fn fields_of(entry: &Entry) -> Value {
    let mut fields = command_example(entry);
    fields.as_object_mut().expect("an object").remove("type");
    fields
}

fn without(value: &Value, field: &str) -> Value {
    let mut value = value.clone();
    value.as_object_mut().expect("an object").remove(field);
    value
}

fn may_be_null(field: &Field) -> bool {
    matches!(field.kind, Kind::OrNull(_) | Kind::BoolOrNull)
}

#[test]
fn commands_have_the_fields_that_the_domain_reads() {
    let described: BTreeSet<_> = COMMANDS.iter().map(|command| command.name).collect();
    assert_eq!(described, Command::NAMES.iter().copied().collect());
    for command in COMMANDS {
        let refusal = Command::parse(command.name, json!({ "?": 0 })).expect_err("there is no such field").to_string();
        assert_eq!(names(command.fields), listed(&refusal), "{}", command.name);
        let whole = fields_of(command);
        for field in command.fields {
            let parsed = Command::parse(command.name, without(&whole, field.name));
            let refused = parsed.err().map(|error| error.code());
            assert_eq!(refused, field.required.then_some("missing_field"), "{} without {}", command.name, field.name);
            let mut nulled = whole.clone();
            nulled[field.name] = Value::Null;
            let taken = Command::parse(command.name, nulled).is_ok();
            assert_eq!(taken, may_be_null(field), "{} with a {} of null", command.name, field.name);
        }
        Command::parse(command.name, whole).unwrap_or_else(|error| panic!("{}: {error}", command.name));
    }
}

#[test]
fn events_have_the_fields_that_the_domain_writes() {
    let described: BTreeSet<_> = EVENTS.iter().map(|event| event.name).collect();
    assert_eq!(described, Event::NAMES.iter().map(|(name, _)| *name).collect());
    for event in EVENTS {
        let whole = event_example(event)["data"].clone();
        let write = |data: &Value| -> Result<Value, String> {
            let read = Event::decode(event.name, 1, &data.to_string()).map_err(|error| error.to_string())?;
            Ok(serde_json::from_str(&read.encode()).expect("JSON"))
        };
        assert_eq!(write(&whole).as_ref(), Ok(&whole), "{}", event.name);
        for field in event.fields {
            let left_out = write(&without(&whole, field.name)).is_ok_and(|written| written.get(field.name).is_none());
            assert_eq!(left_out, !field.required, "{} without {}", event.name, field.name);
        }
    }
}

#[test]
fn the_golden_files_fit() {
    let shapes = schemas();
    for (name, version) in Event::NAMES {
        let path = format!("{}/../../domain/golden/{name}.v{version}.json", env!("CARGO_MANIFEST_DIR"));
        let mut data: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a file")).expect("JSON");
        if data["reason"].is_object() {
            data["reason"] = Value::Null; // sealed: no reader sees it like this
        }
        let event = EVENTS.iter().find(|event| event.name == *name).expect("it is described");
        let mut recorded = event_example(event);
        recorded["data"] = data;
        fits(&recorded, &shapes["Event"], &shapes).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn examples_fit() {
    COMMANDS.iter().for_each(|command| assert_fits("Command", &command_example(command)));
    EVENTS.iter().for_each(|event| assert_fits("Event", &event_example(event)));
    let scalars = SCALARS.iter().map(|scalar| scalar.name);
    let shapes = OBJECTS.iter().chain(LISTINGS).chain(SHAPES).map(|shape| shape.name).filter(|name| *name != "Live");
    scalars.chain(shapes).for_each(|name| assert_fits(name, &example(name)));
}

fn unknown<T: DeserializeOwned>(value: Value) -> String {
    serde_json::from_value::<T>(value).err().expect("there is no such one").to_string()
}

#[test]
fn choices_are_those_of_the_domain() {
    let choices: [(&str, String); 12] = [
        ("ActorKind", unknown::<ActorKind>("?".into())),
        ("JoinRule", unknown::<JoinRule>("?".into())),
        ("Visibility", unknown::<Visibility>("?".into())),
        ("DefaultRole", unknown::<DefaultRole>("?".into())),
        ("Role", unknown::<Role>("?".into())),
        ("Barrier", unknown::<Barrier>("?".into())),
        ("Control", unknown::<Control>("?".into())),
        ("Mode", unknown::<Mode>("?".into())),
        ("Delivery", unknown::<Delivery>("?".into())),
        ("ReleasedBy", unknown::<ReleasedBy>("?".into())),
        ("ReadyEnd", unknown::<ReadyEnd>("?".into())),
        ("PresenceState", unknown::<PresenceState>("?".into())),
    ];
    for (name, refusal) in &choices {
        let scalar = SCALARS.iter().find(|scalar| scalar.name == *name).expect("it is described");
        let Form::Choice(described) = scalar.form else { panic!("{name} is no choice") };
        assert_eq!(described.iter().copied().collect::<BTreeSet<_>>(), listed(refusal), "{name}");
    }
}

#[test]
fn requests_have_the_fields_that_the_domain_reads() {
    fn refusal<T: DeserializeOwned>(value: Value) -> Option<String> {
        serde_json::from_value::<T>(value).err().map(|error| error.to_string())
    }
    type Read = fn(Value) -> Option<String>;
    let requests: [(&str, Read); 5] = [
        ("CreateRoom", refusal::<CreateRoom>),
        ("InitialSettings", refusal::<Settings>),
        ("CapabilitiesPatch", refusal::<CapabilitiesPatch>),
        ("Expect", refusal::<Expect>),
        ("Report", refusal::<Report>),
    ];
    for (name, read) in requests {
        let shape = OBJECTS.iter().chain(SHAPES).find(|shape| shape.name == name).expect("it is described");
        let unknown = read(json!({ "?": 0 })).expect("there is no such field");
        assert_eq!(names(shape.fields), listed(&unknown), "{name}");
        for field in shape.fields {
            let mut request = example(name);
            request[field.name] = Value::Null;
            assert_eq!(read(request).is_none(), may_be_null(field), "{name} with a {} of null", field.name);
            assert_eq!(read(without(&example(name), field.name)).is_none(), !field.required, "{name}: {}", field.name);
        }
    }
}

/// A room with something of everything.
pub(crate) fn room() -> Room {
    let mut room = Room::default();
    for name in ["room.created", "member.joined", "playlist.added", "playback.held", "ready.started"] {
        let event = EVENTS.iter().find(|event| event.name == name).expect("it is described");
        let recorded: Recorded = serde_json::from_value(event_example(event)).expect("an event");
        room.apply(&recorded);
    }
    room
}

#[test]
fn rooms_fit() {
    let view = serde_json::to_value(room().view("e")).expect("JSON");
    assert!(view["members"][0].is_object() && view["playlist"][0].is_object(), "{view:#}");
    assert_fits("Room", &view);
    let empty = serde_json::to_value(Room::default().view("e")).expect("JSON");
    assert_eq!(empty.as_object().map(|view| view.len()), view.as_object().map(|view| view.len()));
}
