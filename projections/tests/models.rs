//! What read models make of events.

use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::{Value, json};
use synctv_domain::{Actor, ActorId, CommandId, Event, EventId, Position, Recorded, Room, RoomId, Seq, Timestamp};
use synctv_projections::playback_history::{PlaybackHistory, Showing};
use synctv_projections::playlist::Playlists;
use synctv_projections::room_directory::RoomDirectory;
use synctv_projections::room_members::RoomMembers;
use synctv_projections::watch_time::WatchTime;
use synctv_projections::{Entry, ReadModel, chat_messages};
use ulid::Ulid;

const ROOM: RoomId = RoomId::new(Ulid(1));

fn guest(number: u128) -> ActorId {
    ActorId::Guest(Ulid(number))
}

fn item(number: u128) -> String {
    synctv_domain::ItemId::new(Ulid(number)).to_string()
}

/// An event at a time, s.
type Told = (i64, &'static str, Value);

fn entries(told: &[Told]) -> Vec<Entry> {
    let entry = |(number, (at, kind, data)): (i64, &Told)| Entry {
        position: Position(number),
        room: Ok(Some(ROOM)),
        seq: Seq(number),
        at: Timestamp(at * 1_000_000),
        kind: (*kind).to_owned(),
        command_id: "c".to_owned(),
        actor: Ok(guest(1)),
        event: Event::decode(kind, 1, &data.to_string()).map_err(|error| error.to_string()),
        words: OnceLock::new(),
    };
    (1..).zip(told).map(entry).collect()
}

fn fold<M: ReadModel>(told: &[Told]) -> M::Tables {
    let mut tables = M::Tables::default();
    for entry in entries(told) {
        M::apply(&entry, &mut tables).unwrap_or_else(|poison| panic!("{poison}"));
    }
    tables
}

fn motion(item_number: u128, at: i64, playing: bool) -> Value {
    json!({ "item_id": item(item_number), "position_ms": 0, "anchor_ms": at * 1000, "rate_permille": 1000, "playing": playing })
}

fn added(number: u128, duration_ms: Option<i64>) -> Value {
    let mut data = json!({ "item_id": item(number), "url": format!("https://a.test/{number}"), "title": format!("t{number}"),
        "delivery": "auto", "added_by": guest(1), "after": null });
    if let Some(duration_ms) = duration_ms {
        data["duration_ms"] = duration_ms.into();
    }
    data
}

fn joined(member: ActorId) -> Value {
    json!({ "member": member, "display_name": { "sealed": "x" }, "role": "member" })
}

fn watched(told: &[Told], member: ActorId, at: i64) -> i64 {
    let mut tables = fold::<WatchTime>(told);
    let played = tables.rooms.get(&ROOM).map_or(0, |row| row.running.played_ms(Timestamp(at * 1_000_000).ms()));
    tables.members.get(&(ROOM, member)).map_or(0, |watch| watch.total_ms(played)) / 1000
}

#[test]
fn watch_time_passes_while_something_plays_for_those_who_are_there() {
    let mut told = vec![
        (0, "member.joined", joined(guest(1))),
        (0, "playlist.added", added(1, None)),
        (10, "playback.played", motion(1, 12, true)),
        (20, "member.joined", joined(guest(2))),
        (30, "playback.paused", motion(1, 30, false)),
        (40, "playback.played", motion(1, 40, true)),
        (45, "member.left", json!({ "member": guest(2) })),
    ];
    assert_eq!(watched(&told, guest(1), 50), 18 + 10, "from the start that was scheduled, without the pause");
    assert_eq!(watched(&told, guest(2), 50), 10 + 5);
    assert_eq!(watched(&told, guest(3), 50), 0);
    told.push((50, "room.closed", json!({})));
    told.push((60, "room.reopened", json!({})));
    assert_eq!(watched(&told, guest(1), 70), 28 + 10, "a closed room plays to nobody");
    told.push((70, "member.joined", joined(guest(2))));
    assert_eq!(watched(&told, guest(2), 71), 15 + 1, "who comes back goes on");
}

#[test]
fn nothing_plays_beyond_its_end() {
    let mut told = vec![
        (0, "member.joined", joined(guest(1))),
        (0, "playlist.added", added(1, Some(5000))),
        (10, "playback.played", motion(1, 10, true)),
    ];
    assert_eq!(watched(&told, guest(1), 9999), 5);
    told.push((12, "playlist.updated", json!({ "item_id": item(1), "duration_ms": 8000 })));
    assert_eq!(watched(&told, guest(1), 9999), 8);
}

#[test]
fn each_showing_of_an_item_has_a_row() {
    let told = [
        (0, "playlist.added", added(1, None)),
        (0, "playlist.added", added(2, None)),
        (1, "playback.paused", motion(1, 1, false)),
        (10, "playback.played", motion(1, 10, true)),
        (15, "playback.seeked", motion(1, 15, true)),
        (20, "playback.item_selected", motion(2, 20, true)),
        (21, "playlist.updated", json!({ "item_id": item(2), "title": "later" })),
        (30, "playback.paused", motion(2, 30, false)),
        (40, "playlist.removed", json!({ "item_id": item(2) })),
    ];
    let mut tables = fold::<PlaybackHistory>(&told);
    let mut row = |seq: i64| tables.showings.get(&(ROOM, Seq(seq))).cloned();
    let told = |showing: &Showing| {
        let title = showing.title.as_ref().map(ToString::to_string);
        (title, showing.played_ms, showing.steered, showing.ended_at.map(|at| at.0 / 1_000_000))
    };
    let first = row(4).expect("it began to play");
    assert_eq!(told(&first), (Some("t1".to_owned()), 10_000, 2, Some(20)), "a seek, and the end");
    let second = row(6).expect("it plays at once");
    assert_eq!(told(&second), (Some("t2".to_owned()), 10_000, 1, Some(40)));
    assert_eq!(row(3), None, "what did not play was not shown");
}

#[test]
fn a_message_that_was_withdrawn_says_nothing_whatever_follows() {
    let id = synctv_domain::MessageId::new(Ulid(7));
    let say = |text: &str| json!({ "message_id": id, "author": guest(1), "text": { "sealed": text } });
    let react = json!({ "message_id": id, "member": guest(2), "reaction": "+1", "on": true });
    let told = [(1, "chat.posted", say("a")), (2, "chat.edited", say("b")), (3, "chat.reacted", react)];
    let mut tables = fold::<chat_messages::ChatMessages>(&told);
    let message = tables.messages.get(&id).expect("it is there");
    assert_eq!((message.edited_at, message.reactions.len()), (Some(Timestamp(2_000_000)), 1));
    let withdrawn = (4, "chat.redacted", json!({ "message_id": id, "author": guest(1) }));
    let told = [&told[..], &[withdrawn, (5, "chat.edited", say("c"))]].concat();
    let mut tables = fold::<chat_messages::ChatMessages>(&told);
    let message = tables.messages.get(&id).expect("its place stays");
    assert_eq!((&message.text, message.reactions.len()), (&None, 0));
}

const KEY: &str = "lky_01JZ0000000000000000000009";

/// Events of a small room: three people, three items.
fn event() -> impl Strategy<Value = Told> {
    let who = (2..5_u128).prop_map(guest);
    let what = 1..4_u128;
    let after = prop_oneof![Just(Value::Null), (1..5_u128).prop_map(|number| json!(item(number)))];
    prop_oneof![
        who.clone().prop_map(|member| ("member.joined", joined(member))),
        who.clone().prop_map(|member| ("member.left", json!({ "member": member }))),
        who.clone().prop_map(|member| ("member.kicked", json!({ "member": member }))),
        (who.clone(), any::<bool>()).prop_map(|(member, was_member)| {
            ("member.banned", json!({ "member": member, "was_member": was_member }))
        }),
        proptest::sample::subsequence(vec![guest(2), guest(3), guest(4)], 0..=3).prop_map(|members| {
            ("room.guests_expelled", json!({ "members": members, "expires_at": "2033-05-18T03:33:20Z" }))
        }),
        who.clone().prop_map(|to| ("room.transferred", json!({ "from": guest(1), "to": to }))),
        who.prop_map(|member| ("member.role_set", json!({ "member": member, "role": "moderator" }))),
        (what.clone(), after.clone()).prop_map(|(number, after)| {
            let mut data = added(number, None);
            data["after"] = after;
            ("playlist.added", data)
        }),
        (what.clone(), after)
            .prop_map(|(number, after)| ("playlist.moved", json!({ "item_id": item(number), "after": after }))),
        what.clone().prop_map(|number| ("playlist.updated", json!({ "item_id": item(number), "title": "new" }))),
        what.clone().prop_map(|number| ("playlist.removed", json!({ "item_id": item(number) }))),
        Just(("playlist.cleared", json!({}))),
        (what.clone(), any::<bool>()).prop_map(|(number, playing)| ("playback.played", motion(number, 1, playing))),
        what.prop_map(|number| ("playback.item_selected", motion(number, 1, true))),
        Just(("room.settings_updated", json!({ "name": "other", "visibility": "unlisted" }))),
        Just(("live.started", json!({ "by": guest(1), "key_id": KEY }))),
        Just(("live.stopped", json!({ "reason": "finished" }))),
        any::<bool>().prop_map(|closed| (if closed { "room.closed" } else { "room.reopened" }, json!({}))),
    ]
    .prop_map(|(kind, data)| (1, kind, data))
}

fn created() -> Told {
    let room = json!({ "room_id": ROOM, "name": "first", "visibility": "listed", "join_rule": "public", "default_role": "member",
        "settings": {}, "owner": guest(1) });
    (0, "room.created", room)
}

proptest! {
    /// Two folds of one history, written apart, tell the same.
    #[test]
    fn read_models_tell_what_the_folded_room_tells(told in proptest::collection::vec(event(), 0..40)) {
        let mut history = vec![created(), (0, "member.joined", joined(guest(1)))];
        // A person joins once before they leave: the room itself sees to it.
        let mut present = vec![guest(1)];
        for (at, kind, mut data) in told {
            let named = data["member"].as_str().or(data["to"].as_str());
            let member: Option<ActorId> = named.and_then(|id| id.parse().ok());
            let is_there = member.is_some_and(|member| present.contains(&member));
            match (kind, member) {
                ("member.joined", Some(member)) if !is_there => present.push(member),
                ("member.left" | "member.kicked", Some(member)) if is_there => present.retain(|one| *one != member),
                ("member.banned", Some(member)) if data["was_member"] == is_there => present.retain(|one| *one != member),
                ("room.guests_expelled", _) => {
                    let mut gone: Vec<ActorId> = serde_json::from_value(data["members"].take()).expect("ids");
                    gone.retain(|one| present.contains(one));
                    present.retain(|one| !gone.contains(one));
                    data["members"] = json!(gone);
                }
                ("member.role_set" | "room.transferred", _) if is_there => {}
                (_, None) => {}
                _ => continue,
            }
            history.push((at, kind, data));
        }
        let mut room = Room::default();
        for entry in entries(&history) {
            room.apply(&Recorded {
                seq: entry.seq,
                position: entry.position,
                id: EventId::new(Ulid(1)),
                at: entry.at,
                actor: Actor { id: guest(1) },
                event: entry.event.expect("it is well formed"),
                decided_by: String::new(),
                command_id: CommandId::parse("c").expect("it is printable"),
            });
        }
        let view = serde_json::to_value(room.view("e")).expect("it is shown");

        let listed = fold::<RoomDirectory>(&history).rooms.get(&ROOM).cloned().expect("it was made");
        prop_assert_eq!(&view["name"], &json!(listed.name));
        prop_assert_eq!(&view["closed"], &json!(listed.closed));
        prop_assert_eq!(view["visibility"] == "listed", listed.listed);
        prop_assert_eq!(&view["playback"]["item_id"], &json!(listed.item));
        prop_assert_eq!(&view["playback"]["playing"], &json!(listed.playing));
        prop_assert_eq!(!view["live"].is_null(), listed.live);
        prop_assert_eq!(view["members"].as_array().map(Vec::len), usize::try_from(listed.members).ok());
        prop_assert_eq!(usize::try_from(listed.events).ok(), Some(history.len()));

        let mut members = fold::<RoomMembers>(&history).members;
        for shown in view["members"].as_array().into_iter().flatten() {
            let id: ActorId = shown["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
            let member = members.get(&(ROOM, id)).cloned();
            prop_assert_eq!(&shown["role"], &json!(member.expect("they are there").role));
        }
        prop_assert_eq!(members.changes().0.len(), present.len());

        let playlist = fold::<Playlists>(&history).playlists.get(&ROOM).map(|row| json!(row.playlist.items));
        prop_assert_eq!(&view["playlist"], &playlist.unwrap_or_else(|| json!([])));
    }
}
