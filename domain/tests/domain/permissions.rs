use serde_json::json;
use synctv_domain::permission::explain;
use synctv_domain::{ActorId, Effect, EventId, Permission, Room, ServerMs, Trace};
use ulid::Ulid;

use crate::scenario::{ADMIN, CROWD, GUEST, MEMBER, MODERATOR, OWNER, STRANGER, crowd, crowd_with_items};

/// Per right the roles that have it, highest first.
const TABLE: [(&str, &str); 23] = [
    ("playback.control", "owner admin moderator member"),
    ("playback.navigate", "owner admin moderator member"),
    ("playback.rate", "owner admin moderator member"),
    ("queue.add", "owner admin moderator member"),
    ("queue.edit_own", "owner admin moderator member"),
    ("queue.edit_any", "owner admin moderator"),
    ("queue.clear", "owner admin moderator"),
    ("chat.send", "owner admin moderator member guest"),
    ("chat.react", "owner admin moderator member guest"),
    ("chat.delete_any", "owner admin moderator"),
    ("members.invite", "owner admin moderator member"),
    ("members.review", "owner admin moderator"),
    ("members.mute", "owner admin moderator"),
    ("members.kick", "owner admin moderator"),
    ("members.ban", "owner admin moderator"),
    ("live.publish", "owner admin moderator"),
    ("live.stop", "owner admin moderator"),
    ("roles.assign", "owner admin"),
    ("permissions.override", "owner admin"),
    ("room.settings", "owner admin"),
    ("room.join_rule", "owner admin"),
    ("room.close", "owner"),
    ("room.transfer", "owner"),
];

fn check(room: &Room, actor: ActorId, permission: Permission) -> Trace {
    explain(room, actor, permission, ServerMs(10_000))
}

fn steps(trace: &Trace) -> Vec<(&str, Effect)> {
    trace.steps.iter().map(|step| (step.layer.as_str(), step.effect)).collect()
}

#[test]
fn each_role_has_exactly_its_rights() {
    let room = crowd().room;
    let mut rights: Vec<&str> = Permission::ALL.iter().map(|right| right.as_str()).collect();
    for (right, roles) in TABLE {
        let permission = right.parse().expect("the right exists");
        for (actor, role) in CROWD {
            let trace = check(&room, actor, permission);
            let expected = roles.split(' ').any(|granted| granted == role);
            assert_eq!(trace.allowed, expected, "{right} for {role}: {trace:?}");
            assert_eq!(trace.decided_by, format!("role:{role}"), "{right}");
        }
        rights.retain(|known| *known != right);
    }
    assert_eq!(rights, Vec::<&str>::new(), "rights the table does not know");
}

#[test]
fn a_stranger_has_no_rights() {
    let room = crowd().room;
    for right in Permission::ALL {
        let trace = check(&room, STRANGER, *right);
        assert_eq!((trace.allowed, trace.decided_by.as_str()), (false, "membership"), "{right}");
    }
}

#[test]
fn the_system_has_every_right() {
    let room = crowd().room;
    for right in Permission::ALL {
        let trace = check(&room, ActorId::System, *right);
        assert_eq!((trace.allowed, trace.decided_by.as_str()), (true, "system"), "{right}");
    }
}

#[test]
fn a_trace_names_every_layer_and_the_event_that_set_it() {
    // The room is made by events 1 and 2; roles are set by events 7, 8 and 9.
    let trace = check(&crowd().room, GUEST, Permission::PlaybackControl);
    assert_eq!(
        serde_json::to_value(&trace).expect("a trace is JSON"),
        json!({"allowed": false, "steps": [
            {"layer": "role:guest", "effect": "deny", "event": EventId::new(Ulid(9))},
            {"layer": "control:everyone", "effect": "none", "event": EventId::new(Ulid(1))},
        ]})
    );
}

