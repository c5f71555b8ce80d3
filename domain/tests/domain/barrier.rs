//! Playback waits for members who buffer, and not for ever.

use serde_json::{Value, json};
use synctv_domain::command::{Hold, Release};
use synctv_domain::{ActorId, Command, ReleasedBy};

use crate::scenario::{ADMIN, GUEST, Given, LEAD_MS, MEMBER, OWNER, STRANGER, crowd_with_items, item};

const STARTED: i64 = 10_000 + LEAD_MS;

fn hold(members: &[ActorId]) -> Command {
    Command::PlaybackHold(Hold { members: members.to_vec() })
}

fn release(by: ReleasedBy) -> Command {
    Command::PlaybackRelease(Release { by })
}

/// Item 1 of two plays from position 0 since [`STARTED`].
fn playing() -> Given {
    crowd_with_items(2).at(10_000).past(OWNER, "playback.play", json!({}))
}

/// It waits for the guest at 3 s since 13,200.
fn held() -> Given {
    playing().at(STARTED + 3_000).did(ActorId::System, hold(&[GUEST]))
}

fn barrier(given: Given, barrier: &str) -> Given {
    // Settings need a precondition only at the edge.
    given.past(OWNER, "room.update_settings", json!({ "barrier": barrier }))
}

fn motion(position: i64, anchor: i64, playing: bool) -> Value {
    json!({ "item_id": item(1), "position_ms": position, "anchor_ms": anchor,
            "rate_permille": 1000, "playing": playing })
}

fn with(mut motion: Value, more: Value) -> Value {
    let (Value::Object(into), Value::Object(more)) = (&mut motion, more) else { unreachable!("both are objects") };
    into.extend(more);
    motion
}

#[test]
fn playback_stops_where_it_is_and_says_whom_it_waits_for() {
    let at = STARTED + 3_000;
    let wanted = with(motion(3_000, at, false), json!({ "members": [GUEST], "deadline_ms": at + 8_000 }));
    playing()
        .at(at)
        .when_command(ActorId::System, &hold(&[GUEST]))
        .then(&[("playback.held", wanted)])
        .then_state("/playback/hold", json!({ "members": [GUEST], "deadline_ms": at + 8_000 }))
        .then_state("/playback/playing", json!(false));
}

#[test]
fn playback_goes_on_where_it_stopped_once_nobody_is_waited_for() {
    let wanted = with(motion(3_000, 15_000 + LEAD_MS, true), json!({ "by": "ready", "exempt": [] }));
    held()
        .at(15_000)
        .when_command(ActorId::System, &release(ReleasedBy::Ready))
        .then(&[("playback.released", wanted)])
        .then_state("/playback/hold", Value::Null);
}

#[test]
fn a_wait_ends_at_its_deadline_and_not_before() {
    let deadline = STARTED + 3_000 + 8_000;
    let end = release(ReleasedBy::Deadline);
    held().at(deadline - 1).when_command(ActorId::System, &end).then_nothing();
    let wanted = with(motion(3_000, deadline + LEAD_MS, true), json!({ "by": "deadline", "exempt": [] }));
    held().at(deadline).when_command(ActorId::System, &end).then(&[("playback.released", wanted)]);
}

#[test]
fn a_strict_room_waits_without_a_deadline() {
    let given = barrier(playing(), "strict").at(STARTED + 1_000).did(ActorId::System, hold(&[GUEST]));
    let waits = given.when_command(ActorId::System, &release(ReleasedBy::Deadline)).then_nothing();
    waits.then_state("/playback/hold/deadline_ms", Value::Null);
}

#[test]
fn a_room_that_never_waits_does_not() {
    barrier(playing(), "never").at(STARTED + 1_000).when_command(ActorId::System, &hold(&[GUEST])).then_nothing();
}

#[test]
fn nobody_is_waited_for_while_nothing_moves() {
    let asked = hold(&[GUEST]);
    for given in [
        crowd_with_items(1).at(20_000),
        // Before the scheduled start, after the end, and while it waits already.
        playing().at(STARTED - 1),
        playing().at(STARTED + 60_000),
        held(),
    ] {
        given.when_command(ActorId::System, &asked).then_nothing();
    }
}

