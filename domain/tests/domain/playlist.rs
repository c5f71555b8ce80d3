use serde_json::{Value, json};
use synctv_domain::events::PlaylistAdded;
use synctv_domain::{Delivery, Event, MediaUrl, Room};

use crate::scenario::{GUEST, Given, MEMBER, MODERATOR, OWNER, crowd, crowd_with_items, item, recorded, state};

const URL: &str = "https://media.example/film.mp4";

fn order(given: &Given) -> Vec<Value> {
    let items = state(&given.room, "/playlist");
    let items = items.as_array().expect("the playlist is an array");
    items.iter().map(|item| item["item_id"].clone()).collect()
}

fn ids(numbers: &[u128]) -> Vec<Value> {
    numbers.iter().map(|number| json!(item(*number))).collect()
}

#[test]
fn an_item_is_added_at_the_end() {
    crowd_with_items(1)
        .fresh(2)
        .when(MEMBER, "playlist.add", json!({"url": URL, "title": "Film", "duration_ms": 5}))
        .then(&[(
            "playlist.added",
            json!({"item_id": item(2), "url": URL, "title": "Film", "delivery": "auto",
                   "duration_ms": 5, "added_by": MEMBER, "after": item(1)}),
        )])
        .by("role:member")
        .then_state(
            "/playlist/1",
            json!({"item_id": item(2), "url": URL, "title": "Film", "duration_ms": 5,
                   "added_by": MEMBER, "delivery": "auto"}),
        );
}

#[test]
fn the_first_item_has_nothing_in_front() {
    crowd().fresh(1).when(MEMBER, "playlist.add", json!({"url": URL, "delivery": "proxy"})).then(&[(
        "playlist.added",
        json!({"item_id": item(1), "url": URL, "delivery": "proxy", "added_by": MEMBER,
                   "after": null}),
    )]);
}

#[test]
fn an_item_is_added_behind_another() {
    let outcome = crowd_with_items(3).fresh(4).when(MEMBER, "playlist.add", json!({"url": URL, "after": item(1)}));
    assert_eq!(order(&outcome.given), ids(&[1, 4, 2, 3]));
}

#[test]
fn adding_behind_an_unknown_item_is_refused() {
    crowd_with_items(1)
        .when(MEMBER, "playlist.add", json!({"url": URL, "after": item(8)}))
        .then_rejected("item_not_found");
}

#[test]
fn a_guest_adds_nothing() {
    crowd().when(GUEST, "playlist.add", json!({"url": URL})).then_forbidden("queue.add", "role:guest");
}

#[test]
fn a_full_playlist_takes_no_more_items() {
    let mut given = crowd();
    for number in 0..Room::MAX_ITEMS {
        let added = PlaylistAdded {
            item_id: item(number as u128),
            url: MediaUrl::parse(URL).expect("a URL"),
            title: None,
            delivery: Delivery::Auto,
            duration_ms: None,
            added_by: OWNER,
            after: None,
        };
        let seq = given.room.seq().next();
        given.room.apply(&recorded(seq.0, OWNER, Event::PlaylistAdded(added)));
    }
    given.fresh(5000).when(MEMBER, "playlist.add", json!({"url": URL})).then_rejected("limit_reached");
}

#[test]
fn an_update_carries_only_what_changed() {
    crowd_with_items(1)
        .when(OWNER, "playlist.update", json!({"item_id": item(1), "title": "New", "duration_ms": 60_000}))
        .then(&[("playlist.updated", json!({"item_id": item(1), "title": "New"}))])
        .by("own")
        .then_state("/playlist/0/title", json!("New"))
        .then_state("/playlist/0/duration_ms", json!(60_000));
}

#[test]
fn an_update_that_changes_nothing_has_no_events() {
    for fields in [json!({"item_id": item(1)}), json!({"item_id": item(1), "duration_ms": 60_000})] {
        crowd_with_items(1).when(OWNER, "playlist.update", fields).then_nothing();
    }
}

#[test]
fn a_new_duration_of_the_current_item_reaches_playback() {
    crowd_with_items(1)
        .past(OWNER, "playback.play", json!({}))
        .when(OWNER, "playlist.update", json!({"item_id": item(1), "duration_ms": 90_000}))
        .then_state("/playback/duration_ms", json!(90_000));
}

#[test]
fn moving() {
    for (which, after, expected) in [
        (3, json!(null), [3, 1, 2]),
        (1, json!(item(2)), [2, 1, 3]),
        (1, json!(item(3)), [2, 3, 1]),
        (2, json!(null), [2, 1, 3]),
    ] {
        let fields = json!({"item_id": item(which), "after": after});
        let outcome =
            crowd_with_items(3).when(OWNER, "playlist.move", fields.clone()).then(&[("playlist.moved", fields)]);
        assert_eq!(order(&outcome.given), ids(&expected), "{which} behind {after}");
    }
}

