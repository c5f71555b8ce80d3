//! The log as it grows.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{Guest, SOON, Sent, Stream, World, grow};

fn say(text: &str) -> Value {
    json!({ "type": "chat.post", "text": text })
}

async fn epoch(guest: &Guest, room: &str) -> String {
    guest.snapshot(room).await.ok()["epoch"].as_str().expect("a string").to_owned()
}

async fn next(stream: &mut Stream) -> Sent {
    timeout(SOON, stream.next()).await.expect("in time").expect("the stream goes on")
}

/// Positions up to `last`, each with the id that resumes behind it.
async fn until(stream: &mut Stream, epoch: &str, last: i64) -> Vec<i64> {
    let mut positions = Vec::new();
    while positions.last() != Some(&last) {
        let sent = next(stream).await;
        let position = sent.data["position"].as_i64().expect("a number");
        assert_eq!((sent.event, sent.id), (None, Some(format!("{epoch}:{position}"))));
        positions.push(position);
    }
    positions
}

#[tokio::test]
async fn a_tail_shows_what_anybody_writes_anywhere() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let (ann, ben) = (world.guest("Ann").await, Guest::new(&other.url, "Ben").await);
    let rooms = [ann.room().await, ben.room().await];
    let epoch = epoch(&ann, &rooms[0]).await;
    let auditor = world.auditor().await;
    let mut stream = auditor.stream("/v1/log", None).await;
    assert_eq!(until(&mut stream, &epoch, 4).await, [1, 2, 3, 4]);
    for number in 0..3 {
        ann.command(&rooms[0], say(&format!("{number}"))).await.ok();
        ben.command(&rooms[1], say(&format!("{number}"))).await.ok();
    }
    assert_eq!(until(&mut stream, &epoch, 10).await, (5..=10).collect::<Vec<_>>());
    let page = auditor.get("/v1/log").await.ok();
    let mut stream = auditor.stream("/v1/log", None).await;
    for event in page["events"].as_array().expect("a list") {
        assert_eq!(&next(&mut stream).await.data, event, "a page and a stream differ");
    }
    let mut filtered =
        auditor.stream(&format!("/v1/log?room={}&type=chat.posted&actor={}", rooms[1], ben.id), None).await;
    assert_eq!(until(&mut filtered, &epoch, 10).await, [6, 8, 10]);
    ann.command(&rooms[0], say("not for it")).await.ok();
    let last = ben.command(&rooms[1], say("for it")).await.ok()["position"].as_i64().expect("a number");
    assert_eq!(until(&mut filtered, &epoch, last).await, [last]);
}

#[tokio::test]
async fn a_tail_goes_on_behind_the_last_event_id() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    for number in 0..4 {
        ann.command(&room, say(&format!("{number}"))).await.ok();
    }
    let epoch = epoch(&ann, &room).await;
    let auditor = world.auditor().await;
    let path = "/v1/log?after=1";
    for (last, first) in [("4".to_owned(), 5), (format!("{epoch}:5"), 6), ("0".to_owned(), 1), (String::new(), 2)] {
        let mut stream = auditor.stream(path, Some(&last)).await;
        assert_eq!(until(&mut stream, &epoch, 6).await, (first..=6).collect::<Vec<_>>(), "{last:?}");
    }
}

#[tokio::test]
async fn a_tail_from_a_lost_cursor_is_reset_to_the_head() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let epoch = epoch(&ann, &room).await;
    let auditor = world.auditor().await;
    for (after, reason) in [("other:1", "epoch_changed"), ("3", "ahead_of_head"), ("other:99", "epoch_changed")] {
        let mut stream = auditor.stream(&format!("/v1/log?after={after}"), None).await;
        let expected = Sent {
            id: Some(format!("{epoch}:2")),
            event: Some("reset".to_owned()),
            data: json!({ "reason": reason, "epoch": epoch, "position": 2 }),
        };
        assert_eq!(next(&mut stream).await, expected, "{after}");
    }
    let mut stream = auditor.stream("/v1/log?after=0", Some("other:1")).await;
    assert_eq!(next(&mut stream).await.event.as_deref(), Some("reset"));
    ann.command(&room, say("x")).await.ok();
    assert_eq!(until(&mut stream, &epoch, 3).await, [3]);
}

#[tokio::test]
async fn a_new_epoch_ends_a_tail() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let epoch = epoch(&ann, &room).await;
    let auditor = world.auditor().await;
    let mut stream = auditor.stream("/v1/log", None).await;
    until(&mut stream, &epoch, 2).await;
    let told = crate::restore::restored(&world.database);
    let reset = next(&mut stream).await;
    let now = told["after"]["epoch"].as_str().expect("a string");
    assert_eq!(reset.event.as_deref(), Some("reset"), "{reset:?}");
    assert_eq!(reset.data, json!({ "reason": "epoch_changed", "epoch": now, "position": 2 }));
    assert_eq!(timeout(SOON, stream.next()).await.expect("in time"), None);
    let mut again = auditor.stream("/v1/log", reset.id.as_deref()).await;
    crate::restore::until(&ann, &room, "ok").await;
    assert_eq!(until(&mut again, now, 3).await, [3]);
}

#[tokio::test]
async fn a_stopping_server_sends_its_auditors_away() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let epoch = epoch(&ann, &room).await;
    let mut stream = world.auditor().await.stream("/v1/log", None).await;
    until(&mut stream, &epoch, 2).await;
    let stopping = tokio::task::spawn_blocking(move || world.server.terminate());
    let drain = next(&mut stream).await;
    assert_eq!((drain.event.as_deref(), &drain.id), (Some("drain"), &None), "{drain:?}");
    assert!(drain.data["retry_after_ms"].as_i64().is_some_and(|wait| wait > 0), "{drain:?}");
    assert_eq!(stream.next().await, None);
    assert!(timeout(SOON, stopping).await.expect("it stops in time").expect("no panic").success());
}

#[tokio::test]
async fn a_silent_tail_tells_the_head_and_how_far_its_filter_has_looked() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    ann.command(&room, say("x")).await.ok();
    let epoch = epoch(&ann, &room).await;
    grow(&world.database, 30_000).await;
    let auditor = world.auditor().await;
    let mut stream = auditor.stream("/v1/log?type=room.closed", None).await;
    let silence = Duration::from_secs(15);
    let heartbeat = timeout(silence + SOON, stream.next()).await.expect("in time").expect("the stream goes on");
    assert_eq!((heartbeat.event.as_deref(), heartbeat.id), (Some("heartbeat"), Some(format!("{epoch}:30003"))));
    assert_eq!((&heartbeat.data["epoch"], &heartbeat.data["position"]), (&json!(epoch), &json!(30_003)));
    assert!(heartbeat.data["server_ms"].as_i64().is_some_and(|now| now > 0));
}
