//! JSON becomes messages and the same JSON again.

use serde_json::{Value, json};
use synctv_proto::json::{from_json, to_json};
use synctv_proto::v1;

use crate::support::documents::{openapi, read, schemas};

/// Without what says nothing: null, and lists of nothing, are as good as absent.
fn told(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let said = fields.iter().filter(|(_, value)| !value.is_null() && **value != json!([]));
            Value::Object(said.map(|(name, value)| (name.clone(), told(value))).collect())
        }
        Value::Array(elements) => elements.iter().map(told).collect(),
        other => other.clone(),
    }
}

/// The examples of a schema.
fn examples(schema: &Value) -> impl Iterator<Item = &Value> {
    schema["examples"].as_array().into_iter().flatten()
}

#[test]
fn every_command_of_the_document_survives() {
    let schemas = schemas();
    let commands = schemas.iter().filter(|(name, schema)| name.ends_with("Command") && schema["type"] == "object");
    let mut count = 0;
    for (name, schema) in commands {
        for example in examples(schema) {
            let command: v1::Command = from_json(example).expect(name);
            assert!(command.command.is_some(), "{name} has no arm");
            assert_eq!(to_json(&command), *example, "{name}");
            count += 1;
        }
    }
    assert_eq!(count, openapi()["components"]["schemas"]["Command"]["oneOf"].as_array().map_or(0, Vec::len));
}

#[test]
fn every_event_of_the_document_survives() {
    let schemas = schemas();
    let mut count = 0;
    for (name, schema) in schemas.iter().filter(|(_, schema)| schema["properties"]["decided_by"].is_object()) {
        for example in examples(schema).filter(|example| example["data"].is_object()) {
            let event: v1::Event = from_json(example).expect(name);
            assert!(event.data.is_some(), "{name} has no arm");
            assert_eq!(to_json(&event), *example, "{name}");
            count += 1;
        }
    }
    // All but the redacted one, which has no example.
    assert_eq!(count + 1, schemas["Event"]["oneOf"].as_array().map_or(0, Vec::len));
}

/// What the domain made of random commands, with all that is null or left out.
#[test]
fn histories_of_the_domain_survive() {
    let fold = read("tests/golden/fold.json");
    let mut count = 0;
    for history in fold["histories"].as_array().expect("histories") {
        for event in history["events"].as_array().expect("events") {
            let message: v1::Event = from_json(event).expect("an event");
            assert!(message.data.is_some(), "{event}");
            assert_eq!(told(&to_json(&message)), told(event));
            count += 1;
        }
    }
    assert!(count > 500, "{count} events");
}

#[test]
fn rooms_of_the_domain_survive() {
    let fold = read("tests/golden/fold.json");
    let folded = fold["histories"].as_array().expect("histories").iter().map(|history| &history["room"]);
    let mut count = 0;
    for room in folded.chain([&fold["room"]]).filter(|room| room.is_object()) {
        let message: v1::Room = from_json(room).expect("a room");
        assert_eq!(told(&to_json(&message)), told(room));
        count += 1;
    }
    assert!(count > 50, "{count} rooms");
}

#[test]
fn a_redacted_event_is_nothing_but_its_place() {
    let place = json!({ "seq": 7, "position": 9, "type": "redacted" });
    let event: v1::Event = from_json(&place).expect("an event");
    assert_eq!(event.data, Some(v1::event::Data::Redacted(v1::RedactedEvent {})));
    assert_eq!(to_json(&event), place);
}

