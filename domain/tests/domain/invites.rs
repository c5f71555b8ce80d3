use serde_json::{Value, json};
use synctv_domain::{InviteFault, InviteId, Proof, Rejection, ServerMs};
use ulid::Ulid;

use crate::scenario::{ADMIN, GUEST, Given, MEMBER, MODERATOR, OWNER, Outcome, STRANGER, crowd};

const WEEK_MS: i64 = 7 * 24 * 3_600_000;

fn invite() -> InviteId {
    InviteId::new(Ulid(1000))
}

/// A room for the invited, whose owner has made an invite.
fn invited(by: synctv_domain::ActorId, fields: Value) -> Given {
    let given = crowd().past(OWNER, "room.set_join_rule", json!({"join_rule": "invite"}));
    given.past(by, "invite.create", fields).proven(Proof { invite: Some(invite()), ..Proof::default() })
}

fn comes(given: Given) -> Outcome {
    given.when(STRANGER, "member.join", json!({"invite": "a token"}))
}

#[track_caller]
fn refused(outcome: Outcome, fault: InviteFault) {
    assert_eq!(outcome.result.err(), Some(Rejection::InvalidInvite { fault }));
}

#[test]
fn an_invite_opens_a_room() {
    let given = crowd().past(OWNER, "room.set_join_rule", json!({"join_rule": "invite"}));
    given.clone().when(STRANGER, "member.join", json!({})).then_rejected("join_refused");
    let expires_at = json!(ServerMs(10_000 + WEEK_MS).timestamp());
    let made = given
        .when(MEMBER, "invite.create", json!({}))
        .then(&[("invite.created", json!({"invite_id": invite(), "expires_at": expires_at}))]);
    let proof = Proof { invite: Some(invite()), ..Proof::default() };
    let joined = comes(made.given.proven(proof)).by(&format!("invite:{}", invite()));
    joined
        .then(&[(
            "member.joined",
            json!({"member": STRANGER, "display_name": "N9", "role": "member", "invite": invite()}),
        )])
        .then_state("/invites/0/uses", json!(1));
}

#[test]
fn a_token_that_is_none_opens_nothing() {
    refused(comes(invited(OWNER, json!({})).proven(Proof::default())), InviteFault::Unknown);
}

#[test]
fn an_invite_can_be_used_as_often_as_it_says() {
    let given = comes(invited(OWNER, json!({"max_uses": 1}))).by(&format!("invite:{}", invite())).given;
    let again = given.past(STRANGER, "member.leave", json!({}));
    refused(comes(again), InviteFault::Gone);
}

#[test]
fn an_invite_ends_with_its_time() {
    let until = json!(ServerMs(20_000).timestamp());
    let given = invited(OWNER, json!({"expires_at": until}));
    comes(given.clone().at(19_999)).by(&format!("invite:{}", invite()));
    refused(comes(given.at(20_000)), InviteFault::Expired);
    crowd().at(20_000).when(OWNER, "invite.create", json!({"expires_at": until})).then_rejected("invalid_expiry");
}

#[test]
fn a_revoked_invite_is_worth_nothing() {
    let fields = json!({"invite_id": invite()});
    let given = invited(MEMBER, json!({}));
    given.clone().when(GUEST, "invite.revoke", fields.clone()).then_forbidden("members.review", "role:guest");
    given.clone().when(MODERATOR, "invite.revoke", fields.clone()).by("role:moderator");
    let revoked = given.when(MEMBER, "invite.revoke", fields.clone()).by("own").given;
    revoked.clone().when(MODERATOR, "invite.revoke", fields).then_rejected("invite_not_found");
    refused(comes(revoked), InviteFault::Gone);
}

#[test]
fn an_invite_gives_the_role_that_it_names() {
    comes(invited(MODERATOR, json!({"role": "guest"}))).then_state("/members/5/role", json!("guest"));
    comes(invited(ADMIN, json!({"role": "moderator"}))).then_state("/members/5/role", json!("moderator"));
}

#[test]
fn nobody_invites_to_their_own_rank_or_above() {
    for (by, role, rule) in [
        (MODERATOR, "moderator", "rank:moderator"),
        (MODERATOR, "admin", "rank:moderator"),
        (MEMBER, "moderator", "rank:member"),
    ] {
        let outcome = crowd().when(by, "invite.create", json!({"role": role}));
        outcome.then_forbidden("members.invite", rule);
    }
    crowd().when(MEMBER, "invite.create", json!({"role": "member"})).by("role:member");
    crowd().when(GUEST, "invite.create", json!({})).then_forbidden("members.invite", "role:guest");
}

#[test]
fn an_invite_is_worth_what_its_maker_may_still_give() {
    let given = invited(ADMIN, json!({"role": "moderator"}));
    for (name, fields) in [
        ("member.set_role", json!({"member": ADMIN, "role": "moderator"})),
        ("member.override_permissions", json!({"member": ADMIN, "allow": [], "deny": ["members.kick"]})),
        ("member.override_permissions", json!({"member": ADMIN, "allow": [], "deny": ["members.invite"]})),
    ] {
        refused(comes(given.clone().past(OWNER, name, fields)), InviteFault::Void);
    }
    let gone = given.clone().past(OWNER, "member.kick", json!({"member": ADMIN}));
    refused(comes(gone), InviteFault::Gone);
    comes(given).then_state("/members/5/role", json!("moderator"));
}

#[test]
fn an_invite_lets_nobody_in_who_is_kept_out() {
    let given = invited(OWNER, json!({})).past(OWNER, "member.ban", json!({"member": STRANGER}));
    comes(given).then_rejected("banned");
}

#[test]
fn one_member_does_not_fill_the_room_with_invites() {
    let mut given = crowd();
    for number in 0..synctv_domain::Room::MAX_OWN_INVITES {
        given = given.fresh(number as u128 + 1).past(MEMBER, "invite.create", json!({}));
    }
    given.clone().fresh(500).when(MEMBER, "invite.create", json!({})).then_rejected("limit_reached");
    given.clone().fresh(500).when(OWNER, "invite.create", json!({})).by("role:owner");
    given.when(OWNER, "member.kick", json!({"member": MEMBER})).then_state("/invites", json!([]));
}
