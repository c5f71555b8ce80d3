use serde_json::{Value, json};
use synctv_domain::{ActorId, ServerMs};
use ulid::Ulid;

use crate::scenario::{ADMIN, CROWD, GUEST, MEMBER, MODERATOR, OWNER, STRANGER, crowd};

const DAY_MS: i64 = 24 * 3_600_000;

fn at(ms: i64) -> Value {
    json!(ServerMs(ms).timestamp())
}

#[test]
fn who_was_kicked_waits_a_minute() {
    let given = crowd().past(MODERATOR, "member.kick", json!({"member": MEMBER}));
    given.clone().at(69_999).when(MEMBER, "member.join", json!({})).then_rejected("cooldown");
    given.clone().at(70_000).when(MEMBER, "member.join", json!({})).by("join_rule:public");
    let forgiven = given.past(OWNER, "member.unban", json!({"member": MEMBER}));
    forgiven.when(MEMBER, "member.join", json!({})).by("join_rule:public");
}

#[test]
fn a_cooldown_ends_within_a_day() {
    for (until, fine) in [(10_000, false), (10_001, true), (10_000 + DAY_MS, true), (10_001 + DAY_MS, false)] {
        let fields = json!({"member": MEMBER, "expires_at": at(until)});
        let code = crowd().when(MODERATOR, "member.kick", fields).result.err().map(|refused| refused.code());
        assert_eq!(code, (!fine).then_some("invalid_expiry"), "{until}");
    }
}

#[test]
fn who_is_banned_is_gone_and_stays_out() {
    let given = crowd()
        .when(MODERATOR, "member.ban", json!({"member": MEMBER, "reason": "spoilers"}))
        .then(&[("member.banned", json!({"member": MEMBER, "was_member": true, "reason": "spoilers"}))])
        .then_state("/bans/0/display_name", json!("N4"))
        .then_state("/bans/0/by", json!(MODERATOR))
        .given;
    assert!(!given.room.is_member(MEMBER));
    given.clone().at(10_000 + 999 * DAY_MS).when(MEMBER, "member.join", json!({})).then_rejected("banned");
    given
        .when(MODERATOR, "member.unban", json!({"member": MEMBER}))
        .then(&[("member.unbanned", json!({"member": MEMBER}))])
        .then_state("/bans", json!([]))
        .given
        .when(MEMBER, "member.join", json!({}))
        .by("join_rule:public");
}

#[test]
fn a_ban_ends_with_its_time() {
    let fields = json!({"member": GUEST, "expires_at": at(20_000)});
    let given = crowd().past(MODERATOR, "member.ban", fields);
    given.clone().at(19_999).when(GUEST, "member.join", json!({})).then_rejected("banned");
    given.at(20_000).when(GUEST, "member.join", json!({})).by("join_rule:public");
}

#[test]
fn somebody_who_is_not_there_can_be_banned() {
    let given = crowd().past(MODERATOR, "member.ban", json!({"member": STRANGER}));
    given.clone().when(STRANGER, "member.join", json!({})).then_rejected("banned");
    given.when(MODERATOR, "member.unban", json!({"member": ActorId::User(Ulid(99))})).then_nothing();
    crowd().when(OWNER, "member.ban", json!({"member": "system"})).then_rejected("member_not_found");
}

#[test]
fn nobody_judges_an_equal_or_a_superior() {
    for (name, right) in
        [("member.kick", "members.kick"), ("member.ban", "members.ban"), ("member.mute", "members.mute")]
    {
        for target in [MODERATOR, ADMIN, OWNER] {
            let outcome = crowd().when(MODERATOR, name, json!({"member": target}));
            outcome.then_forbidden(right, "rank:moderator");
        }
        crowd().when(MEMBER, name, json!({"member": GUEST})).then_forbidden(right, "role:member");
        crowd().when(OWNER, name, json!({"member": OWNER})).then_forbidden(right, "rank:owner");
    }
    crowd().when(MODERATOR, "member.unmute", json!({"member": ADMIN})).then_forbidden("members.mute", "rank:moderator");
}

#[test]
fn who_is_muted_reads_and_plays_but_does_not_speak() {
    let given = crowd().fresh(50).past(MEMBER, "chat.post", json!({"text": "before"})).past(
        MODERATOR,
        "member.mute",
        json!({"member": MEMBER, "expires_at": at(20_000)}),
    );
    let id = crate::scenario::message(50);
    for (name, fields, right) in [
        ("chat.post", json!({"text": "hello"}), "chat.send"),
        ("chat.edit", json!({"message_id": id, "text": "after"}), "chat.send"),
        ("chat.react", json!({"message_id": id, "reaction": "x", "on": true}), "chat.react"),
    ] {
        given.clone().at(19_999).when(MEMBER, name, fields.clone()).then_forbidden(right, "muted");
        given.clone().at(20_000).when(MEMBER, name, fields).decision();
    }
    given.clone().when(MEMBER, "playlist.add", json!({"url": "https://media.example/x"})).by("role:member");
    given.clone().when(MEMBER, "chat.redact", json!({"message_id": id})).by("own");
    given
        .when(MODERATOR, "member.unmute", json!({"member": MEMBER}))
        .then(&[("member.unmuted", json!({"member": MEMBER}))]);
}

