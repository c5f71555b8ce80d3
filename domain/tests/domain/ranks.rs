use serde_json::{Value, json};
use synctv_domain::permission::explain;
use synctv_domain::{Effect, Permission, ServerMs};

use crate::scenario::{ADMIN, GUEST, Given, MEMBER, MODERATOR, OWNER, crowd, crowd_with_items};

fn overriding(given: Given, member: synctv_domain::ActorId, allow: Value, deny: Value) -> Given {
    given.past(OWNER, "member.override_permissions", json!({"member": member, "allow": allow, "deny": deny}))
}

#[test]
fn one_member_may_seek_without_being_more_than_a_member() {
    let given = crowd_with_items(1).past(OWNER, "room.update_settings", json!({"control": "owner"})).past(
        OWNER,
        "playback.play",
        json!({}),
    );
    let seek = json!({"position_ms": 5});
    given.clone().when(MEMBER, "playback.seek", seek.clone()).then_forbidden("playback.control", "control:owner");
    let given = overriding(given, MEMBER, json!(["playback.control"]), json!([]));
    given.clone().when(MEMBER, "playback.seek", seek.clone()).by("member_override");
    given.when(ADMIN, "playback.seek", seek).then_forbidden("playback.control", "control:owner");
}

#[test]
fn one_member_may_not_play_although_all_others_may() {
    let given = overriding(crowd_with_items(1), MEMBER, json!([]), json!(["playback.control"]));
    given.clone().when(MEMBER, "playback.play", json!({})).then_forbidden("playback.control", "member_override");
    overriding(given, MEMBER, json!([]), json!([])).when(MEMBER, "playback.play", json!({})).by("role:member");
}

#[test]
fn a_role_can_be_allowed_and_denied_and_a_member_again() {
    let permissions = json!({"guest": {"allow": ["queue.add"]}, "moderator": {"deny": ["queue.add"]}});
    let given = crowd().past(OWNER, "room.update_settings", json!({"permissions": permissions}));
    let add = || json!({"url": "https://media.example/x"});
    given.clone().when(GUEST, "playlist.add", add()).by("room_override:guest");
    given.clone().when(MODERATOR, "playlist.add", add()).then_forbidden("queue.add", "room_override:moderator");
    let given = overriding(given, MODERATOR, json!(["queue.add"]), json!([]));
    given.when(MODERATOR, "playlist.add", add()).by("member_override");
}

#[test]
fn a_trace_has_the_event_of_each_layer_in_order() {
    let given = crowd().past(OWNER, "room.update_settings", json!({"control": "moderators"})).past(
        OWNER,
        "room.update_settings",
        json!({"permissions": {"member": {"allow": ["playback.rate"]}}}),
    );
    let given = overriding(given, MEMBER, json!([]), json!(["playback.rate"]));
    let trace = explain(&given.room, MEMBER, Permission::PlaybackRate, ServerMs(10_000));
    let steps: Vec<_> = trace
        .steps
        .iter()
        .map(|step| (step.layer.as_str(), step.effect, step.event.map(|event| event.ulid().0)))
        .collect();
    assert_eq!(
        steps,
        [
            ("role:member", Effect::Allow, Some(5)),
            ("control:moderators", Effect::Deny, Some(10)),
            ("room_override:member", Effect::Allow, Some(11)),
            ("member_override", Effect::Deny, Some(12)),
        ]
    );
    assert_eq!((trace.allowed, trace.decided_by.as_str()), (false, "member_override"));
}

#[test]
fn a_ceiling_is_absolute() {
    let given = overriding(crowd(), GUEST, json!(["members.kick", "room.close", "queue.add"]), json!([]));
    given.clone().when(GUEST, "member.kick", json!({"member": MEMBER})).then_forbidden("members.kick", "ceiling:guest");
    given.clone().when(GUEST, "room.close", json!({})).then_forbidden("room.close", "ceiling:guest");
    given.when(GUEST, "playlist.add", json!({"url": "https://media.example/x"})).by("member_override");
}

#[test]
fn what_is_both_allowed_and_denied_is_denied() {
    let given = overriding(crowd(), MEMBER, json!(["queue.clear"]), json!(["queue.clear"]));
    given.when(MEMBER, "playlist.clear", json!({})).then_forbidden("queue.clear", "member_override");
}