#[test]
fn only_members_are_waited_for() {
    let given = playing().at(STARTED + 1_000);
    given.clone().when_command(ActorId::System, &hold(&[STRANGER])).then_nothing();
    let both = given.when_command(ActorId::System, &hold(&[STRANGER, MEMBER]));
    both.then_state("/playback/hold/members", json!([MEMBER]));
}

#[test]
fn whoever_made_it_wait_three_times_in_five_minutes_is_not_waited_for() {
    let mut given = playing();
    for wait in 0..3 {
        given = given.at(STARTED + 5_000 * (wait + 1)).did(ActorId::System, hold(&[GUEST]));
        let last = given.clone().when_command(ActorId::System, &release(ReleasedBy::Ready));
        let exempt = serde_json::from_str::<Value>(&last.decision().events[0].encode()).expect("JSON");
        assert_eq!(exempt["exempt"], if wait == 2 { json!([GUEST]) } else { json!([]) }, "after wait {wait}");
        given = given.did(ActorId::System, release(ReleasedBy::Ready));
    }
    let first = STARTED + 5_000;
    let asked = hold(&[GUEST]);
    let far = |now| {
        let to = json!({ "position_ms": 0 });
        given.clone().at(now - 1_000).past(OWNER, "playback.seek", to).at(now)
    };
    far(first + 299_999).when_command(ActorId::System, &asked).then_nothing();
    // Others are.
    far(first + 299_999)
        .when_command(ActorId::System, &hold(&[GUEST, ADMIN]))
        .then_state("/playback/hold/members", json!([ADMIN]));
    far(first + 300_000).when_command(ActorId::System, &asked).then_state("/playback/hold/members", json!([GUEST]));
}

#[test]
fn a_person_who_plays_ends_the_wait() {
    let wanted = motion(3_000, 14_000 + LEAD_MS, true);
    let gone_on = held().at(14_000).when(MEMBER, "playback.play", json!({})).then(&[("playback.played", wanted)]);
    let gone_on = gone_on.then_state("/playback/hold", Value::Null);
    assert_eq!(gone_on.given.room.playback().waived_ms().0, 14_000 + LEAD_MS, "the stall has been waited for");
}

#[test]
fn a_person_who_pauses_keeps_it_from_going_on() {
    let wanted = motion(3_000, 14_000, false);
    let paused = held().at(14_000).when(MEMBER, "playback.pause", json!({})).then(&[("playback.paused", wanted)]);
    let paused = paused.then_state("/playback/hold", Value::Null).given;
    paused.when_command(ActorId::System, &release(ReleasedBy::Ready)).then_nothing();
}

#[test]
fn a_jump_during_a_wait_goes_on_waiting_there() {
    held()
        .at(14_000)
        .when(MEMBER, "playback.seek", json!({ "position_ms": 30_000 }))
        .then(&[("playback.seeked", motion(30_000, 14_000, false))])
        .then_state("/playback/hold/members", json!([GUEST]))
        .given
        .at(15_000)
        .when_command(ActorId::System, &release(ReleasedBy::Ready))
        .then_state("/playback/position_ms", json!(30_000));
}

#[test]
fn another_item_during_a_wait_plays() {
    held()
        .at(14_000)
        .when(MEMBER, "playback.select_item", json!({ "item_id": item(2) }))
        .then_state("/playback/playing", json!(true))
        .then_state("/playback/hold", Value::Null);
}

#[test]
fn whoever_leaves_is_not_waited_for() {
    held().when(GUEST, "member.leave", json!({})).then_state("/playback/hold/members", json!([]));
}

#[test]
fn a_room_that_was_closed_waits_for_nobody_when_it_is_open_again() {
    let open = held().past(OWNER, "room.close", json!({})).past(OWNER, "room.reopen", json!({}));
    open.clone().when_command(ActorId::System, &release(ReleasedBy::Deadline)).then_nothing();
    open.when(MEMBER, "playback.play", json!({})).then_state("/playback/position_ms", json!(3_000));
}
