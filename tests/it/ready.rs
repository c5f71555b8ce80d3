//! The ready check: asked of who is there, a countdown when all are ready, and an end in any case.

use serde_json::{Value, json};

use crate::support::{Guest, Socket, World, assert_verified};

const COUNTDOWN_MS: i64 = 3_000;

/// A film is there to be played; Ann and Bob are connected.
async fn gather(world: &World) -> (Guest, Guest, String, Socket, Socket) {
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let room = ann.room().await;
    bob.join(&room).await;
    ann.command(&room, json!({ "type": "playlist.add", "url": "https://media.test/a.mp4" })).await.ok();
    let mut here = ann.subscribed(&room, "now").await.0;
    let far = bob.socket(&room).await;
    while here.until("ephemeral").await["member"] != json!(bob.id) {}
    (ann, bob, room, here, far)
}

async fn next(socket: &mut Socket, kind: &str) -> Value {
    loop {
        let event = socket.until("event").await;
        if event["type"] == kind {
            return event;
        }
    }
}

fn types(answer: &Value) -> Vec<&str> {
    let events = answer["events"].as_array().expect("a list");
    events.iter().map(|event| event["type"].as_str().expect("a text")).collect()
}

async fn mark(guest: &Guest, room: &str, ready: bool) -> Value {
    guest.command(room, json!({ "type": "ready.mark", "ready": ready })).await.ok()
}

#[tokio::test]
async fn scenario_24_the_countdown_of_a_ready_check_ends_when_somebody_is_not_ready_after_all() {
    let world = World::new().await;
    let (ann, bob, room, _here, _far) = gather(&world).await;
    // Who is not connected is not asked.
    world.guest("Cat").await.join(&room).await;
    let started = ann.command(&room, json!({ "type": "ready.start" })).await.ok();
    assert_eq!(types(&started), ["ready.started"]);
    assert_eq!(started["events"][0]["data"]["members"], json!([ann.id, bob.id]));
    assert_eq!(types(&mark(&ann, &room, true).await), ["ready.marked"]);
    let last = mark(&bob, &room, true).await;
    assert_eq!(types(&last), ["ready.marked", "playback.played"]);
    let now = ann.get("/v1/time?t0=0").await.ok()["t1"].as_i64().expect("a number");
    let ahead = last["events"][1]["data"]["anchor_ms"].as_i64().expect("a number") - now;
    assert!((0..=COUNTDOWN_MS).contains(&ahead), "it starts {ahead} ms from now");
    assert_eq!(types(&mark(&bob, &room, false).await), ["playback.paused", "ready.marked"]);
    let view = ann.snapshot(&room).await.ok();
    assert_eq!((&view["playback"]["playing"], &view["playback"]["position_ms"]), (&json!(false), &json!(0)));
    assert_eq!(view["ready"]["ready"], json!([ann.id]));
    assert_eq!(types(&mark(&bob, &room, true).await), ["ready.marked", "playback.played"]);
    assert_verified(&world.database);
}

#[tokio::test]
async fn a_check_starts_without_those_who_are_not_ready_in_time() {
    let world = World::new().await;
    let (ann, _bob, room, mut here, _far) = gather(&world).await;
    ann.command(&room, json!({ "type": "ready.start", "deadline_ms": 700 })).await.ok();
    mark(&ann, &room, true).await;
    let played = next(&mut here, "playback.played").await;
    assert_eq!(played["actor"]["kind"], "system");
    ann.command(&room, json!({ "type": "playback.pause" })).await.ok();
    ann.command(&room, json!({ "type": "ready.start", "deadline_ms": 700 })).await.ok();
    assert_eq!(next(&mut here, "ready.cancelled").await["data"]["reason"], "overtaken");
    assert_eq!(next(&mut here, "ready.cancelled").await["data"]["reason"], "deadline", "nobody was ready");
    let late = ann.command(&room, json!({ "type": "ready.mark", "ready": true })).await;
    assert_eq!((late.status, late.code()), (409, "no_ready_check"));
}

#[tokio::test]
async fn a_check_does_not_wait_for_whoever_went_away() {
    let world = World::new().await;
    let (ann, _bob, room, mut here, far) = gather(&world).await;
    ann.command(&room, json!({ "type": "ready.start", "deadline_ms": 600_000 })).await.ok();
    mark(&ann, &room, true).await;
    drop(far);
    assert_eq!(next(&mut here, "playback.played").await["actor"]["kind"], "system");
}

#[tokio::test]
async fn a_check_waits_for_who_only_loads_the_page_again() {
    let world = World::new().await;
    let (ann, bob, room, mut here, far) = gather(&world).await;
    ann.command(&room, json!({ "type": "ready.start", "deadline_ms": 600_000 })).await.ok();
    mark(&ann, &room, true).await;
    drop(far);
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    let _far = bob.socket(&room).await;
    let early = tokio::time::timeout(std::time::Duration::from_secs(6), next(&mut here, "playback.played")).await;
    assert!(early.is_err(), "{early:?}");
    assert_eq!(types(&mark(&bob, &room, true).await), ["ready.marked", "playback.played"]);
}

#[tokio::test]
async fn a_check_ends_though_nobody_follows_the_room() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    ann.command(&room, json!({ "type": "playlist.add", "url": "https://media.test/a.mp4" })).await.ok();
    let wrong = ann.command(&room, json!({ "type": "ready.start", "deadline_ms": 600_001 })).await;
    assert_eq!((wrong.status, wrong.code()), (400, "invalid_deadline"));
    ann.command(&room, json!({ "type": "ready.start", "deadline_ms": 300 })).await.ok();
    let over = async || (ann.snapshot(&room).await.ok()["ready"] == Value::Null).then_some(());
    crate::support::eventually("the check ends", over).await;
}