#[test]
fn nobody_overrides_themselves_an_equal_or_a_superior() {
    for (actor, target, rule) in
        [(ADMIN, ADMIN, "rank:admin"), (ADMIN, OWNER, "rank:admin"), (OWNER, OWNER, "rank:owner")]
    {
        let fields = json!({"member": target, "allow": [], "deny": []});
        crowd().when(actor, "member.override_permissions", fields).then_forbidden("permissions.override", rule);
    }
    let fields = json!({"member": GUEST, "allow": [], "deny": []});
    let outcome = crowd().when(MODERATOR, "member.override_permissions", fields);
    outcome.then_forbidden("permissions.override", "role:moderator");
}

#[test]
fn nobody_gives_or_takes_what_they_lack() {
    let given = overriding(crowd(), ADMIN, json!([]), json!(["members.ban", "queue.clear"]));
    let refused = |name: &str, fields: Value, right: &str| {
        given.clone().when(ADMIN, name, fields).then_forbidden(right, "member_override");
    };
    for (allow, deny) in [(json!(["queue.clear"]), json!([])), (json!([]), json!(["queue.clear"]))] {
        refused("member.override_permissions", json!({"member": MEMBER, "allow": allow, "deny": deny}), "queue.clear");
        let permissions = json!({"member": {"allow": allow, "deny": deny}});
        refused("room.update_settings", json!({"permissions": permissions}), "queue.clear");
    }
    // A role comes with rights, whoever gets it, and however.
    refused("member.set_role", json!({"member": MEMBER, "role": "moderator"}), "queue.clear");
    refused("room.update_settings", json!({"default_role": "moderator"}), "queue.clear");
    refused("invite.create", json!({"role": "moderator"}), "queue.clear");
    given.when(ADMIN, "member.set_role", json!({"member": MEMBER, "role": "guest"})).by("role:admin");
}

#[test]
fn what_was_denied_is_not_given_back_by_somebody_who_lacks_it() {
    let given = overriding(crowd(), ADMIN, json!([]), json!(["queue.add"]));
    let given = overriding(given, MEMBER, json!([]), json!(["queue.add"]));
    let fields = json!({"member": MEMBER, "allow": [], "deny": []});
    given.when(ADMIN, "member.override_permissions", fields).then_forbidden("queue.add", "member_override");
}

#[test]
fn an_admin_without_control_does_not_take_it() {
    let given = crowd().past(OWNER, "room.update_settings", json!({"control": "owner"}));
    let loosened = json!({"control": "everyone"});
    given
        .clone()
        .when(ADMIN, "room.update_settings", loosened.clone())
        .then_forbidden("playback.control", "control:owner");
    let given = overriding(given, ADMIN, json!(["playback.control", "playback.navigate", "playback.rate"]), json!([]));
    given.when(ADMIN, "room.update_settings", loosened).by("role:admin");
    crowd().when(ADMIN, "room.update_settings", json!({"control": "owner"})).by("role:admin");
}

#[test]
fn the_rights_of_a_role_are_set_by_those_above_it() {
    for role in ["admin", "moderator"] {
        let given = crowd().past(
            OWNER,
            "room.update_settings",
            json!({"permissions": {"moderator": {"allow": ["room.settings"]}}}),
        );
        let fields = json!({"permissions": {role: {"deny": ["queue.add"]}}});
        given.when(MODERATOR, "room.update_settings", fields).then_forbidden("room.settings", "rank:moderator");
    }
    let fields = json!({"permissions": {"moderator": {"deny": ["queue.add"]}}});
    crowd().when(ADMIN, "room.update_settings", fields).by("role:admin");
}

#[test]
fn a_capability_that_is_off_can_be_switched_on_again() {
    let off = json!({"capabilities": {"chat": false}});
    let given = crowd().past(OWNER, "room.update_settings", off);
    given.clone().when(OWNER, "chat.post", json!({"text": "x"})).then_forbidden("chat.send", "capability:chat");
    given.when(ADMIN, "room.update_settings", json!({"capabilities": {"chat": true}})).by("role:admin");
    let given = crowd().past(OWNER, "room.update_settings", json!({"capabilities": {"reactions": false}}));
    given.clone().when(GUEST, "chat.post", json!({"text": "x"})).by("role:guest");
    let fields = json!({"message_id": crate::scenario::message(1), "reaction": "x", "on": true});
    given.when(OWNER, "chat.react", fields).then_forbidden("chat.react", "capability:reactions");
}

#[test]
fn a_muted_admin_may_still_switch_the_chat() {
    let given = crowd().past(OWNER, "room.update_settings", json!({"capabilities": {"chat": false}}));
    let given = given.past(OWNER, "member.mute", json!({"member": ADMIN}));
    given.when(ADMIN, "room.update_settings", json!({"capabilities": {"chat": true}})).by("role:admin");
}
