use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};
use synctv_domain::{ActorId, Event, Seed};

use crate::scenario::{DURATION_MS, Given, LEAD_MS, MEMBER, OWNER, Outcome, crowd, crowd_with_items, item, state};

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
fn the_room_goes_on_at_the_end_of_an_item_alone() {
    let expected = json!({"expected_item": item(2)});
    // Started at 10,000 with a lead, twice as fast, a minute long.
    let given = |mode| {
        on(mode, 2).past(OWNER, "playback.set_rate", json!({"rate_permille": 2000})).past(
            OWNER,
            "playback.play",
            json!({}),
        )
    };
    let end = given("sequential").room.ends_at().expect("it plays").0;
    assert_eq!(end, 10_000 + LEAD_MS + DURATION_MS / 2);
    for (mode, next) in [("sequential", 3), ("repeat_one", 2), ("repeat_all", 3)] {
        given(mode).at(end - 1).when(ActorId::System, "playback.next", expected.clone()).then_nothing();
        let outcome = given(mode).at(end).when(ActorId::System, "playback.next", expected.clone());
        let again = outcome.by("system").given.at(end);
        assert_eq!(state(&again.room, "/playback/item_id"), json!(item(next)), "{mode}");
        assert_eq!(state(&again.room, "/playback/anchor_ms"), json!(end + LEAD_MS), "{mode}");
        let current = json!({"expected_item": item(next)});
        again.when(ActorId::System, "playback.next", current).then_nothing();
    }
    let paused = given("repeat_one").past(OWNER, "playback.pause", json!({}));
    assert_eq!(paused.room.ends_at(), None);
    paused.at(end).when(ActorId::System, "playback.next", expected).then_nothing();
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

/// The item that this makes current, and the seed if a round begins.
fn turned(outcome: &Outcome) -> (Option<u128>, Option<Seed>) {
    let events = &outcome.decision().events;
    let [Event::PlaybackItemSelected(selected)] = &events[..] else { panic!("{events:?}") };
    (selected.motion.item_id.map(|item| item.ulid().0), selected.seed)
}

proptest! {
    #[test]
    fn shuffle_plays_every_item_once_in_each_round(count in 2..12_u128, seed in any::<u64>(), rounds in 1..4_u64) {
        let mut given = crowd_with_items(count)
            .past(OWNER, "playback.select_item", json!({"item_id": item(1)}))
            .entropy(seed)
            .past(OWNER, "playback.set_mode", json!({"mode": "shuffle"}));
        let mut last = Some(1);
        for round in 0..rounds {
            let mut played = BTreeSet::new();
            // The first round began with the item that was current.
            played.extend(last.filter(|_| round == 0));
            while played.len() < usize::try_from(count).unwrap() {
                let outcome = given.entropy(seed ^ round).when(MEMBER, "playback.next", json!({}));
                let (next, new) = turned(&outcome);
                prop_assert_ne!(next, last, "the same twice");
                prop_assert_eq!(new.is_some(), played.is_empty(), "a round begins when the one before is over");
                prop_assert!(played.insert(next.unwrap()), "{next:?} again after {played:?}");
                last = next;
                given = outcome.given;
            }
        }
    }

    #[test]
    fn shuffle_goes_back_the_way_it_came_and_on_again(count in 3..12_u128, seed in any::<u64>()) {
        let mut given = crowd_with_items(count)
            .past(OWNER, "playback.select_item", json!({"item_id": item(1)}))
            .entropy(seed)
            .past(OWNER, "playback.set_mode", json!({"mode": "shuffle"}));
        let mut turn = |name: &str| {
            let outcome = std::mem::replace(&mut given, crowd()).when(MEMBER, name, json!({}));
            let turned = turned(&outcome).0;
            given = outcome.given;
            turned
        };
        let way = [Some(1), turn("playback.next"), turn("playback.next")];
        prop_assert_eq!([turn("playback.previous"), turn("playback.previous")], [way[1], way[0]]);
        prop_assert_eq!([turn("playback.next"), turn("playback.next")], [way[1], way[2]]);
    }
}

#[test]
fn an_item_added_during_a_round_is_played_in_it_and_a_removed_one_is_not() {
    let given = crowd_with_items(3)
        .past(OWNER, "playback.select_item", json!({"item_id": item(1)}))
        .past(OWNER, "playback.set_mode", json!({"mode": "shuffle"}))
        .past(OWNER, "playlist.remove", json!({"item_id": item(2)}))
        .fresh(9)
        .past(OWNER, "playlist.add", json!({"url": "https://media.test/new.mp4"}));
    let first = given.when(MEMBER, "playback.next", json!({}));
    let (one, _) = turned(&first);
    let (other, new) = turned(&first.given.when(MEMBER, "playback.next", json!({})));
    assert_eq!((BTreeSet::from([one, other]), new), (BTreeSet::from([Some(3), Some(9)]), None));
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
    for mode in ["repeat_one", "repeat_all"] {
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
        .then(&[("playback.mode_set", json!({"mode": "shuffle", "seed": 0}))])
        .then_state("/playback/mode", json!("shuffle"))
        .given
        .when(MEMBER, "playback.set_mode", json!({"mode": "shuffle"}))
        .then_nothing();
}
