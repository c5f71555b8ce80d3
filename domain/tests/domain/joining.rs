use serde_json::{Value, json};
use synctv_domain::{CredentialId, Proof, ServerMs};
use ulid::Ulid;

use crate::scenario::{ADMIN, Given, MEMBER, MODERATOR, OWNER, STRANGER, a_room, create, crowd, nothing};

const HOUR_MS: i64 = 3_600_000;

fn kept(number: u128) -> CredentialId {
    CredentialId::new(Ulid(number))
}

fn right(number: u128) -> Proof {
    Proof { credential: Some(kept(number)), ..Proof::default() }
}

fn wrong(number: u128) -> Proof {
    Proof { wrong: Some(kept(number)), ..Proof::default() }
}

fn a_room_that_asks(rule: &str) -> Given {
    nothing().did(OWNER, create(json!({"name": "r", "join_rule": rule, "visibility": "listed"})))
}

fn a_room_with_a_password() -> Given {
    let room = json!({"name": "r", "join_rule": "password", "visibility": "listed", "password": "sesame"});
    nothing().proven(right(1)).did(OWNER, create(room)).proven(Proof::default())
}

fn password() -> Value {
    json!({"password": "sesame"})
}

fn end(now: i64) -> Value {
    json!(ServerMs(now).timestamp())
}

#[test]
fn who_knows_the_password_gets_in() {
    let given = a_room_with_a_password();
    given.clone().when(STRANGER, "member.join", json!({})).then_rejected("join_refused");
    given.clone().proven(wrong(1)).when(STRANGER, "member.join", password()).then_rejected("wrong_password");
    let joined = given.proven(right(1)).when(STRANGER, "member.join", password()).by("join_rule:password");
    assert!(joined.given.room.is_member(STRANGER));
}

#[test]
fn a_password_that_was_held_against_another_one_is_looked_at_again() {
    let given = a_room_with_a_password();
    for proof in [right(2), wrong(2), Proof::default()] {
        let outcome = given.clone().proven(proof).when(STRANGER, "member.join", password());
        outcome.then_rejected("password_changed");
    }
}

#[test]
fn a_room_without_a_password_lets_nobody_in_by_one() {
    a_room_that_asks("password").when(STRANGER, "member.join", password()).then_rejected("wrong_password");
}

#[test]
fn a_password_goes_with_its_rule_alone() {
    for (fields, code) in [
        (json!({"join_rule": "password"}), "password_required"),
        (json!({"join_rule": "public", "password": "sesame"}), "password_required"),
    ] {
        a_room().when(OWNER, "room.set_join_rule", fields).then_rejected(code);
    }
    let fields = json!({"join_rule": "password", "password": "sesame"});
    a_room()
        .proven(right(7))
        .when(OWNER, "room.set_join_rule", fields)
        .then(&[("room.join_rule_set", json!({"join_rule": "password", "credential_id": kept(7)}))]);
}

#[test]
fn a_password_stays_until_another_rule_or_one_is_set() {
    let given = a_room_with_a_password();
    given.clone().when(OWNER, "room.set_join_rule", json!({"join_rule": "password"})).then_nothing();
    let open = given.clone().past(OWNER, "room.set_join_rule", json!({"join_rule": "public"}));
    open.when(OWNER, "room.set_join_rule", json!({"join_rule": "password"})).then_rejected("password_required");
    let other = json!({"join_rule": "password", "password": "other"});
    let given = given.proven(right(2)).past(OWNER, "room.set_join_rule", other);
    given.proven(right(1)).when(STRANGER, "member.join", password()).then_rejected("password_changed");
}

#[test]
fn the_join_rule_belongs_to_admins() {
    let fields = json!({"join_rule": "invite"});
    crowd().when(ADMIN, "room.set_join_rule", fields.clone()).by("role:admin");
    crowd().when(MODERATOR, "room.set_join_rule", fields).then_forbidden("room.join_rule", "role:moderator");
}

#[test]
fn who_knocks_waits_and_is_let_in() {
    let given = a_room_that_asks("approval");
    let knocked = given.when(STRANGER, "member.join", json!({"message": "It is me"})).then(&[(
        "member.knocked",
        json!({"member": STRANGER, "display_name": "N9", "message": "It is me", "expires_at": end(10_000 + 24 * HOUR_MS)}),
    )]);
    let given = knocked.then_state("/knocks/0/message", json!("It is me")).given;
    assert!(!given.room.is_member(STRANGER));
    given.clone().when(STRANGER, "chat.post", json!({"text": "hello"})).then_rejected("not_a_member");
    given.clone().when(STRANGER, "member.join", json!({})).then_nothing();
    given
        .when(OWNER, "member.approve", json!({"member": STRANGER}))
        .then(&[
            ("member.approved", json!({"member": STRANGER})),
            ("member.joined", json!({"member": STRANGER, "display_name": "N9", "role": "member"})),
        ])
        .then_state("/knocks", json!([]))
        .given
        .when(STRANGER, "chat.post", json!({"text": "hello"}))
        .by("role:member");
}

