//! What people complain about in other players, as far as it is the server's to prevent. `runbooks/sync.md` lists them all.

use serde_json::{Value, json};

use crate::support::{Guest, Server, World, assert_verified, eventually};

/// Ann's room with so many films of an hour, Bob in it, the first film playing.
async fn cinema(world: &World, films: usize) -> (Guest, Guest, String, Vec<Value>) {
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let room = ann.room().await;
    bob.join(&room).await;
    let mut items = Vec::new();
    for number in 0..films {
        let url = format!("https://media.test/{number}.mp4");
        let add = json!({ "type": "playlist.add", "url": url, "duration_ms": 3_600_000 });
        items.push(ann.command(&room, add).await.ok()["events"][0]["data"]["item_id"].clone());
    }
    ann.command(&room, json!({ "type": "playback.play" })).await.ok();
    (ann, bob, room, items)
}

async fn playback(guest: &Guest, room: &str) -> Value {
    guest.snapshot(room).await.ok()["playback"].clone()
}

async fn now(guest: &Guest) -> i64 {
    guest.get("/v1/time?t0=0").await.ok()["t1"].as_i64().expect("a number")
}

/// Where a playback is at an instant, ms.
fn position(playback: &Value, at: i64) -> i64 {
    let number = |field: &str| playback[field].as_i64().expect("a number");
    number("position_ms") + (at - number("anchor_ms")).max(0) * number("rate_permille") / 1000
}

#[tokio::test]
async fn scenario_03_two_who_ask_for_the_next_item_at_once_get_one_item_further() {
    let world = World::new().await;
    let (ann, bob, room, items) = cinema(&world, 4).await;
    for pair in items.windows(2).take(2) {
        let next = json!({ "type": "playback.next", "expected_item": pair[0] });
        let (first, second) = tokio::join!(ann.command(&room, next.clone()), bob.command(&room, next.clone()));
        let mut statuses = [first.status, second.status];
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 409], "{:#} {:#}", first.body, second.body);
        let stale = if first.status == 409 { first } else { second };
        assert_eq!((stale.code(), &stale.body["current_item"]), ("stale_item", &pair[1]));
        assert_eq!(playback(&ann, &room).await["item_id"], pair[1]);
    }
}

#[tokio::test]
async fn scenario_07_another_rate_goes_on_from_the_same_position() {
    let world = World::new().await;
    let (ann, bob, room, _) = cinema(&world, 1).await;
    let mut before = playback(&ann, &room).await;
    for (who, rate) in [(&ann, 2000), (&bob, 250), (&ann, 4000), (&bob, 1000)] {
        let set = json!({ "type": "playback.set_rate", "rate_permille": rate });
        let after = who.command(&room, set).await.ok()["events"][0]["data"].clone();
        let anchor = after["anchor_ms"].as_i64().expect("a number");
        assert_eq!(after["position_ms"], json!(position(&before, anchor)), "at {rate}");
        before = after;
    }
}

#[tokio::test]
async fn scenario_11_a_command_for_an_older_version_is_refused_with_the_present_state() {
    let world = World::new().await;
    let (ann, bob, room, _) = cinema(&world, 1).await;
    let seen = ann.snapshot(&room).await.ok()["versions"]["playback"].clone();
    bob.command(&room, json!({ "type": "playback.seek", "position_ms": 9_000 })).await.ok();
    let late = json!({ "type": "playback.seek", "position_ms": 1_000, "expect": { "playback": seen } });
    let refused = ann.command(&room, late).await;
    assert_eq!((refused.status, refused.code()), (409, "stale_version"));
    assert_eq!(refused.body["room"]["playback"]["position_ms"], json!(9_000), "{:#}", refused.body);
    // Whoever writes meanwhile is in nobody's way.
    let seen = &refused.body["room"]["versions"]["playback"];
    bob.command(&room, json!({ "type": "chat.post", "text": "hello" })).await.ok();
    let again = json!({ "type": "playback.seek", "position_ms": 1_000, "expect": { "playback": seen } });
    ann.command(&room, again).await.ok();
}

