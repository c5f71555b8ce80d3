//! How often one member may steer what all see.

use serde_json::{Value, json};

use crate::support::{Answer, Guest, World, assert_verified};

fn seek(to: i64) -> Value {
    json!({ "type": "playback.seek", "position_ms": to })
}

/// So many seeks one after the other, each under a key of its own.
async fn seeks(guest: &Guest, room: &str, count: i64) -> Vec<Answer> {
    let mut answers = Vec::new();
    for number in 0..count {
        answers.push(guest.keyed(room, &seek(number), &format!("seek {number}")).await);
    }
    answers
}

#[tokio::test]
async fn scenario_22_who_steers_too_often_is_held_back_and_nobody_else() {
    let world = World::with(&[("SYNCTV_RATE_LIMITS", "on")]).await;
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let room = ann.room().await;
    bob.join(&room).await;
    let add = json!({ "type": "playlist.add", "url": "https://media.test/a.mp4" });
    let item = ann.command(&room, add).await.ok()["events"][0]["data"]["item_id"].clone();
    ann.command(&room, json!({ "type": "playback.select_item", "item_id": item })).await.ok();

    let answers = seeks(&bob, &room, 100).await;
    let held = answers.iter().position(|answer| answer.status != 200).expect("100 seeks at once are too many");
    assert!(held >= 10, "only {held} were taken");
    let refused = &answers[held];
    assert_eq!((refused.status, refused.code()), (429, "rate_limited"), "{:#}", refused.body);
    assert!(refused.body["retry_after_ms"].as_i64().is_some_and(|ms| (1..=200).contains(&ms)), "{:#}", refused.body);

    // Others steer, and he still speaks.
    ann.command(&room, seek(77_000)).await.ok();
    bob.command(&room, json!({ "type": "chat.post", "text": "sorry" })).await.ok();
    // What was answered is answered again, whatever he has used up.
    for (number, first) in (0..).zip(&answers[..held]) {
        let again = bob.keyed(&room, &seek(number), &format!("seek {number}")).await;
        assert_eq!(again.body, first.body, "seek {number}");
    }
    // Held back is not refused for ever: the same command under the same key is taken later.
    let key = format!("seek {held}");
    let taken = async || {
        let answer = bob.keyed(&room, &seek(i64::try_from(held).expect("small")), &key).await;
        (answer.status == 200).then_some(())
    };
    crate::support::eventually("he may steer again", taken).await;
    let mut socket = bob.subscribed(&room, "now").await.0;
    let mut problem = Value::Null;
    for id in 0..100 {
        socket.tell(json!({ "id": id, "command": seek(1000 + id) })).await;
        problem = socket.until("reply").await["problem"].clone();
        if !problem.is_null() {
            break;
        }
    }
    assert_eq!(problem["code"], "rate_limited");
    assert_verified(&world.database);
}

/// When a start takes effect, and when it was asked for: not before, and not after, ms.
async fn start(ann: &Guest, room: &str) -> (i64, i64, i64) {
    let now = async || ann.get("/v1/time?t0=0").await.ok()["t1"].as_i64().expect("a number");
    ann.command(room, json!({ "type": "playback.pause" })).await.ok();
    let before = now().await;
    let played = ann.command(room, json!({ "type": "playback.play" })).await.ok()["events"][0].clone();
    (played["data"]["anchor_ms"].as_i64().expect("a number"), before, now().await)
}

#[track_caller]
fn assert_ahead((anchor, before, after): (i64, i64, i64), lead: i64) {
    let (first, last) = (anchor - after, anchor - before);
    assert!((first..=last).contains(&lead), "{first} to {last} ms ahead instead of {lead}");
}

#[tokio::test]
async fn a_start_is_as_far_ahead_as_the_farthest_need_to_hear_of_it() {
    let world = World::new().await;
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let room = ann.room().await;
    bob.join(&room).await;
    ann.command(&room, json!({ "type": "playlist.add", "url": "https://media.test/a.mp4" })).await.ok();
    assert_ahead(start(&ann, &room).await, 150);
    let mut here = ann.subscribed(&room, "now").await.0;
    let mut far = bob.socket(&room).await;
    for (rtt, wanted) in [(1000, 530), (1_000_000, 800), (0, 150)] {
        far.tell(json!({ "report": { "skew_ms": 0, "rtt_ms": rtt, "buffered_ms": 0 } })).await;
        while here.until("ephemeral").await["value"]["rtt_ms"] != json!(rtt) {}
        assert_ahead(start(&ann, &room).await, wanted);
    }
}