#[test]
fn who_is_rejected_waits_before_knocking_again() {
    let given = a_room_that_asks("approval").past(STRANGER, "member.join", json!({}));
    let rejected = given.past(OWNER, "member.reject", json!({"member": STRANGER, "reason": "full"}));
    rejected.clone().at(69_999).when(STRANGER, "member.join", json!({})).then_rejected("cooldown");
    rejected.clone().at(70_000).when(STRANGER, "member.join", json!({})).by("join_rule:approval");
    rejected.when(OWNER, "member.approve", json!({"member": STRANGER})).then_rejected("knock_not_found");
}

#[test]
fn a_knock_that_waited_too_long_is_gone() {
    let given = a_room_that_asks("approval").past(STRANGER, "member.join", json!({})).at(10_000 + 24 * HOUR_MS);
    for name in ["member.approve", "member.reject"] {
        given.clone().when(OWNER, name, json!({"member": STRANGER})).then_rejected("knock_not_found");
    }
    given.when(STRANGER, "member.join", json!({})).by("join_rule:approval");
}

#[test]
fn knocks_are_answered_by_those_who_may() {
    let given = crowd().past(OWNER, "room.set_join_rule", json!({"join_rule": "approval"})).past(
        STRANGER,
        "member.join",
        json!({}),
    );
    for name in ["member.approve", "member.reject"] {
        let fields = json!({"member": STRANGER});
        given.clone().when(MEMBER, name, fields.clone()).then_forbidden("members.review", "role:member");
        given.clone().when(MODERATOR, name, fields).by("role:moderator");
    }
}

#[test]
fn a_room_takes_as_many_as_it_says() {
    let given = crowd().past(OWNER, "room.update_settings", json!({"max_members": 5}));
    given.clone().when(STRANGER, "member.join", json!({})).then_rejected("limit_reached");
    let given = given.past(MEMBER, "member.leave", json!({}));
    given.when(STRANGER, "member.join", json!({})).by("join_rule:public");
}

#[test]
fn going_out_and_in_again_gives_nothing_back() {
    let given = crowd()
        .past(OWNER, "member.set_role", json!({"member": MEMBER, "role": "guest"}))
        .past(
            OWNER,
            "member.override_permissions",
            json!({"member": MEMBER, "allow": ["queue.add"], "deny": ["chat.react"]}),
        )
        .past(OWNER, "member.mute", json!({"member": MEMBER}))
        .past(MEMBER, "member.leave", json!({}))
        .when(MEMBER, "member.join", json!({}))
        .then(&[(
            "member.joined",
            json!({"member": MEMBER, "display_name": "N4", "role": "guest", "deny": ["chat.react"],
                   "muted": {"expires_at": null}}),
        )])
        .given;
    let member = given.room.member(MEMBER).expect("they are back");
    assert_eq!(member.role.as_str(), "guest");
    assert!(member.overrides.allow.is_empty(), "what was allowed is not given again");
    given
        .clone()
        .when(MEMBER, "chat.react", json!({"message_id": crate::scenario::message(1), "reaction": "x", "on": true}))
        .then_forbidden("chat.react", "muted");
    given
        .past(OWNER, "member.unmute", json!({"member": MEMBER}))
        .when(MEMBER, "chat.react", json!({"message_id": crate::scenario::message(1), "reaction": "x", "on": true}))
        .then_forbidden("chat.react", "member_override");
}

#[test]
fn who_was_raised_comes_back_as_everybody_does() {
    let given = crowd().past(MODERATOR, "member.leave", json!({})).past(MODERATOR, "member.join", json!({}));
    assert_eq!(given.room.member(MODERATOR).expect("they are back").role.as_str(), "member");
}

#[test]
fn nobody_comes_back_above_the_role_that_they_were_given_last() {
    let invite = synctv_domain::InviteId::new(Ulid(1000));
    let proof = Proof { invite: Some(invite), ..Proof::default() };
    let invited = crowd().past(OWNER, "invite.create", json!({"role": "admin"})).proven(proof);
    let joins = json!({"invite": "a token"});
    let lowered = invited
        .past(STRANGER, "member.join", joins.clone())
        .past(OWNER, "member.set_role", json!({"member": STRANGER, "role": "moderator"}))
        .past(STRANGER, "member.leave", json!({}));
    let back = lowered.past(STRANGER, "member.join", joins.clone()).past(STRANGER, "member.leave", json!({}));
    let back = back.past(STRANGER, "member.join", joins);
    assert_eq!(back.room.member(STRANGER).expect("they are back").role.as_str(), "moderator");
}

#[test]
fn a_default_role_that_is_raised_lifts_nobody_who_was_lowered() {
    let given = crowd()
        .past(OWNER, "room.update_settings", json!({"default_role": "guest"}))
        .past(OWNER, "member.set_role", json!({"member": MEMBER, "role": "moderator"}))
        .past(OWNER, "member.set_role", json!({"member": MEMBER, "role": "guest"}))
        .past(MEMBER, "member.leave", json!({}))
        .past(OWNER, "room.update_settings", json!({"default_role": "member"}))
        .past(MEMBER, "member.join", json!({}));
    assert_eq!(given.room.member(MEMBER).expect("they are back").role.as_str(), "guest");
}
