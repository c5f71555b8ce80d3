//! The ready check.

use serde_json::{Value, json};
use synctv_domain::command::ReadySettle;
use synctv_domain::{ActorId, Command};

use crate::scenario::{GUEST, Given, LEAD_MS, MEMBER, MODERATOR, OWNER, crowd, crowd_with_items, item};

const NOW: i64 = 20_000;
const COUNTDOWN_MS: i64 = 3_000;

/// Asked by the owner at [`NOW`] of the owner, the member and the guest.
fn asked() -> Given {
    crowd_with_items(2).at(NOW).present(&[MEMBER, GUEST]).past(OWNER, "ready.start", json!({}))
}

fn ready(given: Given, member: ActorId) -> Given {
    given.past(member, "ready.mark", json!({ "ready": true }))
}

fn settle() -> Command {
    Command::ReadySettle(ReadySettle {})
}

fn motion(anchor: i64, playing: bool) -> Value {
    json!({ "item_id": item(1), "position_ms": 0, "anchor_ms": anchor, "rate_permille": 1000, "playing": playing })
}

/// All three are ready at 21,000: it starts at 24,000.
fn counting() -> Given {
    let given = [OWNER, MEMBER, GUEST].into_iter().fold(asked().at(21_000), ready);
    assert_eq!(given.room.playback().motion.anchor_ms.0, 21_000 + COUNTDOWN_MS);
    given
}

#[test]
fn those_who_are_connected_are_asked_and_whoever_asks() {
    let started = json!({ "deadline_ms": NOW + 60_000, "members": [OWNER, MEMBER, GUEST] });
    crowd_with_items(1)
        .at(NOW)
        .present(&[GUEST, MEMBER, crate::scenario::STRANGER])
        .when(OWNER, "ready.start", json!({}))
        .then(&[("ready.started", started)])
        .by("role:owner")
        .then_state("/ready/counting", json!(false));
}

#[test]
fn where_nobody_is_connected_all_are_asked() {
    let outcome = crowd_with_items(1).when(OWNER, "ready.start", json!({}));
    assert_eq!(outcome.given.room.ready_check(synctv_domain::ServerMs(NOW)).map(|check| check.members.len()), Some(5));
}

#[test]
fn a_deadline_is_an_instant_or_a_span() {
    let start = |deadline: i64| {
        crowd_with_items(1).at(1_000_000).when(OWNER, "ready.start", json!({ "deadline_ms": deadline }))
    };
    for (given, instant) in [(1, 1_000_001), (600_000, 1_600_000), (1_000_001, 1_000_001), (1_600_000, 1_600_000)] {
        start(given).then_state("/ready/deadline_ms", json!(instant));
    }
    for given in [i64::MIN, -1, 0, 600_001, 1_000_000, 1_600_001, i64::MAX] {
        start(given).then_rejected("invalid_deadline");
    }
}

#[test]
fn a_check_stops_what_plays() {
    let playing = crowd_with_items(1).at(10_000).past(OWNER, "playback.play", json!({}));
    let started = json!({ "deadline_ms": 75_000, "members": [OWNER, GUEST] });
    let mut stopped = motion(15_000, false);
    stopped["position_ms"] = json!(5_000 - LEAD_MS);
    playing
        .at(15_000)
        .present(&[GUEST])
        .when(OWNER, "ready.start", json!({}))
        .then(&[("ready.started", started), ("playback.paused", stopped)])
        .then_state("/ready/counting", json!(false));
}

#[test]
fn who_may_not_start_playback_may_not_ask() {
    crowd_with_items(1).when(GUEST, "ready.start", json!({})).then_forbidden("playback.control", "role:guest");
    crowd().when(OWNER, "ready.start", json!({})).then_rejected("nothing_to_play");
}

#[test]
fn a_second_check_changes_nothing() {
    asked().when(MEMBER, "ready.start", json!({})).then_nothing();
    counting().when(MEMBER, "ready.start", json!({})).then_nothing();
}

#[test]
fn the_last_one_to_be_ready_starts_the_countdown() {
    let almost = ready(ready(asked(), OWNER), GUEST);
    almost
        .at(25_000)
        .when(MEMBER, "ready.mark", json!({ "ready": true }))
        .then(&[
            ("ready.marked", json!({ "member": MEMBER, "ready": true })),
            ("playback.played", motion(25_000 + COUNTDOWN_MS, true)),
        ])
        .then_state("/ready/counting", json!(true))
        .then_state("/ready/ready", json!([OWNER, MEMBER, GUEST]));
}

#[test]
fn marking_twice_changes_nothing() {
    ready(asked(), GUEST).when(GUEST, "ready.mark", json!({ "ready": true })).then_nothing();
    asked().when(GUEST, "ready.mark", json!({ "ready": false })).then_nothing();
}

#[test]
fn somebody_who_was_not_asked_may_be_ready_too() {
    let marked = asked().when(MODERATOR, "ready.mark", json!({ "ready": true }));
    marked
        .then_state("/ready/ready", json!([MODERATOR]))
        .then_state("/ready/members", json!([OWNER, MODERATOR, MEMBER, GUEST]));
}

