//! Events as a stream.

use std::time::Duration;

use rand::Rng;
use serde_json::json;

use crate::support::{Guest, Sent, World, rounds, within};

async fn say(guest: &Guest, room: &str, count: usize) {
    for number in 0..count {
        guest.command(room, json!({ "type": "chat.post", "text": format!("{number}") })).await.ok();
    }
}

async fn epoch(guest: &Guest, room: &str) -> String {
    guest.snapshot(room).await.ok()["epoch"].as_str().expect("a string").to_owned()
}

#[tokio::test]
async fn the_last_event_id_is_stronger_than_the_address() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    say(&ann, &room, 4).await;
    let epoch = epoch(&ann, &room).await;
    let path = format!("/v1/rooms/{room}/events?after=1");
    for (last, first) in [("4".to_owned(), 5), (format!("{epoch}:5"), 6), ("0".to_owned(), 1), (String::new(), 2)] {
        let mut stream = ann.stream(&path, Some(&last)).await;
        let sent = stream.next().await.expect("an event");
        assert_eq!(
            (sent.seq(), sent.event.as_deref(), sent.id),
            (first, None, Some(format!("{epoch}:{first}"))),
            "{last:?}"
        );
    }
    let mut stream = ann.stream(&path, None).await;
    assert_eq!(stream.seqs_until(6).await, [2, 3, 4, 5, 6]);
    say(&ann, &room, 2).await;
    assert_eq!(stream.seqs_until(8).await, [7, 8]);
    let stored = ann.events(&room).await;
    let mut stream = ann.follow(&room, "0").await;
    for event in stored {
        assert_eq!(stream.next().await.map(|sent| sent.data), Some(event), "a page and a stream differ");
    }
}

#[tokio::test]
async fn a_lost_cursor_is_reset_to_the_head() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    say(&ann, &room, 2).await;
    let epoch = epoch(&ann, &room).await;
    for (after, reason) in [
        ("other:1", "epoch_changed"),
        ("other:99", "epoch_changed"),
        ("5", "ahead_of_head"),
        ("9223372036854775807", "ahead_of_head"),
    ] {
        let mut stream = ann.follow(&room, after).await;
        let expected = Sent {
            id: Some(format!("{epoch}:4")),
            event: Some("reset".to_owned()),
            data: json!({ "reason": reason, "epoch": epoch, "seq": 4 }),
        };
        assert_eq!(stream.next().await, Some(expected), "{after}");
    }
    let mut stream = ann.follow(&room, "99").await;
    stream.next().await.expect("the reset");
    say(&ann, &room, 1).await;
    assert_eq!(stream.next().await.expect("an event").seq(), 5);
}

#[tokio::test]
async fn a_ticket_opens_the_stream_of_its_room_alone() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let ann = world.guest("Ann").await;
    let (room, elsewhere) = (ann.room().await, ann.room().await);
    let made = ann.post(&format!("/v1/rooms/{room}/tickets"), &json!({ "use": "sse" })).await;
    assert_eq!(made.status, 201);
    let ticket = made.body["ticket"].as_str().expect("a string").to_owned();
    let mut nobody = ann.clone();
    nobody.token = "none".to_owned();
    for nobody in [nobody.clone(), nobody.at(&other.url), nobody.clone()] {
        let mut stream = nobody.stream(&format!("/v1/rooms/{room}/events?ticket={ticket}"), None).await;
        assert_eq!(stream.seqs_until(2).await, [1, 2]);
        for path in [
            format!("/v1/rooms/{elsewhere}/events?ticket={ticket}"),
            format!("/v1/rooms/{room}/events?ticket={ticket}x"),
        ] {
            let request = nobody.request(reqwest::Method::GET, &path).header("accept", "text/event-stream");
            assert_eq!(crate::support::send(request).await.code(), "invalid_token", "{path:.60}");
        }
    }
    let log = format!("{}{}", world.server.log(), other.log());
    assert!(!log.contains(&ticket), "the ticket is in the log");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_from_anywhere_get_every_event_once_at_either_server() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    say(&ann, &room, 5).await;
    let (writers, each) = (4, rounds(60, 1500));
    let total = (7 + writers * each) as i64;
    let mut writing = Vec::new();
    for writer in 0..writers {
        let (ann, room) = (if writer % 2 == 0 { ann.clone() } else { ann.at(&other.url) }, room.clone());
        writing.push(tokio::spawn(async move { say(&ann, &room, each).await }));
    }
    let mut reading = Vec::new();
    for reader in 0..rounds(24, 200) {
        let (ann, room) = (if reader % 2 == 0 { ann.clone() } else { ann.at(&other.url) }, room.clone());
        reading.push(tokio::spawn(async move {
            let head = ann.snapshot(&room).await.ok()["seq"].as_i64().expect("a number");
            let after = rand::rng().random_range(0..=head);
            let mut stream = ann.follow(&room, &after.to_string()).await;
            // Some lose their connection on the way and come back with the last id.
            let mut seqs = Vec::new();
            let pause = rand::rng().random_range(after + 1..=total);
            let last = loop {
                let sent = stream.next().await.expect("the stream goes on");
                seqs.push(sent.seq());
                if sent.seq() == pause {
                    break sent.id.expect("durable events have ids");
                }
            };
            if pause < total {
                let mut stream = ann.stream(&format!("/v1/rooms/{room}/events?after=0"), Some(&last)).await;
                seqs.extend(stream.seqs_until(total).await);
            }
            assert_eq!(seqs, (after + 1..=total).collect::<Vec<_>>(), "from {after}, again from {last}");
        }));
    }
    for task in writing.into_iter().chain(reading) {
        let limit = Duration::from_secs(120);
        tokio::time::timeout(limit, task).await.expect("every event arrives").expect("no panic");
    }
}

#[tokio::test]
async fn a_stopping_server_sends_its_readers_away() {
    let World { server, database, dir } = World::new().await;
    let ann = Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    let mut stream = ann.follow(&room, "0").await;
    stream.seqs_until(2).await;
    let stopping = tokio::task::spawn_blocking(move || server.terminate());
    let drain = stream.next().await.expect("a message before the end");
    assert_eq!(drain.event.as_deref(), Some("drain"), "{drain:?}");
    assert!(drain.data["retry_after_ms"].as_i64().is_some_and(|wait| wait > 0), "{drain:?}");
    assert_eq!(drain.id, None, "a drain must not move the cursor");
    assert_eq!(stream.next().await, None);
    let stopped = tokio::time::timeout(Duration::from_secs(30), stopping).await.expect("it stops in time");
    assert!(stopped.expect("no panic").success());
    let again = crate::support::Server::start(&database, dir.path());
    let mut stream = ann.at(&again.url).follow(&room, "1").await;
    assert_eq!(stream.seqs_until(2).await, [2]);
    within(Duration::from_secs(5), "readiness", || async {
        (ann.at(&again.url).get("/readyz").await.status == 200).then_some(())
    })
    .await;
}
