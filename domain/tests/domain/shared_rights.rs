//! `tests/golden/rights.json`: who may do what in rooms of several kinds. The page tells so before anybody tries; its table
//! is held to the same rows.

use std::{env, fs};

use serde_json::{Value, json};
use synctv_domain::permission::explain;
use synctv_domain::{Permission, ServerMs};

use crate::scenario::{ADMIN, CROWD, GUEST, Given, MEMBER, MODERATOR, OWNER, STRANGER, crowd};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/rights.json");

fn settings(fields: Value) -> Given {
    crowd().past(OWNER, "room.update_settings", fields)
}

/// Each with what it is there for.
fn rooms() -> Vec<(&'static str, Given)> {
    let overridden = |member, allow: &[&str], deny: &[&str]| {
        let fields = json!({"member": member, "allow": allow, "deny": deny});
        crowd().past(OWNER, "member.override_permissions", fields)
    };
    let roles = json!({"permissions": {
        "guest": {"allow": ["playback.control", "members.kick", "chat.delete_any"], "deny": ["chat.react"]},
        "member": {"allow": ["members.mute", "room.settings"], "deny": ["playback.rate"]},
        "moderator": {"deny": ["members.ban"]},
        "admin": {"deny": ["roles.assign", "room.close"]},
    }});
    let both = settings(roles.clone()).past(
        OWNER,
        "member.override_permissions",
        json!({"member": MEMBER, "allow": ["playback.rate"], "deny": ["members.mute"]}),
    );
    vec![
        ("as it is made", crowd()),
        ("moderators control", settings(json!({"control": "moderators"}))),
        ("the owner controls", settings(json!({"control": "owner"}))),
        ("no chat", settings(json!({"capabilities": {"chat": false}}))),
        ("no reactions", settings(json!({"capabilities": {"reactions": false}}))),
        ("roles are allowed and denied", settings(roles)),
        ("a member overrides the room", both),
        ("a member controls where the owner does", {
            let fields = json!({"member": MEMBER, "allow": ["playback.control"], "deny": []});
            settings(json!({"control": "owner"})).past(OWNER, "member.override_permissions", fields)
        }),
        ("what is in both is denied", overridden(ADMIN, &["queue.clear"], &["queue.clear"])),
        ("above the ceiling", overridden(GUEST, &["members.ban", "queue.add", "room.close"], &[])),
        ("the member is muted", crowd().past(MODERATOR, "member.mute", json!({"member": MEMBER}))),
        ("closed", crowd().past(OWNER, "room.close", json!({}))),
        ("the moderator is muted", crowd().past(OWNER, "member.mute", json!({"member": MODERATOR}))),
    ]
}

fn rights(given: &Given) -> Vec<Value> {
    let mut rights = Vec::new();
    for member in CROWD.map(|(member, _)| member).into_iter().chain([STRANGER]) {
        for permission in Permission::ALL.iter().copied() {
            let trace = explain(&given.room, member, permission, ServerMs(given.now));
            let layer = Some(trace.decided_by).filter(|_| !trace.allowed);
            rights.push(json!({"member": member, "permission": permission, "denied_by": layer}));
        }
    }
    rights
}

/// One right a line, so that a difference shows which.
fn spell() -> String {
    let spelled = rooms().into_iter().map(|(about, given)| {
        let lines: Vec<_> = rights(&given).iter().map(Value::to_string).collect();
        let room = serde_json::to_string(&given.room.view("e")).expect("a view is JSON");
        format!("{{\"about\":{},\n\"room\":{room},\n\"rights\":[\n{}\n]}}", json!(about), lines.join(",\n"))
    });
    format!("[\n{}\n]\n", spelled.collect::<Vec<_>>().join(",\n"))
}

#[test]
fn rights_are_those_that_the_page_is_held_to() {
    if env::var_os("SYNCTV_UPDATE_GOLDEN").is_some() {
        fs::write(PATH, spell()).expect("the file can be written");
    }
    let (stored, computed) = (fs::read_to_string(PATH).expect("the file"), spell());
    let renew = "if it should: SYNCTV_UPDATE_GOLDEN=1 cargo test -p synctv-domain rights";
    for (stored, computed) in stored.lines().zip(computed.lines()) {
        assert_eq!(stored, computed, "a right changed; {renew}");
    }
    assert_eq!(stored.len(), computed.len(), "the rows changed; {renew}");
}
