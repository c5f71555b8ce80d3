use serde_json::{Value, json};
use synctv_domain::{Command, CreateRoom, ParseError};

use crate::scenario::{MEMBER, command, item, message, public_room};

fn refused(name: &str, fields: Value) -> (&'static str, String) {
    let error = Command::parse(name, fields.clone());
    let error = error.expect_err(&format!("{name} {fields} is refused"));
    (error.code(), error.to_string())
}

/// Every command with all of its fields.
pub fn full() -> Vec<(&'static str, Value)> {
    vec![
        ("room.close", json!({})),
        ("room.reopen", json!({})),
        (
            "room.update_settings",
            json!({"name": "x", "visibility": "listed", "default_role": "guest",
                   "capabilities": {"chat": true}, "barrier": "never", "control": "owner"}),
        ),
        ("member.join", json!({"password": "p", "invite": "i", "message": "m"})),
        ("member.leave", json!({})),
        ("room.set_join_rule", json!({"join_rule": "password", "password": "p"})),
        ("room.transfer", json!({"member": MEMBER})),
        ("room.accept_transfer", json!({"member": MEMBER})),
        ("room.expel_guests", json!({})),
        ("member.approve", json!({"member": MEMBER, "reason": "r"})),
        ("member.reject", json!({"member": MEMBER, "reason": "r", "expires_at": "2030-01-01T00:00:00.000000Z"})),
        ("member.ban", json!({"member": MEMBER, "reason": "r", "expires_at": "2030-01-01T00:00:00.000000Z"})),
        ("member.unban", json!({"member": MEMBER, "reason": "r"})),
        ("member.mute", json!({"member": MEMBER, "reason": "r", "expires_at": "2030-01-01T00:00:00.000000Z"})),
        ("member.unmute", json!({"member": MEMBER, "reason": "r"})),
        ("member.override_permissions", json!({"member": MEMBER, "allow": ["queue.add"], "deny": []})),
        ("invite.create", json!({"max_uses": 5, "expires_at": "2030-01-01T00:00:00.000000Z", "role": "guest"})),
        ("invite.revoke", json!({"invite_id": "inv_00000000000000000000000005"})),
        ("live.create_key", json!({"expires_at": "2030-01-01T00:00:00.000000Z"})),
        ("live.revoke_key", json!({"key_id": "lky_00000000000000000000000006"})),
        ("live.stop", json!({})),
        ("member.kick", json!({"member": MEMBER, "reason": "r"})),
        ("member.set_role", json!({"member": MEMBER, "role": "admin"})),
        (
            "playlist.add",
            json!({"url": "http://h/", "title": "t", "delivery": "direct", "duration_ms": 1,
                   "after": item(1)}),
        ),
        ("playlist.update", json!({"item_id": item(1), "title": "t", "duration_ms": 1})),
        ("playlist.move", json!({"item_id": item(1), "after": item(2)})),
        ("playlist.remove", json!({"item_id": item(1)})),
        ("playlist.clear", json!({})),
        ("playback.play", json!({"position_ms": 1, "expected_item": item(1)})),
        ("playback.pause", json!({"position_ms": 1, "expected_item": item(1)})),
        ("playback.seek", json!({"position_ms": 1, "expected_item": item(1)})),
        ("playback.set_rate", json!({"rate_permille": 250})),
        ("playback.set_mode", json!({"mode": "repeat_one"})),
        ("playback.select_item", json!({"item_id": item(1), "position_ms": 1})),
        ("playback.next", json!({"expected_item": item(1)})),
        ("playback.previous", json!({"expected_item": item(1)})),
        ("chat.post", json!({"text": "t", "reply_to": message(1)})),
        ("chat.edit", json!({"message_id": message(1), "text": "t"})),
        ("chat.redact", json!({"message_id": message(1), "reason": "r"})),
        ("chat.react", json!({"message_id": message(1), "reaction": "+", "on": false})),
    ]
}

/// What must be there.
const REQUIRED: &[(&str, &[&str])] = &[
    ("member.kick", &["member"]),
    ("room.set_join_rule", &["join_rule"]),
    ("member.approve", &["member"]),
    ("member.reject", &["member"]),
    ("member.ban", &["member"]),
    ("member.unban", &["member"]),
    ("member.mute", &["member"]),
    ("member.unmute", &["member"]),
    ("member.override_permissions", &["member", "allow", "deny"]),
    ("invite.revoke", &["invite_id"]),
    ("live.revoke_key", &["key_id"]),
    ("member.set_role", &["member", "role"]),
    ("playlist.add", &["url"]),
    ("playlist.update", &["item_id"]),
    ("playlist.move", &["item_id", "after"]),
    ("playlist.remove", &["item_id"]),
    ("playback.seek", &["position_ms"]),
    ("playback.set_rate", &["rate_permille"]),
    ("playback.set_mode", &["mode"]),
    ("playback.select_item", &["item_id"]),
    ("chat.post", &["text"]),
    ("chat.edit", &["message_id", "text"]),
    ("chat.redact", &["message_id"]),
    ("chat.react", &["message_id", "reaction", "on"]),
];

#[test]
fn every_command_keeps_its_name_and_fields() {
    for (name, fields) in full() {
        let parsed = command(name, fields.clone());
        assert_eq!(parsed.name(), name);
        let canonical: Value = serde_json::from_str(&parsed.canonical()).expect("JSON");
        assert_eq!(canonical, json!({"type": name, "fields": fields}));
    }
}

