use serde_json::json;
use synctv_domain::{ActorId, Command, RoomId, Settings};
use ulid::Ulid;

use crate::scenario::{MEMBER, OWNER, STRANGER, a_room, create, crowd, nothing, public_room};

#[test]
fn creating_makes_the_creator_owner_and_member() {
    nothing()
        .when_command(OWNER, &public_room())
        .then(&[
            (
                "room.created",
                json!({
                    "room_id": RoomId::new(Ulid(77)), "name": "Film night", "visibility": "listed",
                    "join_rule": "public", "default_role": "member", "owner": OWNER,
                    "settings": Settings::default(),
                }),
            ),
            ("member.joined", json!({"member": OWNER, "display_name": "N1", "role": "owner"})),
        ])
        .by("self")
        .then_state("/owner", json!(OWNER))
        .then_state("/members/0/role", json!("owner"))
        .then_state("/seq", json!(2));
}

#[test]
fn creating_takes_the_settings_and_the_default_role_given() {
    let none = json!({"allow": [], "deny": []});
    let fields = json!({
        "name": "Quiet", "join_rule": "invite", "visibility": "unlisted", "default_role": "guest",
        "settings": {"capabilities": {"chat": false, "reactions": true}, "barrier": "strict", "control": "owner",
                     "permissions": {"admin": {"allow": [], "deny": ["members.ban"]}, "moderator": none, "member": none,
                                     "guest": none},
                     "max_members": 20},
    });
    nothing()
        .when_command(OWNER, &create(fields.clone()))
        .then_state("/settings", fields["settings"].clone())
        .then_state("/default_role", json!("guest"))
        .then_state("/join_rule", json!("invite"))
        .then_state("/visibility", json!("unlisted"));
}

#[test]
fn creating_twice_is_refused() {
    a_room().when_command(STRANGER, &public_room()).then_rejected("room_exists");
}

#[test]
fn creating_needs_a_display_name() {
    nothing().unnamed().when_command(OWNER, &public_room()).then_rejected("display_name_required");
}

#[test]
fn the_system_owns_no_room() {
    nothing().when_command(ActorId::System, &public_room()).then_rejected("display_name_required");
}

#[test]
fn a_room_that_does_not_exist_is_not_found() {
    for (name, fields) in [
        ("member.join", json!({})),
        ("member.leave", json!({})),
        ("playback.play", json!({})),
        ("room.reopen", json!({})),
        ("chat.post", json!({"text": "hello"})),
    ] {
        nothing().when(OWNER, name, fields).then_rejected("room_not_found");
    }
}

#[test]
fn a_stranger_may_only_join() {
    for (name, fields) in [
        ("member.leave", json!({})),
        ("playback.play", json!({})),
        ("room.close", json!({})),
        ("chat.post", json!({"text": "hello"})),
    ] {
        a_room().when(STRANGER, name, fields).then_rejected("not_a_member");
    }
}

#[test]
fn a_closed_room_takes_no_commands_but_reopen_and_leave() {
    let closed = || crowd().did(OWNER, Command::Close);
    for (name, fields) in [
        ("room.update_settings", json!({"name": "x"})),
        ("member.join", json!({})),
        ("playback.play", json!({})),
        ("chat.post", json!({"text": "hello"})),
        ("playlist.clear", json!({})),
    ] {
        closed().when(OWNER, name, fields).then_rejected("room_closed");
    }
    closed().when(STRANGER, "member.join", json!({})).then_rejected("room_closed");
    closed().when(OWNER, "room.close", json!({})).then_nothing();
    closed().when(MEMBER, "member.leave", json!({})).then(&[("member.left", json!({"member": MEMBER}))]);
}

#[test]
fn a_stranger_does_not_learn_that_a_room_is_closed() {
    let closed = a_room().did(OWNER, Command::Close);
    closed.when(STRANGER, "playback.play", json!({})).then_rejected("not_a_member");
}

#[test]
fn closing_and_reopening() {
    a_room()
        .when_command(OWNER, &Command::Close)
        .then(&[("room.closed", json!({}))])
        .by("role:owner")
        .then_state("/closed", json!(true))
        .given
        .when_command(OWNER, &Command::Reopen)
        .then(&[("room.reopened", json!({}))])
        .then_state("/closed", json!(false))
        .given
        .when_command(OWNER, &Command::Reopen)
        .then_nothing();
}
