use serde_json::{Value, json};
use synctv_domain::{ActorId, Role};

use crate::scenario::{ADMIN, Given, MEMBER, MODERATOR, OWNER, STRANGER, crowd};

fn offered() -> Given {
    crowd().past(OWNER, "room.transfer", json!({"member": MEMBER}))
}

fn roles(given: &Given) -> Vec<(ActorId, Role)> {
    given
        .room
        .members()
        .iter()
        .map(|member| (member.id, member.role))
        .filter(|(id, _)| [OWNER, MEMBER].contains(id))
        .collect()
}

#[test]
fn a_room_changes_hands_in_two_steps() {
    let given = crowd()
        .when(OWNER, "room.transfer", json!({"member": MEMBER}))
        .then(&[("room.transfer_offered", json!({"member": MEMBER}))])
        .then_state("/offer/member", json!(MEMBER))
        .then_state("/owner", json!(OWNER))
        .given;
    let given = given
        .when(MEMBER, "room.accept_transfer", json!({}))
        .then(&[("room.transferred", json!({"from": OWNER, "to": MEMBER}))])
        .by("offer")
        .then_state("/owner", json!(MEMBER))
        .then_state("/offer", Value::Null)
        .given;
    assert_eq!(roles(&given), [(OWNER, Role::Admin), (MEMBER, Role::Owner)]);
    given.clone().when(OWNER, "room.close", json!({})).then_forbidden("room.close", "role:admin");
    given.when(MEMBER, "room.close", json!({})).by("role:owner");
}

#[test]
fn only_the_owner_offers_and_only_to_members() {
    crowd().when(ADMIN, "room.transfer", json!({"member": MEMBER})).then_forbidden("room.transfer", "role:admin");
    crowd().when(OWNER, "room.transfer", json!({"member": STRANGER})).then_rejected("member_not_found");
    crowd().when(OWNER, "room.transfer", json!({"member": OWNER})).then_nothing();
    offered().when(OWNER, "room.transfer", json!({"member": MEMBER})).then_nothing();
}

#[test]
fn only_who_it_was_offered_to_accepts() {
    for who in [OWNER, ADMIN] {
        offered().when(who, "room.accept_transfer", json!({})).then_rejected("no_transfer");
    }
    crowd().when(MEMBER, "room.accept_transfer", json!({})).then_rejected("no_transfer");
    offered().when(MEMBER, "room.accept_transfer", json!({"member": ADMIN})).then_rejected("no_transfer");
    offered().when(MEMBER, "room.accept_transfer", json!({"member": OWNER})).by("offer");
}

#[test]
fn an_offer_ends_when_it_is_withdrawn_or_nobody_is_there_to_accept() {
    let withdrawn = offered().past(OWNER, "room.transfer", json!({}));
    let other = offered().past(OWNER, "room.transfer", json!({"member": MODERATOR}));
    let back = offered().past(MEMBER, "member.leave", json!({})).past(MEMBER, "member.join", json!({}));
    for given in [withdrawn, other, back] {
        given.when(MEMBER, "room.accept_transfer", json!({})).then_rejected("no_transfer");
    }
}

#[test]
fn nothing_that_was_said_of_a_member_binds_an_owner() {
    let given = offered()
        .past(OWNER, "member.mute", json!({"member": MEMBER}))
        .past(OWNER, "member.override_permissions", json!({"member": MEMBER, "allow": [], "deny": ["chat.send"]}))
        .past(MEMBER, "room.accept_transfer", json!({}));
    given.when(MEMBER, "chat.post", json!({"text": "mine"})).by("role:owner");
}
