use serde_json::{Value, json};
use synctv_domain::ActorId;

use crate::scenario::{Given, MEMBER, OWNER, crowd, crowd_with_items, item};

/// Three items in a mode, the given one current and paused.
fn on(mode: &str, current: u128) -> Given {
    let given = crowd_with_items(3).past(OWNER, "playback.select_item", json!({"item_id": item(current)}));
    if mode == "sequential" { given } else { given.past(OWNER, "playback.set_mode", json!({"mode": mode})) }
}

fn selected(number: u128, position: i64, anchor: i64, playing: bool) -> (&'static str, Value) {
    let motion = json!({"item_id": item(number), "position_ms": position, "anchor_ms": anchor,
                        "rate_permille": 1000, "playing": playing});
    ("playback.item_selected", motion)
}

#[test]
fn selecting_while_paused_stays_paused() {
    on("sequential", 1)
        .at(20_000)
        .when(MEMBER, "playback.select_item", json!({"item_id": item(3)}))
        .then(&[selected(3, 0, 20_000, false)])
        .by("role:member");
}

#[test]
fn selecting_while_playing_is_scheduled() {
    on("sequential", 1)
        .past(OWNER, "playback.play", json!({}))
        .at(20_000)
        .when(MEMBER, "playback.select_item", json!({"item_id": item(3), "position_ms": 99_999}))
        .then(&[selected(3, 60_000, 20_200, true)]);
}

#[test]
fn selecting_the_current_item_restarts_it() {
    on("sequential", 1)
        .past(OWNER, "playback.seek", json!({"position_ms": 900}))
        .at(20_000)
        .when(MEMBER, "playback.select_item", json!({"item_id": item(1)}))
        .then(&[selected(1, 0, 20_000, false)]);
}

#[test]
fn next_and_previous_follow_the_mode() {
    for (mode, current, name, expected) in [
        ("sequential", 1, "playback.next", Some(2)),
        ("sequential", 3, "playback.next", None),
        ("sequential", 2, "playback.previous", Some(1)),
        ("sequential", 1, "playback.previous", None),
        ("repeat_one", 1, "playback.next", Some(2)),
        ("repeat_one", 3, "playback.next", None),
        ("repeat_one", 2, "playback.previous", Some(1)),
        ("repeat_one", 1, "playback.previous", None),
        ("repeat_all", 2, "playback.next", Some(3)),
        ("repeat_all", 3, "playback.next", Some(1)),
        ("repeat_all", 2, "playback.previous", Some(1)),
        ("repeat_all", 1, "playback.previous", Some(3)),
    ] {
        let outcome = on(mode, current).at(20_000).when(MEMBER, name, json!({}));
        let events: Vec<_> = expected.map(|number| selected(number, 0, 20_000, false)).into_iter().collect();
        eprintln!("{mode}, {name} from {current}");
        outcome.then(&events);
    }
}

#[test]
fn the_system_repeats_one_at_its_end() {
    let outcome =
        on("repeat_one", 2).at(20_000).when(ActorId::System, "playback.next", json!({"expected_item": item(2)}));
    outcome.then(&[selected(2, 0, 20_000, false)]).by("system");
}

#[test]
fn repeating_all_of_one_item_restarts_it() {
    crowd_with_items(1)
        .past(OWNER, "playback.select_item", json!({"item_id": item(1)}))
        .past(OWNER, "playback.set_mode", json!({"mode": "repeat_all"}))
        .at(20_000)
        .when(MEMBER, "playback.next", json!({}))
        .then(&[selected(1, 0, 20_000, false)]);
}

#[test]
fn shuffle_takes_any_other_item() {
    for name in ["playback.next", "playback.previous"] {
        for (entropy, expected) in [(0, 1), (1, 3), (2, 1), (u64::MAX, 3)] {
            let outcome = on("shuffle", 2).entropy(entropy).at(20_000).when(MEMBER, name, json!({}));
            outcome.then(&[selected(expected, 0, 20_000, false)]);
        }
    }
}

#[test]
fn shuffling_a_single_item_changes_nothing() {
    crowd_with_items(1)
        .past(OWNER, "playback.select_item", json!({"item_id": item(1)}))
        .past(OWNER, "playback.set_mode", json!({"mode": "shuffle"}))
        .when(MEMBER, "playback.next", json!({}))
        .then_nothing();
}

#[test]
fn without_a_current_item_next_takes_the_first() {
    for mode in ["repeat_one", "repeat_all", "shuffle"] {
        crowd_with_items(3)
            .past(OWNER, "playback.set_mode", json!({"mode": mode}))
            .entropy(1)
            .at(20_000)
            .when(MEMBER, "playback.next", json!({}))
            .then(&[selected(1, 0, 20_000, false)]);
    }
    crowd_with_items(3).when(MEMBER, "playback.previous", json!({})).then_nothing();
}

#[test]
fn an_empty_playlist_has_no_next() {
    for name in ["playback.next", "playback.previous"] {
        crowd().when(MEMBER, name, json!({})).then_rejected("nothing_to_play");
    }
}

#[test]
fn the_mode_is_set_once() {
    crowd()
        .when(MEMBER, "playback.set_mode", json!({"mode": "shuffle"}))
        .then(&[("playback.mode_set", json!({"mode": "shuffle"}))])
        .then_state("/playback/mode", json!("shuffle"))
        .given
        .when(MEMBER, "playback.set_mode", json!({"mode": "shuffle"}))
        .then_nothing();
}
