use serde_json::{Value, json};
use synctv_domain::{Expect, Rejection, Seq};

use crate::scenario::{Given, MEMBER, OWNER, STRANGER, a_room, crowd_with_items, item, message, state};

fn versions(given: &Given) -> Value {
    state(&given.room, "/versions")
}

/// The concerns whose version is the room's seq after the command.
fn touched(given: Given, name: &str, fields: Value) -> Vec<&'static str> {
    let outcome = given.when(OWNER, name, fields);
    assert_eq!(outcome.decision().events.len(), 1, "{name} has one event");
    let (versions, seq) = (versions(&outcome.given), state(&outcome.given.room, "/seq"));
    let all = ["settings", "members", "playlist", "playback", "chat"];
    all.into_iter().filter(|concern| versions[concern] == seq).collect()
}

#[test]
fn creation_touches_everything_but_chat() {
    let expected = json!({"settings": 1, "members": 2, "playlist": 1, "playback": 1, "chat": 0});
    assert_eq!(versions(&a_room()), expected);
}

#[test]
fn each_event_touches_its_concern() {
    let given = || {
        let given = crowd_with_items(2).past(OWNER, "playback.play", json!({}));
        given.fresh(1).past(OWNER, "chat.post", json!({"text": "hello"})).fresh(500)
    };
    for (name, fields, expected) in [
        ("room.update_settings", json!({"name": "x"}), "settings"),
        ("room.close", json!({}), "settings"),
        ("member.kick", json!({"member": MEMBER}), "members"),
        ("member.set_role", json!({"member": MEMBER, "role": "guest"}), "members"),
        ("member.mute", json!({"member": MEMBER}), "members"),
        ("member.ban", json!({"member": STRANGER}), "members"),
        ("member.override_permissions", json!({"member": MEMBER, "allow": [], "deny": ["queue.add"]}), "members"),
        ("room.transfer", json!({"member": MEMBER}), "members"),
        ("room.expel_guests", json!({}), "members"),
        ("room.set_join_rule", json!({"join_rule": "invite"}), "settings"),
        ("invite.create", json!({}), ""),
        ("playlist.add", json!({"url": "https://media.example/x"}), "playlist"),
        ("playlist.update", json!({"item_id": item(1), "title": "x"}), "playlist"),
        ("playlist.update", json!({"item_id": item(1), "duration_ms": 1}), "playlist playback"),
        ("playlist.update", json!({"item_id": item(2), "duration_ms": 1}), "playlist"),
        ("playlist.move", json!({"item_id": item(2), "after": null}), "playlist"),
        ("playlist.remove", json!({"item_id": item(1)}), "playlist playback"),
        ("playlist.remove", json!({"item_id": item(2)}), "playlist"),
        ("playlist.clear", json!({}), "playlist playback"),
        ("playback.pause", json!({}), "playback"),
        ("playback.seek", json!({"position_ms": 5}), "playback"),
        ("playback.set_rate", json!({"rate_permille": 2000}), "playback"),
        ("playback.set_mode", json!({"mode": "shuffle"}), "playback"),
        ("playback.next", json!({}), "playback"),
        ("chat.post", json!({"text": "x"}), "chat"),
        ("chat.edit", json!({"message_id": message(1), "text": "x"}), "chat"),
        ("chat.redact", json!({"message_id": message(1)}), "chat"),
        ("chat.react", json!({"message_id": message(1), "reaction": "+", "on": true}), "chat"),
    ] {
        let expected: Vec<&str> = expected.split_whitespace().collect();
        assert_eq!(touched(given(), name, fields.clone()), expected, "{name} {fields}");
    }
}

#[test]
fn clearing_with_nothing_loaded_leaves_playback_alone() {
    assert_eq!(touched(crowd_with_items(2), "playlist.clear", json!({})), ["playlist"]);
}

#[test]
fn a_met_expectation_passes() {
    let room = a_room().room;
    let expect: Expect = serde_json::from_value(json!({"settings": 1, "members": 2, "playlist": 1, "playback": 1}))
        .expect("an expectation");
    assert_eq!(room.check(&expect), Ok(()));
    assert_eq!(room.check(&Expect::default()), Ok(()));
}

#[test]
fn a_stale_expectation_names_the_concern() {
    let room = a_room().room;
    for (concern, current) in [("settings", 1), ("members", 2), ("playlist", 1), ("playback", 1)] {
        for other in [0, 7] {
            let expect = serde_json::from_value(json!({concern: other})).expect("an expectation");
            let (expected, current) = (Seq(other), Seq(current));
            let stale = Rejection::StaleVersion { concern, expected, current };
            assert_eq!(room.check(&expect), Err(stale));
        }
    }
}

#[test]
fn an_expectation_knows_its_fields() {
    let read = |value| serde_json::from_value::<Expect>(value);
    assert!(read(json!({})).is_ok_and(|expect| expect.is_empty()));
    assert!(read(json!({"playback": 3})).is_ok_and(|expect| !expect.is_empty()));
    let error = read(json!({"chat": 3})).expect_err("chat cannot be expected").to_string();
    assert!(error.starts_with("unknown field `chat`"), "{error}");
}
