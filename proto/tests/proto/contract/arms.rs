//! What is one of several, and what is cut in another way than a schema.

use std::collections::{BTreeMap, BTreeSet};

use prost_reflect::MessageDescriptor;
use serde_json::Value;

use super::kind_of;
use crate::support::documents::{named, openapi, schemas};

#[test]
fn every_command_is_an_arm() {
    let schemas = schemas();
    let arms = tags(&schemas["Command"])
        .map(|tag| (tag.replacen('.', "_", 1), format!("synctv.v1.{}", pascal(tag) + "Command")));
    assert_same(&oneof("synctv.v1.Command", "command"), &arms.collect());
}

#[test]
fn every_event_is_an_arm() {
    let schemas = schemas();
    let arms =
        tags(&schemas["Event"]).map(|tag| (tag.replacen('.', "_", 1), format!("synctv.v1.{}", pascal(tag) + "Event")));
    assert_same(&oneof("synctv.v1.Event", "data"), &arms.collect());
}

#[test]
fn every_kind_of_ephemeral_is_an_arm() {
    let schemas = schemas();
    let kinds = schemas["Ephemeral"]["oneOf"].as_array().expect("kinds").iter().filter_map(named);
    let texts = kinds.map(|name| schemas[name]["properties"]["kind"]["const"].as_str().expect(name).to_owned());
    assert_eq!(oneof("synctv.v1.Ephemeral", "value").into_keys().collect::<BTreeSet<_>>(), texts.collect());
}

/// What is around the data of every event.
#[test]
fn the_envelope_of_events_is_whole() {
    let message = message("synctv.v1.Event");
    let envelope = message.fields().filter(|field| field.containing_oneof().is_none());
    let ours: BTreeSet<_> = envelope.map(|field| field.name().to_owned()).chain(["data".to_owned()]).collect();
    for (name, schema) in schemas().into_iter().filter(|(name, _)| name.ends_with("Event")) {
        if let Some(properties) = schema["properties"].as_object().filter(|_| schema["properties"]["v"].is_object()) {
            assert_eq!(ours, properties.keys().cloned().collect(), "{name}");
        }
    }
}

/// Requests that are a query over REST.
#[test]
fn every_parameter_is_a_field() {
    let openapi = openapi();
    let parameters = |path: &str, without: &[&str]| -> BTreeSet<String> {
        let listed = openapi["paths"][path]["get"]["parameters"].as_array().expect("parameters");
        let names = listed.iter().map(|parameter| parameter["name"].as_str().expect("name").to_owned());
        names.filter(|name| !without.contains(&&**name)).collect()
    };
    let fields = |name: &str| message(name).fields().map(|field| field.name().to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(fields("synctv.v1.RoomsListRequest"), parameters("/v1/rooms", &[]));
    let (only_http, endless) = (["format", "Last-Event-ID"], ["format", "Last-Event-ID", "limit"]);
    assert_eq!(fields("synctv.v1.LogReadRequest"), parameters("/v1/log", &only_http));
    assert_eq!(fields("synctv.v1.LogTailRequest"), parameters("/v1/log", &endless));
}

/// A message that was encoded for the one is one of the other.
#[test]
fn watch_and_session_share_their_fields() {
    let session = message("synctv.v1.SessionResponse");
    for field in message("synctv.v1.WatchResponse").fields() {
        let same = session.get_field(field.number()).expect("the number");
        assert_eq!((field.name(), field.kind()), (same.name(), same.kind()));
    }
}

/// Names those that only one of them has.
fn assert_same(ours: &BTreeMap<String, String>, theirs: &BTreeMap<String, String>) {
    let missing: Vec<_> = theirs.iter().filter(|(arm, message)| ours.get(*arm) != Some(message)).collect();
    let beyond: Vec<_> = ours.iter().filter(|(arm, message)| theirs.get(*arm) != Some(message)).collect();
    assert!(missing.is_empty() && beyond.is_empty(), "missing: {missing:?}; not in the contract: {beyond:?}");
}

fn message(name: &str) -> MessageDescriptor {
    synctv_proto::pool().get_message_by_name(name).expect(name)
}

fn oneof(name: &str, oneof: &str) -> BTreeMap<String, String> {
    let message = message(name);
    let oneof = message.oneofs().find(|found| found.name() == oneof).expect(oneof);
    oneof.fields().map(|field| (field.name().to_owned(), kind_of(&field))).collect()
}

fn tags(schema: &Value) -> impl Iterator<Item = &str> {
    schema["discriminator"]["mapping"].as_object().expect("mapping").keys().map(String::as_str)
}

fn pascal(name: &str) -> String {
    let words = name.split(['.', '_']);
    words.flat_map(|word| word[..1].to_uppercase().chars().chain(word[1..].chars()).collect::<Vec<_>>()).collect()
}