#[tokio::test]
async fn scenario_12_a_command_that_is_sent_again_is_one_event() {
    let world = World::new().await;
    let (ann, _, room, _) = cinema(&world, 1).await;
    let seek = json!({ "type": "playback.seek", "position_ms": 5_000 });
    let first = ann.keyed(&room, &seek, "once").await.ok();
    ann.command(&room, json!({ "type": "playback.seek", "position_ms": 7_000 })).await.ok();
    assert_eq!(ann.keyed(&room, &seek, "once").await.ok(), first);
    assert_eq!(playback(&ann, &room).await["position_ms"], json!(7_000), "it was done again");
    let seeks = ann.events(&room).await.iter().filter(|event| event["type"] == "playback.seeked").count();
    assert_eq!(seeks, 2);
}

#[tokio::test]
async fn scenario_14_a_seek_beyond_the_end_stops_there_and_one_before_the_beginning_is_refused() {
    let world = World::new().await;
    let (ann, _, room, _) = cinema(&world, 1).await;
    let seek = |to: i64| json!({ "type": "playback.seek", "position_ms": to });
    ann.command(&room, json!({ "type": "playback.pause" })).await.ok();
    let events = ann.command(&room, seek(3_600_001)).await.ok()["events"].clone();
    assert_eq!(events[0]["data"]["position_ms"], json!(3_600_000));
    let refused = ann.command(&room, seek(-1)).await;
    assert_eq!((refused.status, refused.code()), (400, "invalid_field"));
    assert_eq!(playback(&ann, &room).await["position_ms"], json!(3_600_000));
}

#[tokio::test]
async fn scenario_21_a_restarted_server_goes_on_from_the_same_anchor() {
    let world = World::new().await;
    let (ann, bob, room, _) = cinema(&world, 1).await;
    let before = playback(&ann, &room).await;
    let World { server, database, dir } = world;
    server.kill();
    let server = Server::start(&database, dir.path());
    let (ann, bob) = (ann.at(&server.url), bob.at(&server.url));
    assert_eq!(playback(&ann, &room).await, before);
    let paused = bob.command(&room, json!({ "type": "playback.pause" })).await.ok()["events"][0]["data"].clone();
    let at = paused["anchor_ms"].as_i64().expect("a number");
    assert_eq!(paused["position_ms"], json!(position(&before, at)));
    assert!((now(&ann).await - at).abs() < 5_000, "the clock went on elsewhere");
    assert_verified(&database);
}

#[tokio::test]
async fn scenario_23_a_room_whose_owner_is_away_is_steered_by_role() {
    let world = World::new().await;
    let (ann, bob, room, _) = cinema(&world, 1).await;
    let cat = world.guest("Cat").await;
    cat.join(&room).await;
    let promote = json!({ "type": "member.set_role", "member": bob.id, "role": "moderator" });
    ann.command(&room, promote).await.ok();
    let seq = ann.snapshot(&room).await.ok()["versions"]["settings"].clone();
    let control = json!({ "type": "room.update_settings", "control": "moderators", "expect": { "settings": seq } });
    ann.command(&room, control).await.ok();
    let (socket, _) = ann.subscribed(&room, "now").await;
    drop(socket);
    let (mut seen, _) = bob.subscribed(&room, "now").await;
    eventually("she is gone", async || {
        let ephemeral = seen.until("ephemeral").await;
        let gone = ephemeral["member"] == json!(ann.id) && ephemeral["value"]["state"] == "offline";
        gone.then_some(())
    })
    .await;
    bob.command(&room, json!({ "type": "playback.pause" })).await.ok();
    let refused = cat.command(&room, json!({ "type": "playback.play" })).await;
    assert_eq!((refused.status, refused.code()), (403, "forbidden"));
    assert_eq!(refused.body["decided_by"], "control:moderators");
}