#[test]
fn unmuting_who_is_not_muted_changes_nothing() {
    crowd().when(MODERATOR, "member.unmute", json!({"member": MEMBER})).then_nothing();
    crowd().when(MODERATOR, "member.unmute", json!({"member": STRANGER})).then_rejected("member_not_found");
}

#[test]
fn who_is_muted_gives_nobody_the_word() {
    let given = crowd().past(OWNER, "member.mute", json!({"member": MODERATOR})).past(
        OWNER,
        "member.mute",
        json!({"member": MEMBER}),
    );
    given.when(MODERATOR, "member.unmute", json!({"member": MEMBER})).then_forbidden("chat.send", "muted");
}

#[test]
fn all_guests_are_expelled_at_once() {
    let other = ActorId::Guest(Ulid(70));
    let trusted = ActorId::Guest(Ulid(71));
    let given = crowd().past(other, "member.join", json!({})).past(trusted, "member.join", json!({})).past(
        OWNER,
        "member.set_role",
        json!({"member": trusted, "role": "moderator"}),
    );
    let given = given
        .when(OWNER, "room.expel_guests", json!({}))
        .then(&[("room.guests_expelled", json!({"members": [GUEST, other], "expires_at": at(70_000)}))])
        .by("role:owner")
        .given;
    for (who, stays) in CROWD.map(|(who, _)| (who, who != GUEST)).into_iter().chain([(other, false), (trusted, true)]) {
        assert_eq!(given.room.is_member(who), stays, "{who}");
    }
    given.clone().when(other, "member.join", json!({})).then_rejected("cooldown");
    given.clone().at(70_000).when(other, "member.join", json!({})).by("join_rule:public");
    given.when(OWNER, "room.expel_guests", json!({})).then_nothing();
}

#[test]
fn a_mute_is_not_cut_short_by_who_may_not_lift_it() {
    let denied = json!({"member": MODERATOR, "allow": [], "deny": ["chat.send"]});
    let given = crowd().past(OWNER, "member.override_permissions", denied).past(
        OWNER,
        "member.mute",
        json!({"member": MEMBER}),
    );
    let mute = |until| json!({"member": MEMBER, "expires_at": at(until)});
    given.clone().when(MODERATOR, "member.mute", mute(20_000)).then_forbidden("chat.send", "member_override");
    given.clone().when(ADMIN, "member.mute", mute(20_000)).by("role:admin");
    let shorter = given.clone().past(ADMIN, "member.mute", mute(20_000));
    shorter.when(MODERATOR, "member.mute", mute(30_000)).by("role:moderator");
    let gone = given.past(MEMBER, "member.leave", json!({}));
    gone.when(MODERATOR, "member.unmute", json!({"member": MEMBER})).then_forbidden("chat.send", "member_override");
}

#[test]
fn who_is_gone_is_judged_as_what_they_would_come_back_as() {
    let given = crowd()
        .past(OWNER, "room.update_settings", json!({"default_role": "moderator"}))
        .past(OWNER, "member.mute", json!({"member": ADMIN}))
        .past(ADMIN, "member.leave", json!({}));
    for (name, right) in [("member.ban", "members.ban"), ("member.unmute", "members.mute")] {
        let outcome = given.clone().when(MODERATOR, name, json!({"member": ADMIN}));
        outcome.then_forbidden(right, "rank:moderator");
    }
    given.when(OWNER, "member.ban", json!({"member": ADMIN})).by("role:owner");
}

#[test]
fn bans_of_many_keep_nobody_from_banning_one_more() {
    let mut given = crowd();
    for number in 0..=synctv_domain::Room::MAX_SANCTIONS {
        given = given.past(OWNER, "member.ban", json!({"member": ActorId::User(Ulid(number as u128 + 100))}));
    }
    let view = serde_json::to_value(given.room.view("e")).expect("JSON");
    assert_eq!(view["bans"].as_array().map(Vec::len), Some(synctv_domain::Room::MAX_SANCTIONS));
    assert!(given.room.ban(ActorId::User(Ulid(100)), ServerMs(10_000)).is_none(), "the oldest made room");
}
