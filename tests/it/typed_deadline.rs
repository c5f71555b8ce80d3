//! The time that a caller gives a call: `grpc-timeout`.

use std::time::Instant;

use prost::Message;
use serde_json::json;
use tonic::Code;

use crate::support::{
    APPEND, Address, Connection, Entry, Guest, Head, Held, SOON, World, asked, blocked, compare, framed,
};

const WORDS: &str = "at last";

fn post(room: &str) -> Vec<u8> {
    asked(room, &json!({ "type": "chat.post", "text": WORDS })).encode_to_vec()
}

/// A command under this key, for half a second.
async fn hurried(connection: &Connection, ann: &Guest, room: &str, key: &str) -> (Code, String) {
    let head = Head::of("Rooms/Command").by(&ann.token).with("grpc-timeout", b"500m");
    connection.send(head.with("idempotency-key", key.as_bytes()), framed(&post(room))).await.told()
}

#[tokio::test]
async fn at_the_callers_deadline_a_command_was_not_done_or_is_told_to_be_unknown() {
    // The server itself would wait for longer than the test does.
    let world = World::with(&[("SYNCTV_COMMAND_TIMEOUT_MS", "120000")]).await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let connection = Connection::open(&world.server.url).await;
    let (lock, began) = (Held::new(&world.database, APPEND).await, Instant::now());
    let first = hurried(&connection, &ann, &room, "k-on-its-way");
    let second = async {
        blocked(&world.database, APPEND, &[]).await;
        // The room's lane is busy: this one is not taken up.
        hurried(&connection, &ann, &room, "k-waits").await
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first, (Code::DeadlineExceeded, "outcome_unknown".to_owned()));
    assert_eq!(second, (Code::DeadlineExceeded, "deadline_exceeded".to_owned()));
    assert!(began.elapsed() < SOON, "it took {:?}", began.elapsed());
    lock.release().await;

    // Repeated under its key, the first one turns out to be done once; the second one never was.
    let here = Address::new(&world.server.url);
    let body = json!({ "type": "chat.post", "text": WORDS });
    let mut repeat = Entry::new(&ann, &room, body, "k-on-its-way".to_owned());
    repeat.insist(&here).await;
    compare(&world.database, &[repeat]).await;
}

#[tokio::test]
async fn a_stream_ends_at_the_callers_deadline() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let connection = Connection::open(&world.server.url).await;
    let watch = synctv_proto::v1::WatchRequest { room_id: room, from: None }.encode_to_vec();
    let head = Head::of("Watch/Watch").by(&ann.token).with("grpc-timeout", b"500m");
    let ended = connection.send(head, framed(&watch)).await;
    assert_eq!(ended.told(), (Code::DeadlineExceeded, "deadline".to_owned()));
    assert!(!ended.body.is_empty(), "the room was told before");
    // Also one whose room was never named.
    let head = Head::of("Session/Session").by(&ann.token).with("grpc-timeout", b"500m");
    let (_open, ended) = connection.begin(head).await.split();
    assert_eq!(ended.await.told(), (Code::DeadlineExceeded, "deadline".to_owned()));
}