#[test]
fn exactly_the_required_fields_are_required() {
    for (name, fields) in full() {
        let known = REQUIRED.iter().find(|(of, _)| *of == name);
        let required = known.map_or(&[][..], |(_, fields)| fields);
        for key in fields.as_object().expect("an object").keys() {
            let mut without = fields.clone();
            without.as_object_mut().expect("an object").remove(key);
            let code = Command::parse(name, without).map_err(|error| error.code()).err();
            let expected = required.contains(&key.as_str()).then_some("missing_field");
            assert_eq!(code, expected, "{name} without {key}");
        }
    }
}

#[test]
fn unknown_fields_are_refused() {
    for (name, mut fields) in full() {
        fields["shiny"] = json!(1);
        let (code, message) = refused(name, fields);
        assert_eq!(code, "unknown_field", "{name}: {message}");
        assert!(message.contains("shiny"), "{name}: {message}");
    }
    let nested = json!({"capabilities": {"shiny": true}});
    assert_eq!(refused("room.update_settings", nested).0, "unknown_field");
}

#[test]
fn unknown_commands_are_refused() {
    for name in ["room.create", "room.paint", "", "Playback.play"] {
        let unknown = ParseError::UnknownCommand { name: name.to_owned() };
        assert_eq!(Command::parse(name, json!({})), Err(unknown));
    }
}

#[test]
fn impossible_values_are_refused() {
    for (name, fields) in [
        ("playback.seek", json!({"position_ms": -1})),
        ("playback.seek", json!({"position_ms": 9_007_199_254_740_993_i64})),
        ("playback.seek", json!({"position_ms": 1.5})),
        ("playback.seek", json!({"position_ms": "1"})),
        ("playback.seek", json!({"position_ms": null})),
        ("playback.set_rate", json!({"rate_permille": 249})),
        ("playback.set_rate", json!({"rate_permille": 4001})),
        ("playback.set_mode", json!({"mode": "backwards"})),
        ("member.set_role", json!({"member": MEMBER, "role": "owner"})),
        ("member.kick", json!({"member": "usr_1"})),
        ("room.update_settings", json!({"default_role": "admin"})),
        ("room.update_settings", json!({"name": " "})),
        ("playlist.add", json!({"url": "ftp://h/x"})),
        ("chat.post", json!({"text": "a\u{0}b"})),
        ("chat.react", json!({"message_id": message(1), "reaction": "+", "on": 1})),
        ("member.leave", json!([])),
        ("member.leave", json!(null)),
        ("playback.play", json!([1])),
    ] {
        let (code, message) = refused(name, fields.clone());
        assert_eq!(code, "invalid_field", "{name} {fields}: {message}");
    }
}

#[test]
fn the_edges_of_a_range_are_inside() {
    for (name, fields) in [
        ("playback.seek", json!({"position_ms": 0})),
        ("playback.seek", json!({"position_ms": 9_007_199_254_740_992_i64})),
        ("playback.set_rate", json!({"rate_permille": 250})),
        ("playback.set_rate", json!({"rate_permille": 4000})),
        ("playlist.move", json!({"item_id": item(1), "after": null})),
    ] {
        assert!(Command::parse(name, fields.clone()).is_ok(), "{name} {fields}");
    }
}

#[test]
fn creating_knows_its_fields() {
    let read = |value| serde_json::from_value::<CreateRoom>(value);
    let base = json!({"name": "r", "join_rule": "public", "visibility": "listed"});
    let with = |key: &str, value: Value| {
        let mut fields = base.clone();
        fields[key] = value;
        read(fields).map_err(|error| error.to_string())
    };
    assert!(read(base.clone()).is_ok());
    assert!(with("default_role", json!("moderator")).is_ok());
    assert!(with("settings", json!({"barrier": "never"})).is_ok());
    for (key, value) in [
        ("default_role", json!("owner")),
        ("default_role", json!("admin")),
        ("shiny", json!(1)),
        ("settings", json!({"shiny": 1})),
        ("settings", json!({"capabilities": {"shiny": true}})),
        ("join_rule", json!("secret")),
    ] {
        assert!(with(key, value.clone()).is_err(), "{key}: {value}");
    }
}

#[test]
fn settings_the_join_rule_and_overrides_require_a_precondition() {
    for (name, fields) in full() {
        let required = command(name, fields).requires_precondition();
        let expected = ["room.update_settings", "room.set_join_rule", "member.override_permissions"].contains(&name);
        assert_eq!(required, expected, "{name}");
    }
    assert!(!public_room().requires_precondition());
}

#[test]
fn an_absent_optional_field_leaves_no_trace() {
    let absent = command("playback.play", json!({}));
    let null = command("playback.play", json!({"position_ms": null}));
    assert_eq!(absent, null);
    assert_eq!(absent.canonical(), r#"{"type":"playback.play","fields":{}}"#);
    assert_eq!(null.canonical(), absent.canonical());
}

#[test]
fn a_password_is_not_printed() {
    let join = command("member.join", json!({"password": "hunter2", "invite": "token9"}));
    let printed = format!("{join:?}");
    assert!(!printed.contains("hunter2") && !printed.contains("token9"), "{printed}");
}
