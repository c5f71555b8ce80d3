use serde_json::json;
use synctv_domain::command::{CheckLive, EndLive, StartLive};
use synctv_domain::{ActorId, Command, LiveEnd, LiveKeyId, Seq, ServerMs};
use ulid::Ulid;

use crate::scenario::{ADMIN, Given, MEMBER, MODERATOR, OWNER, Outcome, crowd};

const MONTH_MS: i64 = 30 * 24 * 3_600_000;

fn key(number: u128) -> LiveKeyId {
    LiveKeyId::new(Ulid(number))
}

/// The moderator has a key.
fn keyed() -> Given {
    crowd().fresh(7).past(MODERATOR, "live.create_key", json!({}))
}

fn starts(given: Given, number: u128) -> Outcome {
    given.when_command(ActorId::System, &Command::StartLive(StartLive { key_id: key(number) }))
}

/// The moderator publishes with it.
fn live() -> Given {
    starts(keyed(), 7).given
}

fn checked(given: Given) -> Outcome {
    given.when_command(ActorId::System, &Command::CheckLive(CheckLive {}))
}

#[test]
fn a_key_is_good_for_a_month_or_as_long_as_it_says() {
    let expires_at = json!(ServerMs(10_000 + MONTH_MS).timestamp());
    let given = crowd().fresh(7);
    given
        .clone()
        .when(MODERATOR, "live.create_key", json!({}))
        .by("role:moderator")
        .then(&[("live.key_created", json!({"key_id": key(7), "expires_at": expires_at}))]);
    let soon = json!(ServerMs(20_000).timestamp());
    let short = given.clone().past(MODERATOR, "live.create_key", json!({"expires_at": soon}));
    starts(short.clone(), 7).then_state("/live/by", json!(MODERATOR));
    starts(short.at(20_000), 7).then_rejected("live_key_not_found");
    given
        .clone()
        .when(MODERATOR, "live.create_key", json!({"expires_at": ServerMs(1).timestamp()}))
        .then_rejected("invalid_expiry");
    given.when(MEMBER, "live.create_key", json!({})).then_forbidden("live.publish", "role:member");
}

#[test]
fn a_member_has_ten_keys_at_most() {
    let given = (0..10).fold(crowd(), |given, number| given.fresh(number).past(ADMIN, "live.create_key", json!({})));
    given.clone().fresh(11).when(ADMIN, "live.create_key", json!({})).then_rejected("limit_reached");
    let revoked = given.past(ADMIN, "live.revoke_key", json!({"key_id": key(3)}));
    revoked.fresh(11).past(ADMIN, "live.create_key", json!({}));
}

#[test]
fn who_shows_a_key_publishes_for_whoever_made_it() {
    let started = starts(keyed(), 7).by("role:moderator");
    let started = started.then(&[("live.started", json!({"by": MODERATOR, "key_id": key(7)}))]);
    let seq = started.given.room.seq();
    started.then_state("/live/by", json!(MODERATOR)).then_state("/live/seq", json!(seq));
}

#[test]
fn the_same_key_takes_its_stream_over_and_another_does_not() {
    let given = live().fresh(8).past(ADMIN, "live.create_key", json!({}));
    starts(given.clone(), 8).then_rejected("already_live");
    starts(given, 7).then(&[
        ("live.stopped", json!({"reason": "replaced"})),
        ("live.started", json!({"by": MODERATOR, "key_id": key(7)})),
    ]);
}

#[test]
fn a_key_of_somebody_who_may_not_publish_opens_nothing() {
    let lowered = keyed().past(OWNER, "member.set_role", json!({"member": MODERATOR, "role": "member"}));
    starts(lowered, 7).then_forbidden("live.publish", "role:member");
    let gone = keyed().past(OWNER, "member.kick", json!({"member": MODERATOR}));
    starts(gone, 7).then_forbidden("live.publish", "membership");
    let closed = keyed().past(OWNER, "room.close", json!({}));
    starts(closed, 7).then_rejected("room_closed");
    starts(keyed(), 9).then_rejected("live_key_not_found");
}

#[test]
fn only_the_stream_that_a_node_began_is_ended_by_it() {
    let given = live();
    let started = given.room.seq();
    let end = |started| Command::EndLive(EndLive { started, reason: LiveEnd::Disconnected });
    let later = starts(given.clone(), 7).given;
    later.when_command(ActorId::System, &end(started)).then_nothing();
    given.clone().when_command(ActorId::System, &end(Seq(started.0 - 1))).then_nothing();
    given
        .when_command(ActorId::System, &end(started))
        .then(&[("live.stopped", json!({"reason": "disconnected"}))])
        .then_state("/live", json!(null))
        .given
        .when_command(ActorId::System, &end(started))
        .then_nothing();
}

#[test]
fn a_stream_ends_with_its_key_its_right_or_its_room() {
    checked(live()).then_nothing();
    let stopped = |reason: &str| [("live.stopped", json!({"reason": reason}))];
    checked(live().at(10_000 + MONTH_MS)).then(&stopped("key_revoked"));
    let lowered = live().past(OWNER, "member.set_role", json!({"member": MODERATOR, "role": "member"}));
    checked(lowered).then(&stopped("not_allowed"));
    checked(live().past(OWNER, "member.ban", json!({"member": MODERATOR}))).then(&stopped("not_allowed"));
    live()
        .when(MODERATOR, "live.revoke_key", json!({"key_id": key(7)}))
        .by("own")
        .then(&[("live.key_revoked", json!({"key_id": key(7)})), ("live.stopped", json!({"reason": "key_revoked"}))]);
    live()
        .when(OWNER, "room.close", json!({}))
        .then(&[("live.stopped", json!({"reason": "room_closed"})), ("room.closed", json!({}))]);
}

#[test]
fn who_publishes_or_may_stop_others_stops_it() {
    let stopped = [("live.stopped", json!({"reason": "asked"}))];
    live().when(MODERATOR, "live.stop", json!({})).by("own").then(&stopped);
    live().when(ADMIN, "live.stop", json!({})).by("role:admin").then(&stopped);
    live().when(MEMBER, "live.stop", json!({})).then_forbidden("live.stop", "role:member");
    keyed().when(ADMIN, "live.stop", json!({})).then_nothing();
    live().when(MEMBER, "live.revoke_key", json!({"key_id": key(7)})).then_forbidden("live.stop", "role:member");
    live().when(ADMIN, "live.revoke_key", json!({"key_id": key(9)})).then_rejected("live_key_not_found");
}