#[test]
fn a_changed_setting_is_the_origin_of_its_layer() {
    let given = crowd().past(OWNER, "room.update_settings", json!({"control": "owner"}));
    let trace = check(&given.room, ADMIN, Permission::PlaybackRate);
    assert_eq!(steps(&trace), [("role:admin", Effect::Allow), ("control:owner", Effect::Deny)]);
    assert_eq!(trace.steps[1].event, Some(EventId::new(Ulid(10))));
    let chat = check(&given.room, ADMIN, Permission::ChatSend);
    assert_eq!(chat.steps[1].event, Some(EventId::new(Ulid(1))), "chat was not touched");
}

#[test]
fn control_restricts_the_rights_over_playback() {
    for (control, allowed) in [
        ("everyone", &[OWNER, ADMIN, MODERATOR, MEMBER][..]),
        ("moderators", &[OWNER, ADMIN, MODERATOR]),
        ("owner", &[OWNER]),
    ] {
        let given = crowd().past(OWNER, "room.update_settings", json!({"control": control}));
        for (actor, role) in CROWD {
            for right in ["playback.control", "playback.navigate", "playback.rate"] {
                let trace = check(&given.room, actor, right.parse().expect("the right exists"));
                assert_eq!(trace.allowed, allowed.contains(&actor), "{control} {role} {right}");
            }
            let queue = check(&given.room, actor, Permission::QueueAdd);
            assert_eq!(queue.allowed, role != "guest", "{control} reaches the queue of {role}");
        }
    }
}

#[test]
fn a_member_cannot_play_while_moderators_control() {
    crowd_with_items(1)
        .past(OWNER, "room.update_settings", json!({"control": "moderators"}))
        .when(MEMBER, "playback.play", json!({}))
        .then_forbidden("playback.control", "control:moderators");
}

#[test]
fn without_the_chat_capability_nobody_chats() {
    let given = crowd().fresh(50).past(MEMBER, "chat.post", json!({"text": "before"})).past(
        OWNER,
        "room.update_settings",
        json!({"capabilities": {"chat": false}}),
    );
    let id = crate::scenario::message(50);
    for (actor, _) in CROWD {
        let post = given.clone().when(actor, "chat.post", json!({"text": "hello"}));
        post.then_forbidden("chat.send", "capability:chat");
        let fields = json!({"message_id": id, "reaction": "x", "on": true});
        let react = given.clone().when(actor, "chat.react", fields);
        react.then_forbidden("chat.react", "capability:chat");
    }
    let edit = given.clone().when(MEMBER, "chat.edit", json!({"message_id": id, "text": "after"}));
    edit.then_forbidden("chat.send", "capability:chat");
    given.when(MEMBER, "chat.redact", json!({"message_id": id})).by("own");
}

#[test]
fn a_guest_cannot_seek() {
    crowd_with_items(1)
        .past(OWNER, "playback.play", json!({}))
        .when(GUEST, "playback.seek", json!({"position_ms": 5}))
        .then_forbidden("playback.control", "role:guest");
}

#[test]
fn each_playback_command_needs_its_right() {
    let given = crowd_with_items(1);
    for (name, fields, right) in [
        ("playback.play", json!({}), "playback.control"),
        ("playback.pause", json!({}), "playback.control"),
        ("playback.seek", json!({"position_ms": 1}), "playback.control"),
        ("playback.set_rate", json!({"rate_permille": 2000}), "playback.rate"),
        ("playback.set_mode", json!({"mode": "shuffle"}), "playback.navigate"),
        ("playback.select_item", json!({"item_id": crate::scenario::item(1)}), "playback.navigate"),
        ("playback.next", json!({}), "playback.navigate"),
        ("playback.previous", json!({}), "playback.navigate"),
    ] {
        let outcome = given.clone().when(GUEST, name, fields);
        outcome.then_forbidden(right, "role:guest");
    }
}

#[test]
fn a_refusal_shows_the_rank_that_denied() {
    let outcome = crowd().when(MODERATOR, "member.kick", json!({"member": ADMIN}));
    let Err(synctv_domain::Rejection::Forbidden { trace, .. }) = outcome.result else {
        panic!("not forbidden: {:?}", outcome.result);
    };
    assert_eq!(steps(&trace), [("role:moderator", Effect::Allow), ("rank:moderator", Effect::Deny)]);
}