#[test]
fn an_event_that_the_schema_lacks_keeps_its_name() {
    let newer = json!({ "seq": 7, "position": 9, "type": "playback.dubbed", "v": 1, "data": { "into": "Latin" } });
    let event: v1::Event = from_json(&newer).expect("an event");
    assert_eq!((event.r#type.as_str(), event.data), ("playback.dubbed", None));
}

#[test]
fn an_event_of_the_log_has_its_room_beside_it() {
    let logged = examples(&schemas()["LogEvent"]).next().expect("an example").clone();
    let event: v1::LogEvent = from_json(&logged).expect("an event");
    assert_eq!(event.room_id.as_deref(), logged["room_id"].as_str());
    assert_eq!(event.event.as_ref().map(|event| event.seq), logged["seq"].as_i64());
    assert_eq!(to_json(&event), logged);
}

#[test]
fn what_is_shown_and_gone_survives() {
    let value = json!({ "skew_ms": -3, "rtt_ms": 40, "buffered_ms": 9000 });
    for (kind, value) in [("presence", json!({ "state": "away" })), ("typing", json!(false)), ("report", value)] {
        let ephemeral = json!({ "kind": kind, "member": "gst_01JZ0000000000000000000005", "value": value });
        let message: v1::Ephemeral = from_json(&ephemeral).expect(kind);
        assert!(message.value.is_some(), "{kind}");
        assert_eq!(to_json(&message), ephemeral);
    }
}

#[test]
fn what_is_unset_is_absent_or_null_as_json_wants_it() {
    let seek = v1::PlaybackSeekCommand { position_ms: None, expected_item: None };
    assert_eq!(to_json(&seek), json!({}));
    let start = v1::PlaybackSeekCommand { position_ms: Some(0), expected_item: None };
    assert_eq!(to_json(&start), json!({ "position_ms": 0 }));
    let first = v1::PlaylistMoveCommand { item_id: Some("itm_1".to_owned()), after: None };
    assert_eq!(to_json(&first), json!({ "item_id": "itm_1", "after": null }));
    let blind = v1::Report { skew_ms: None, rtt_ms: Some(1), buffered_ms: Some(2) };
    assert_eq!(to_json(&blind), json!({ "skew_ms": null, "rtt_ms": 1, "buffered_ms": 2 }));
}

#[test]
fn choices_and_instants_are_written_as_the_server_writes_them() {
    let command = v1::MemberOverridePermissionsCommand {
        member: Some("gst_1".to_owned()),
        allow: vec![v1::Permission::QueueEditOwn.into(), v1::Permission::RoomJoinRule.into()],
        deny: Vec::new(),
    };
    let wanted = json!({ "member": "gst_1", "allow": ["queue.edit_own", "room.join_rule"], "deny": [] });
    assert_eq!(to_json(&command), wanted);
    for (seconds, nanos, text) in [
        (1_780_344_900, 0, "2026-06-01T20:15:00.000000Z"),
        (0, 1_999, "1970-01-01T00:00:00.000001Z"),
        (-1, 999_999_000, "1969-12-31T23:59:59.999999Z"),
    ] {
        let mute = v1::Mute { expires_at: Some(prost_types::Timestamp { seconds, nanos }) };
        assert_eq!(to_json(&mute), json!({ "expires_at": text }));
    }
}

#[test]
fn what_is_of_another_kind_is_named() {
    let wrong = |value: Value| from_json::<v1::Room>(&value).expect_err("wrong").to_string();
    assert_eq!(wrong(json!({ "members": [{ "id": 7 }] })), "members: id: not a text");
    assert_eq!(wrong(json!({ "seq": 1.5 })), "seq: not a whole number within its bounds");
    assert_eq!(
        wrong(json!({ "playback": { "rate_permille": 4_294_967_296_i64 } })),
        "playback: rate_permille: not a whole number within its bounds"
    );
    assert_eq!(wrong(json!({ "closed": "no" })), "closed: not true or false");
    assert_eq!(wrong(json!({ "name": false })), "name: not a text");
    assert_eq!(wrong(json!({ "knocks": {} })), "knocks: not a list");
    assert_eq!(wrong(json!({ "offer": { "at": "noon" } })), "offer: at: not an instant");
    assert_eq!(wrong(json!([])), "not an object");
    // What a newer server tells besides is overlooked, a choice as well.
    let newer = json!({ "subtitles": ["la"], "join_rule": "riddle", "members": [{ "role": "jester" }] });
    let room: v1::Room = from_json(&newer).expect("a room");
    assert_eq!(room.join_rule(), v1::JoinRule::Unspecified);
    assert_eq!(room.members[0].role(), v1::Role::Unspecified);
}
