use serde_json::json;

use crate::scenario::{ADMIN, MODERATOR, OWNER, a_room, crowd};

#[test]
fn an_update_carries_only_what_changed() {
    let fields = json!({"name": "Film night", "visibility": "unlisted", "barrier": "grace",
                        "control": "moderators", "capabilities": {"chat": true}});
    a_room()
        .when(OWNER, "room.update_settings", fields)
        .then(&[("room.settings_updated", json!({"visibility": "unlisted", "control": "moderators"}))])
        .by("role:owner")
        .then_state("/visibility", json!("unlisted"))
        .then_state("/settings/control", json!("moderators"))
        .then_state("/settings/barrier", json!("grace"));
}

#[test]
fn every_setting_can_be_changed() {
    let fields = json!({"name": "Other", "visibility": "unlisted", "default_role": "guest",
                        "capabilities": {"chat": false, "reactions": false}, "barrier": "never", "control": "owner",
                        "permissions": {"guest": {"allow": ["queue.add"], "deny": ["chat.react"]}}, "max_members": 7});
    let none = json!({"allow": [], "deny": []});
    let permissions = json!({"admin": none, "moderator": none, "member": none,
                             "guest": {"allow": ["queue.add"], "deny": ["chat.react"]}});
    a_room()
        .when(OWNER, "room.update_settings", fields.clone())
        .then(&[("room.settings_updated", fields)])
        .then_state("/name", json!("Other"))
        .then_state("/default_role", json!("guest"))
        .then_state(
            "/settings",
            json!({"capabilities": {"chat": false, "reactions": false}, "barrier": "never", "control": "owner",
                   "permissions": permissions, "max_members": 7}),
        );
}

#[test]
fn an_update_that_changes_nothing_has_no_events() {
    for fields in [
        json!({}),
        json!({"capabilities": {}}),
        json!({"name": "Film night", "barrier": "grace", "capabilities": {"chat": true}}),
    ] {
        a_room().when(OWNER, "room.update_settings", fields).then_nothing();
    }
}

#[test]
fn settings_belong_to_admins() {
    let fields = json!({"name": "Other"});
    crowd().when(ADMIN, "room.update_settings", fields.clone()).by("role:admin");
    crowd().when(MODERATOR, "room.update_settings", fields).then_forbidden("room.settings", "role:moderator");
}

#[test]
fn closing_belongs_to_the_owner() {
    for name in ["room.close", "room.reopen"] {
        crowd().when(ADMIN, name, json!({})).then_forbidden("room.close", "role:admin");
    }
}
