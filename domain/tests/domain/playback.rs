use serde_json::{Value, json};

use crate::scenario::{DURATION_MS, Given, LEAD_MS, MEMBER, OWNER, crowd, crowd_with_items, item};

/// Item 1 of two plays at natural speed from position 0 since 10,200.
fn playing() -> Given {
    crowd_with_items(2).at(10_000).past(OWNER, "playback.play", json!({}))
}

/// Item 1 of two is paused at 3,800.
fn paused() -> Given {
    playing().at(14_000).past(OWNER, "playback.pause", json!({}))
}

fn motion(position: i64, anchor: i64, playing: bool) -> Value {
    json!({"item_id": item(1), "position_ms": position, "anchor_ms": anchor,
           "rate_permille": 1000, "playing": playing})
}

#[test]
fn play_is_scheduled_and_takes_the_first_item() {
    crowd_with_items(2)
        .at(10_000)
        .when(MEMBER, "playback.play", json!({}))
        .then(&[("playback.played", motion(0, 10_000 + LEAD_MS, true))])
        .by("role:member")
        .then_state("/playback/duration_ms", json!(DURATION_MS));
}

#[test]
fn play_goes_on_from_where_it_stands() {
    let outcome = paused().at(20_000).when(MEMBER, "playback.play", json!({}));
    outcome.then(&[("playback.played", motion(3_800, 20_200, true))]);
}

#[test]
fn play_starts_where_it_is_told() {
    for (wanted, position) in [(700, 700), (99_000_000, DURATION_MS)] {
        let fields = json!({"position_ms": wanted});
        let outcome = paused().at(20_000).when(MEMBER, "playback.play", fields.clone());
        outcome.then(&[("playback.played", motion(position, 20_200, true))]);
        let outcome = crowd_with_items(1).at(20_000).when(MEMBER, "playback.play", fields);
        outcome.then(&[("playback.played", motion(position, 20_200, true))]);
    }
}

#[test]
fn play_while_playing_changes_nothing() {
    for fields in [json!({}), json!({"position_ms": 40_000})] {
        playing().at(12_000).when(MEMBER, "playback.play", fields).then_nothing();
    }
}

#[test]
fn an_empty_playlist_has_nothing_to_play() {
    crowd().when(MEMBER, "playback.play", json!({})).then_rejected("nothing_to_play");
    let seek = crowd_with_items(1).when(MEMBER, "playback.seek", json!({"position_ms": 1}));
    seek.then_rejected("nothing_to_play");
}

#[test]
fn a_lead_in_the_past_is_no_lead() {
    let mut context = crate::scenario::context(MEMBER, 10_000);
    context.lead_ms = -500;
    let command = crate::scenario::command("playback.play", json!({}));
    let decision = synctv_domain::decide(&crowd_with_items(1).room, &command, &context);
    let events = decision.expect("play is allowed").events;
    let payload: Value = serde_json::from_str(&events[0].encode()).expect("JSON");
    assert_eq!(payload, motion(0, 10_000, true));
}

#[test]
fn pause_is_immediate() {
    playing()
        .at(14_000)
        .when(MEMBER, "playback.pause", json!({}))
        .then(&[("playback.paused", motion(3_800, 14_000, false))]);
}

#[test]
fn pause_before_the_scheduled_start_stays_at_the_start() {
    let outcome = playing().at(10_050).when(MEMBER, "playback.pause", json!({}));
    outcome.then(&[("playback.paused", motion(0, 10_050, false))]);
}

#[test]
fn pause_obeys_a_position_within_a_second() {
    for (seen, position) in [(2_800, 2_800), (4_800, 4_800), (2_799, 3_800), (4_801, 3_800)] {
        let outcome = playing().at(14_000).when(MEMBER, "playback.pause", json!({"position_ms": seen}));
        outcome.then(&[("playback.paused", motion(position, 14_000, false))]);
    }
}

#[test]
fn pause_does_not_go_beyond_the_end() {
    let outcome = playing().at(10_200 + 59_800).when(MEMBER, "playback.pause", json!({"position_ms": 60_500}));
    outcome.then(&[("playback.paused", motion(DURATION_MS, 70_000, false))]);
}

#[test]
fn pause_while_paused_changes_nothing() {
    paused().when(MEMBER, "playback.pause", json!({"position_ms": 4_000})).then_nothing();
    crowd().when(MEMBER, "playback.pause", json!({})).then_nothing();
}

#[test]
fn seek_while_playing_is_immediate_and_goes_on() {
    let outcome = playing().at(14_000).when(MEMBER, "playback.seek", json!({"position_ms": 30_000}));
    outcome.then(&[("playback.seeked", motion(30_000, 14_000, true))]);
}

#[test]
fn seek_while_paused_stays_paused() {
    let outcome = paused().at(15_000).when(MEMBER, "playback.seek", json!({"position_ms": 30_000}));
    outcome.then(&[("playback.seeked", motion(30_000, 15_000, false))]);
}

#[test]
fn seek_stops_at_the_end() {
    let outcome = paused().at(15_000).when(MEMBER, "playback.seek", json!({"position_ms": 61_000}));
    outcome.then(&[("playback.seeked", motion(DURATION_MS, 15_000, false))]);
}

#[test]
fn seek_to_where_it_is_paused_changes_nothing() {
    paused().when(MEMBER, "playback.seek", json!({"position_ms": 3_800})).then_nothing();
    let at_end = paused().past(MEMBER, "playback.seek", json!({"position_ms": 60_000}));
    at_end.when(MEMBER, "playback.seek", json!({"position_ms": 70_000})).then_nothing();
}

#[test]
fn a_new_rate_does_not_jump() {
    let expected = json!({"item_id": item(1), "position_ms": 3_800, "anchor_ms": 14_000,
                          "rate_permille": 2000, "playing": true});
    playing()
        .at(14_000)
        .when(MEMBER, "playback.set_rate", json!({"rate_permille": 2000}))
        .then(&[("playback.rate_set", expected)])
        .given
        .at(15_000)
        .when(MEMBER, "playback.pause", json!({}))
        .then_state("/playback/position_ms", json!(5_800));
}

#[test]
fn a_new_rate_keeps_a_scheduled_start() {
    playing()
        .at(10_050)
        .when(MEMBER, "playback.set_rate", json!({"rate_permille": 500}))
        .then_state("/playback/anchor_ms", json!(10_200))
        .then_state("/playback/position_ms", json!(0));
}

#[test]
fn the_same_rate_changes_nothing() {
    playing().when(MEMBER, "playback.set_rate", json!({"rate_permille": 1000})).then_nothing();
}

#[test]
fn a_stale_item_is_refused() {
    for (name, extra) in [
        ("playback.play", json!({})),
        ("playback.pause", json!({})),
        ("playback.seek", json!({"position_ms": 5})),
        ("playback.next", json!({})),
        ("playback.previous", json!({})),
    ] {
        let fields = |number| {
            let mut fields = extra.clone();
            fields["expected_item"] = json!(item(number));
            fields
        };
        let stale = playing().when(MEMBER, name, fields(2)).then_rejected("stale_item");
        let current = Some(item(1));
        assert_eq!(stale.result, Err(synctv_domain::Rejection::StaleItem { current }), "{name}");
        let unloaded = crowd_with_items(1).when(MEMBER, name, fields(1));
        unloaded.then_rejected("stale_item");
        let fresh = playing().when(MEMBER, name, fields(1));
        assert!(fresh.result.is_ok(), "{name}: {:?}", fresh.result);
    }
}