#[test]
fn moving_to_where_it_is_changes_nothing() {
    for (which, after) in [(1, json!(null)), (2, json!(item(1))), (2, json!(item(2)))] {
        let fields = json!({"item_id": item(which), "after": after});
        crowd_with_items(3).when(OWNER, "playlist.move", fields).then_nothing();
    }
}

#[test]
fn moving_behind_an_unknown_item_is_refused() {
    crowd_with_items(1)
        .when(OWNER, "playlist.move", json!({"item_id": item(1), "after": item(8)}))
        .then_rejected("item_not_found");
}

#[test]
fn an_unknown_item_is_not_found() {
    for (name, fields) in [
        ("playlist.update", json!({"item_id": item(8), "title": "x"})),
        ("playlist.move", json!({"item_id": item(8), "after": null})),
        ("playlist.remove", json!({"item_id": item(8)})),
        ("playback.select_item", json!({"item_id": item(8)})),
    ] {
        crowd_with_items(1).when(MEMBER, name, fields).then_rejected("item_not_found");
    }
}

#[test]
fn members_change_their_own_items_and_moderators_everybodys() {
    let given = crowd_with_items(1).fresh(2).past(MEMBER, "playlist.add", json!({"url": URL}));
    for (name, extra) in [
        ("playlist.update", json!({"title": "x"})),
        ("playlist.move", json!({"after": null})),
        ("playlist.remove", json!({})),
    ] {
        let fields = |number| {
            let mut fields = extra.clone();
            fields["item_id"] = json!(item(number));
            fields
        };
        given.clone().when(MEMBER, name, fields(2)).by("own");
        let others = given.clone().when(MEMBER, name, fields(1));
        others.then_forbidden("queue.edit_any", "role:member");
        given.clone().when(MODERATOR, name, fields(2)).by("role:moderator");
    }
}

#[test]
fn somebody_who_became_a_guest_no_longer_changes_their_items() {
    crowd()
        .fresh(2)
        .past(MEMBER, "playlist.add", json!({"url": URL}))
        .past(OWNER, "member.set_role", json!({"member": MEMBER, "role": "guest"}))
        .when(MEMBER, "playlist.remove", json!({"item_id": item(2)}))
        .then_forbidden("queue.edit_own", "role:guest");
}

#[test]
fn removing_the_current_item_unloads_it() {
    crowd_with_items(2)
        .past(OWNER, "playback.set_rate", json!({"rate_permille": 1500}))
        .past(OWNER, "playback.play", json!({"position_ms": 500}))
        .when(OWNER, "playlist.remove", json!({"item_id": item(1)}))
        .then(&[("playlist.removed", json!({"item_id": item(1)}))])
        .then_state(
            "/playback",
            json!({"item_id": null, "position_ms": 0, "anchor_ms": 0, "rate_permille": 1500,
                   "playing": false, "duration_ms": null, "mode": "sequential", "hold": null}),
        );
}

#[test]
fn removing_another_item_leaves_playback_alone() {
    let given = crowd_with_items(2).past(OWNER, "playback.play", json!({}));
    let before = state(&given.room, "/playback");
    given.when(OWNER, "playlist.remove", json!({"item_id": item(2)})).then_state("/playback", before);
}

#[test]
fn clearing() {
    crowd_with_items(2)
        .past(OWNER, "playback.play", json!({}))
        .when(MODERATOR, "playlist.clear", json!({}))
        .then(&[("playlist.cleared", json!({}))])
        .by("role:moderator")
        .then_state("/playlist", json!([]))
        .then_state("/playback/item_id", json!(null))
        .then_state("/playback/playing", json!(false));
    let outcome = crowd_with_items(1).when(MEMBER, "playlist.clear", json!({}));
    outcome.then_forbidden("queue.clear", "role:member");
}

#[test]
fn clearing_an_empty_playlist_changes_nothing() {
    crowd().when(MODERATOR, "playlist.clear", json!({})).then_nothing();
}

#[test]
fn an_item_id_that_is_taken_stays_with_its_item() {
    let given = crowd_with_items(2);
    let before = state(&given.room, "/playlist");
    let outcome = given.fresh(1).when(MEMBER, "playlist.add", json!({"url": URL}));
    assert_eq!(state(&outcome.given.room, "/playlist"), before);
}
