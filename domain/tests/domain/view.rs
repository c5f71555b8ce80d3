use serde_json::{Value, json};
use synctv_domain::{ActorId, Personal, Room, Timestamp};

use crate::scenario::{GUEST, MEMBER, OWNER, STRANGER, a_room, crowd, crowd_with_items, item, state};

#[test]
fn a_view_has_the_public_shape_in_order() {
    let given = crowd_with_items(1).at(10_000).past(OWNER, "playback.play", json!({}));
    let text = serde_json::to_string(&given.room.view("e7")).expect("a view is JSON");
    let keys = [
        "room_id",
        "epoch",
        "seq",
        "name",
        "visibility",
        "join_rule",
        "default_role",
        "owner",
        "settings",
        "members",
        "offer",
        "knocks",
        "invites",
        "bans",
        "playback",
        "playlist",
        "ready",
        "live",
        "live_keys",
        "versions",
        "closed",
    ];
    let view: Value = serde_json::from_str(&text).expect("a view is JSON");
    assert_eq!(view.as_object().map(serde_json::Map::len), Some(keys.len()), "{text}");
    let places: Vec<_> = keys.iter().map(|key| text.find(&format!("\"{key}\":"))).collect();
    assert!(places.iter().all(Option::is_some), "{places:?} in {text}");
    assert_eq!((&view["epoch"], &view["live"]), (&json!("e7"), &json!(null)));
    assert_eq!(
        view["members"][4],
        json!({"id": GUEST, "kind": "guest", "display_name": "N5", "role": "guest",
               "joined_at": Timestamp(6_000_000)})
    );
    assert_eq!(
        view["playback"],
        json!({"item_id": item(1), "position_ms": 0, "anchor_ms": 10_200, "rate_permille": 1000,
               "playing": true, "duration_ms": 60_000, "mode": "sequential", "hold": null})
    );
}

#[test]
fn an_unknown_duration_is_null() {
    crowd()
        .past(MEMBER, "playlist.add", json!({"url": "http://media.example"}))
        .when(MEMBER, "playback.play", json!({}))
        .then_state("/playback/duration_ms", json!(null));
}

#[test]
fn members_are_listed_in_the_order_they_joined() {
    let given = crowd().past(MEMBER, "member.leave", json!({})).past(STRANGER, "member.join", json!({})).past(
        MEMBER,
        "member.join",
        json!({}),
    );
    let members: Vec<ActorId> = given.room.members().iter().map(|member| member.id).collect();
    assert_eq!(members[3..], [GUEST, STRANGER, MEMBER]);
}

#[test]
fn names_that_cannot_be_read_are_null() {
    for hidden in [Personal::Erased, Personal::Sealed("c2VhbGVk".to_owned())] {
        let mut room = a_room().room;
        room.for_each_personal(&mut |subject, name| {
            assert_eq!(subject, OWNER);
            *name = hidden.clone();
        });
        assert_eq!(state(&room, "/members/0/display_name"), json!(null), "{hidden:?}");
        let snapshot = serde_json::to_string(&room).expect("a room is JSON");
        let read: Room = serde_json::from_str(&snapshot).expect("a snapshot is a room");
        assert_eq!(read, room);
    }
}

#[test]
fn every_name_is_visited_with_its_subject() {
    let mut names = Vec::new();
    crowd().room.for_each_personal(&mut |subject, name| {
        names.push((subject, name.text().map(str::to_owned)));
    });
    names.sort();
    let name = |text: &str| Some(text.to_owned());
    let expected: Vec<_> =
        crate::scenario::CROWD.iter().zip(1..).map(|((id, _), n)| (*id, name(&format!("N{n}")))).collect();
    assert_eq!(names, expected);
}