#[test]
fn whoever_is_not_ready_after_all_stops_the_countdown_and_the_check_goes_on() {
    let stopped = counting()
        .at(23_000)
        .when(GUEST, "ready.mark", json!({ "ready": false }))
        .then(&[
            ("playback.paused", motion(23_000, false)),
            ("ready.marked", json!({ "member": GUEST, "ready": false })),
        ])
        .then_state("/ready/counting", json!(false))
        .then_state("/ready/ready", json!([OWNER, MEMBER]));
    let again = stopped.given.at(30_000).when(GUEST, "ready.mark", json!({ "ready": true }));
    again.then_state("/playback/anchor_ms", json!(30_000 + COUNTDOWN_MS)).then_state("/ready/counting", json!(true));
}

#[test]
fn after_the_countdown_the_check_is_over() {
    let over = counting().at(21_000 + COUNTDOWN_MS);
    over.clone().when(GUEST, "ready.mark", json!({ "ready": false })).then_rejected("no_ready_check");
    over.clone().when(OWNER, "ready.cancel", json!({})).then_nothing();
    over.clone().when(OWNER, "playback.pause", json!({})).then_state("/ready", Value::Null);
    over.clone().at(24_001).when(OWNER, "playback.seek", json!({ "position_ms": 1 })).then_state("/ready", Value::Null);
    let next = over.when(OWNER, "ready.start", json!({}));
    next.then_state("/ready/ready", json!([])).then_state("/playback/playing", json!(false));
}

#[test]
fn a_check_is_called_off_by_who_asked_or_may_steer() {
    asked().when(GUEST, "ready.cancel", json!({})).then_forbidden("playback.control", "role:guest");
    let called_off = ("ready.cancelled", json!({ "reason": "asked" }));
    asked()
        .when(MEMBER, "ready.cancel", json!({}))
        .then(std::slice::from_ref(&called_off))
        .then_state("/ready", Value::Null);
    counting()
        .at(22_000)
        .when(OWNER, "ready.cancel", json!({}))
        .by("own")
        .then(&[("playback.paused", motion(22_000, false)), called_off])
        .then_state("/ready", Value::Null);
    crowd().when(OWNER, "ready.cancel", json!({})).then_nothing();
}

#[test]
fn whoever_starts_or_stops_playback_ends_the_check() {
    let overtaken = ("ready.cancelled", json!({ "reason": "overtaken" }));
    asked()
        .when(MEMBER, "playback.play", json!({}))
        .then(&[overtaken.clone(), ("playback.played", motion(NOW + LEAD_MS, true))])
        .then_state("/ready", Value::Null);
    counting()
        .at(22_000)
        .when(MEMBER, "playback.pause", json!({}))
        .then(&[("playback.paused", motion(22_000, false)), overtaken])
        .then_state("/ready", Value::Null);
}

#[test]
fn a_check_that_ended_with_a_start_does_not_come_back_when_its_item_is_removed() {
    for at in [22_000, 60_000] {
        let removed = counting().at(at).past(OWNER, "playlist.remove", json!({ "item_id": item(1) }));
        removed.clone().when_command(ActorId::System, &settle()).then_nothing().then_state("/ready", Value::Null);
        let cleared = counting().at(at).past(OWNER, "playlist.clear", json!({}));
        cleared.when_command(ActorId::System, &settle()).then_nothing().then_state("/ready", Value::Null);
    }
}

#[test]
fn a_jump_in_the_countdown_keeps_the_start() {
    counting()
        .at(22_000)
        .when(MEMBER, "playback.seek", json!({ "position_ms": 9_000 }))
        .then_state("/playback/anchor_ms", json!(21_000 + COUNTDOWN_MS))
        .then_state("/ready/counting", json!(true))
        .given
        .when(MEMBER, "playback.select_item", json!({ "item_id": item(2) }))
        .then_state("/playback/anchor_ms", json!(21_000 + COUNTDOWN_MS));
}

#[test]
fn at_the_deadline_it_starts_without_those_who_are_not_ready() {
    let one = ready(asked(), OWNER).at(NOW + 59_999);
    one.clone().when_command(ActorId::System, &settle()).then_nothing();
    let late = one.at(NOW + 60_000).when_command(ActorId::System, &settle());
    late.then(&[("playback.played", motion(NOW + 60_000 + COUNTDOWN_MS, true))]);
    let none = asked().at(NOW + 60_000).when_command(ActorId::System, &settle());
    none.then(&[("ready.cancelled", json!({ "reason": "deadline" }))]);
}

#[test]
fn whoever_went_away_is_not_waited_for() {
    let given = ready(ready(asked(), OWNER), MEMBER).at(NOW + 5_000);
    given.clone().present(&[MEMBER]).when_command(ActorId::System, &settle()).then_nothing();
    let started = motion(NOW + 5_000 + COUNTDOWN_MS, true);
    let gone = given.clone().gone(&[GUEST]).when_command(ActorId::System, &settle());
    gone.then(&[("playback.played", started.clone())]);
    let left = given.past(GUEST, "member.leave", json!({}));
    left.when_command(ActorId::System, &settle()).then(&[("playback.played", started)]);
}

#[test]
fn a_check_whose_playlist_was_cleared_is_over() {
    let cleared = asked().past(OWNER, "playlist.clear", json!({}));
    let over = cleared.when_command(ActorId::System, &settle());
    over.then(&[("ready.cancelled", json!({ "reason": "nothing_to_play" }))]);
}

#[test]
fn a_room_that_was_closed_asks_nobody_when_it_is_open_again() {
    let open = asked().past(OWNER, "room.close", json!({})).past(OWNER, "room.reopen", json!({}));
    open.when(GUEST, "ready.mark", json!({ "ready": true })).then_rejected("no_ready_check");
}
