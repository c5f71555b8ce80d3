use serde_json::json;
use synctv_domain::events::MemberJoined;
use synctv_domain::{ActorId, Event, Personal, Role, Room};
use ulid::Ulid;

use crate::scenario::{ADMIN, GUEST, MEMBER, MODERATOR, OWNER, STRANGER, a_room, create, crowd, nothing, recorded};

#[test]
fn anybody_joins_a_public_room() {
    a_room()
        .when(STRANGER, "member.join", json!({}))
        .then(&[("member.joined", json!({"member": STRANGER, "display_name": "N9", "role": "member"}))])
        .by("join_rule:public")
        .then_state("/members/1/id", json!(STRANGER))
        .then_state("/members/1/kind", json!("user"));
}

#[test]
fn a_joiner_gets_the_default_role() {
    for role in ["moderator", "member", "guest"] {
        let room = json!({"name": "r", "join_rule": "public", "visibility": "listed",
                          "default_role": role});
        nothing()
            .did(OWNER, create(room))
            .when(GUEST, "member.join", json!({}))
            .then_state("/members/1/role", json!(role));
    }
}

#[test]
fn joining_again_changes_nothing() {
    crowd().when(MEMBER, "member.join", json!({})).then_nothing();
}

#[test]
fn other_join_rules_let_nobody_in() {
    for rule in ["password", "invite"] {
        let room = json!({"name": "r", "join_rule": rule, "visibility": "listed"});
        let given = nothing().did(OWNER, create(room));
        given.when(STRANGER, "member.join", json!({})).then_rejected("join_refused");
    }
}

#[test]
fn joining_needs_a_display_name() {
    a_room().unnamed().when(STRANGER, "member.join", json!({})).then_rejected("display_name_required");
}

#[test]
fn a_full_room_takes_no_more_members() {
    let mut given = a_room();
    for number in 1..Room::MAX_MEMBERS {
        let joined = MemberJoined::new(ActorId::Guest(Ulid(number as u128)), Personal::Erased, Role::Member);
        let seq = given.room.seq().next();
        given.room.apply(&recorded(seq.0, OWNER, Event::MemberJoined(joined)));
    }
    let full = given.when(STRANGER, "member.join", json!({})).then_rejected("limit_reached");
    assert_eq!(full.given.room.members().len(), Room::MAX_MEMBERS);
}

#[test]
fn a_member_leaves() {
    crowd()
        .when(MEMBER, "member.leave", json!({}))
        .then(&[("member.left", json!({"member": MEMBER}))])
        .by("self")
        .given
        .when(MEMBER, "playback.play", json!({}))
        .then_rejected("not_a_member");
}

#[test]
fn the_owner_cannot_leave() {
    crowd().when(OWNER, "member.leave", json!({})).then_rejected("owner_cannot_leave");
}

#[test]
fn a_moderator_kicks_a_member() {
    let outcome = crowd()
        .when(MODERATOR, "member.kick", json!({"member": MEMBER, "reason": "spoilers"}))
        .then(&[(
            "member.kicked",
            json!({"member": MEMBER, "reason": "spoilers", "expires_at": "1970-01-01T00:01:10.000000Z"}),
        )])
        .by("role:moderator");
    assert!(!outcome.given.room.is_member(MEMBER));
}

#[test]
fn nobody_kicks_an_equal_or_a_superior() {
    for (actor, target, rule) in [
        (MODERATOR, MODERATOR, "rank:moderator"),
        (MODERATOR, ADMIN, "rank:moderator"),
        (ADMIN, OWNER, "rank:admin"),
        (OWNER, OWNER, "rank:owner"),
        (ActorId::System, OWNER, "rank:system"),
    ] {
        let outcome = crowd().when(actor, "member.kick", json!({"member": target}));
        outcome.then_forbidden("members.kick", rule);
    }
}

#[test]
fn a_member_kicks_nobody() {
    crowd().when(MEMBER, "member.kick", json!({"member": GUEST})).then_forbidden("members.kick", "role:member");
}

#[test]
fn kicking_somebody_who_is_not_there_is_refused() {
    let outcome = crowd().when(OWNER, "member.kick", json!({"member": STRANGER}));
    outcome.then_rejected("member_not_found");
}

#[test]
fn the_owner_gives_every_role_but_their_own() {
    for role in ["admin", "moderator", "guest"] {
        crowd()
            .when(OWNER, "member.set_role", json!({"member": MEMBER, "role": role}))
            .then(&[("member.role_set", json!({"member": MEMBER, "role": role}))])
            .by("role:owner")
            .then_state("/members/4/id", json!(GUEST))
            .then_state("/members/3/role", json!(role));
    }
}

#[test]
fn a_role_is_given_only_below_ones_own() {
    for (target, role) in [(MEMBER, "admin"), (ADMIN, "guest"), (OWNER, "guest")] {
        crowd()
            .when(ADMIN, "member.set_role", json!({"member": target, "role": role}))
            .then_forbidden("roles.assign", "rank:admin");
    }
    let outcome = crowd().when(ADMIN, "member.set_role", json!({"member": MEMBER, "role": "moderator"}));
    outcome.by("role:admin").then_state("/members/3/role", json!("moderator"));
}

#[test]
fn nobody_changes_their_own_role() {
    for actor in [OWNER, ADMIN] {
        let outcome = crowd().when(actor, "member.set_role", json!({"member": actor, "role": "member"}));
        outcome.then_rejected("forbidden");
    }
}

#[test]
fn a_moderator_gives_no_roles() {
    crowd()
        .when(MODERATOR, "member.set_role", json!({"member": GUEST, "role": "member"}))
        .then_forbidden("roles.assign", "role:moderator");
}

#[test]
fn giving_the_role_somebody_has_changes_nothing() {
    let outcome = crowd().when(OWNER, "member.set_role", json!({"member": MEMBER, "role": "member"}));
    outcome.then_nothing();
}

#[test]
fn giving_a_role_to_somebody_who_is_not_there_is_refused() {
    let fields = json!({"member": STRANGER, "role": "member"});
    crowd().when(OWNER, "member.set_role", fields).then_rejected("member_not_found");
}
