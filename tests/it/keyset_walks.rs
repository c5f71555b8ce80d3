//! Walking through pages while others write: whatever was there before is seen once.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};

use crate::support::{Guest, World, eventually};

/// Reads page after page, each when there is another write to be seen; gives the rows in the order in which they came.
/// `next` is the query of the page behind one.
async fn walk(
    reader: &Guest,
    room: &str,
    (list, rows): (&str, &str),
    written: &AtomicI64,
    next: impl Fn(&Value) -> Option<String>,
) -> Vec<Value> {
    let (mut seen, mut query, mut known) = (Vec::new(), String::new(), -1);
    loop {
        known =
            eventually("another write", async || Some(written.load(Ordering::SeqCst)).filter(|now| *now > known)).await;
        let page = reader.shown(room, &format!("{list}?limit=4{query}"), &json!({ "position": known })).await;
        let mut found = page[rows].as_array().unwrap_or_else(|| panic!("no {rows} in {page:#}")).clone();
        assert!(found.len() <= 4, "{page:#}");
        if list == "chat" {
            found.reverse();
        }
        seen.extend(found);
        let Some(behind) = next(&page) else { return seen };
        query = behind;
    }
}

fn token(page: &Value) -> Option<String> {
    let token = page["next_page_token"].as_str().expect("a text");
    (!token.is_empty()).then(|| format!("&page_token={token}"))
}

/// Those of these that were there before; no row twice.
fn there_before(seen: &[Value], id: &str, before: &[Value]) -> Vec<Value> {
    let mut ids: Vec<_> = seen.iter().map(|row| row[id].clone()).collect();
    let distinct: HashSet<_> = ids.iter().map(Value::to_string).collect();
    assert_eq!(distinct.len(), ids.len(), "a row was seen twice: {ids:?}");
    ids.retain(|id| before.contains(id));
    ids
}

fn wrote(written: &AtomicI64, done: &Value) {
    written.fetch_max(done["position"].as_i64().expect("a number"), Ordering::SeqCst);
}

#[tokio::test]
async fn members_who_stay_are_seen_once_while_others_come_and_go() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let (mut before, mut leavers) = (vec![json!(ann.id)], Vec::new());
    let written = AtomicI64::new(0);
    let mut guests = Vec::new();
    for _ in 0..40 {
        guests.push(world.guest("Ben").await);
    }
    // Not in the order of their ids.
    for (number, guest) in guests.into_iter().rev().enumerate() {
        wrote(&written, &guest.command(&room, json!({ "type": "member.join" })).await.ok());
        if number % 2 == 0 { before.push(json!(guest.id)) } else { leavers.push(guest) }
    }
    let coming_and_going = async {
        for leaver in leavers {
            wrote(&written, &leaver.command(&room, json!({ "type": "member.leave" })).await.ok());
            let guest = world.guest("Eve").await;
            wrote(&written, &guest.command(&room, json!({ "type": "member.join" })).await.ok());
        }
        // Nobody else comes, so that the walk ends.
        loop {
            wrote(&written, &ann.command(&room, json!({ "type": "chat.post", "text": "x" })).await.ok());
        }
    };
    let seen = tokio::select! {
        seen = walk(&ann, &room, ("members", "members"), &written, token) => seen,
        () = coming_and_going => unreachable!("it does not end"),
    };
    assert_eq!(there_before(&seen, "id", &before), before);
}

#[tokio::test]
async fn messages_are_seen_once_while_others_are_written() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let written = AtomicI64::new(0);
    let post = async |text: &str| {
        let done = ann.command(&room, json!({ "type": "chat.post", "text": text })).await.ok();
        wrote(&written, &done);
        done["events"][0]["data"]["message_id"].clone()
    };
    let mut before = Vec::new();
    for number in 0..50 {
        before.insert(0, post(&format!("early {number}")).await);
    }
    let talking = async {
        loop {
            post("late").await;
        }
    };
    let older = |page: &Value| page["next_before"].as_i64().map(|seq| format!("&before={seq}"));
    let seen = tokio::select! {
        seen = walk(&ann, &room, ("chat", "messages"), &written, older) => seen,
        () = talking => unreachable!("it does not end"),
    };
    assert_eq!(there_before(&seen, "message_id", &before), before);
}

#[tokio::test]
async fn showings_are_seen_once_while_others_begin() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let mut items = Vec::new();
    for name in ["a", "b"] {
        let url = format!("https://media.test/{name}.mp4");
        let done = ann.command(&room, json!({ "type": "playlist.add", "url": url })).await.ok();
        items.push(done["events"][0]["data"]["item_id"].clone());
    }
    let written = AtomicI64::new(0);
    let show = async |number: usize| {
        let select = json!({ "type": "playback.select_item", "item_id": items[number % 2] });
        let done = ann.command(&room, select).await.ok();
        wrote(&written, &done);
        done["events"][0]["seq"].clone()
    };
    let played = ann.command(&room, json!({ "type": "playback.play" })).await.ok();
    let mut before =
        vec![played["events"].as_array().and_then(|events| events.last()).expect("an event")["seq"].clone()];
    for number in 1..40 {
        before.insert(0, show(number).await);
    }
    let zapping = async {
        for number in 40.. {
            show(number).await;
        }
    };
    let seen = tokio::select! {
        seen = walk(&ann, &room, ("history", "history"), &written, token) => seen,
        () = zapping => unreachable!("it does not end"),
    };
    assert_eq!(there_before(&seen, "seq", &before), before);
}
