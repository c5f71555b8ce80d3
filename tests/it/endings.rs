//! What follows the end of an item: the room itself goes on, once, whoever watches from where.

use serde_json::{Value, json};

use crate::support::{Guest, World, assert_verified};

const LENGTH_MS: i64 = 400;

/// Adds short items and plays the first.
async fn play(ann: &Guest, room: &str, count: usize) -> Vec<Value> {
    let mut items = Vec::new();
    for number in 0..count {
        let url = format!("https://media.test/{number}.mp4");
        let add = json!({ "type": "playlist.add", "url": url, "duration_ms": LENGTH_MS });
        items.push(ann.command(room, add).await.ok()["events"][0]["data"]["item_id"].clone());
    }
    ann.command(room, json!({ "type": "playback.play" })).await.ok();
    items
}

#[tokio::test]
async fn scenario_15_a_room_goes_on_at_the_end_of_each_item_once_for_all_who_watch() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    // Watched at two servers, and everybody sees the end.
    let (mut here, _) = ann.subscribed(&room, "now").await;
    let (mut there, _) = ann.at(&other.url).subscribed(&room, "now").await;
    let items = play(&ann, &room, 3).await;
    let last = 2 + 3 + 1 + 2;
    for socket in [&mut here, &mut there] {
        socket.seqs_until(last).await;
    }
    let events = ann.events(&room).await;
    let played = &events[5]["data"];
    let mut ends = played["anchor_ms"].as_i64().expect("a number") + LENGTH_MS;
    for (event, item) in events[6..].iter().zip(&items[1..]) {
        assert_eq!((&event["type"], &event["actor"]["kind"]), (&json!("playback.item_selected"), &json!("system")));
        assert_eq!(event["data"]["item_id"], *item);
        let anchor = event["data"]["anchor_ms"].as_i64().expect("a number");
        assert!(anchor >= ends, "it began at {anchor}, before the one before ended at {ends}");
        ends = anchor + LENGTH_MS;
    }
    // The last one is followed by nothing, however often anybody asks.
    let expected = json!({ "type": "playback.next", "expected_item": items[2] });
    assert_eq!(ann.command(&room, expected).await.ok()["events"], json!([]));
    assert_eq!(ann.events(&room).await.len(), usize::try_from(last).expect("small"));
    assert_verified(&world.database);
}

#[tokio::test]
async fn a_room_that_nobody_watches_goes_on_when_somebody_comes() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let items = play(&ann, &room, 2).await;
    let ended = async || {
        let now: Value = ann.get("/v1/time?t0=0").await.ok();
        let motion = ann.snapshot(&room).await.ok()["playback"].clone();
        let [now, anchor] = [&now["t1"], &motion["anchor_ms"]].map(|ms| ms.as_i64().expect("a number"));
        (now > anchor + LENGTH_MS).then_some(motion["item_id"].clone())
    };
    let current = crate::support::eventually("the first item ends", ended).await;
    assert_eq!(current, items[0], "nobody watched");
    let (mut socket, _) = ann.subscribed(&room, "now").await;
    let event = socket.until("event").await;
    assert_eq!((&event["type"], &event["data"]["item_id"]), (&json!("playback.item_selected"), &items[1]));
}

#[tokio::test]
async fn a_list_of_empty_items_does_not_fill_the_log() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let add = json!({ "type": "playlist.add", "url": "https://media.test/a.mp4", "duration_ms": 0 });
    ann.command(&room, add).await.ok();
    ann.command(&room, json!({ "type": "playback.set_mode", "mode": "repeat_one" })).await.ok();
    let (mut socket, _) = ann.subscribed(&room, "now").await;
    let played = ann.command(&room, json!({ "type": "playback.play" })).await.ok();
    let anchor = |event: &Value| event["data"]["anchor_ms"].as_i64().expect("a number");
    socket.until("event").await;
    let mut last = anchor(&played["events"][0]);
    for _ in 0..2 {
        let next = anchor(&socket.until("event").await);
        assert!(next >= last + 1_000, "the next one began after {} ms", next - last);
        last = next;
    }
}
