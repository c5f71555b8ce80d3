//! Clients of gRPC that dawdle: each is given up in its time, and nobody else waits for it.

use std::time::{Duration, Instant};

use bytes::Bytes;
use futures::future::join_all;
use prost::Message;
use serde_json::json;
use synctv_proto::v1;
use tonic::Code;

use crate::support::{
    Connection, Guest, Head, METRICS, World, assert_verified, caught_up, eventually, framed, memory, rest,
};

/// How long a message may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(10);
/// Beyond that: a busy machine.
const LATE: Duration = Duration::from_secs(10);
/// How long others wait at most.
const PROMPT: Duration = Duration::from_secs(3);
const MIB: u64 = 1 << 20;

/// Somebody is answered at once over this connection.
async fn is_prompt(connection: &Connection, ann: &Guest) {
    let began = Instant::now();
    let ended = connection.call(Head::of("Rooms/List").by(&ann.token), b"").await;
    assert_eq!(ended.told(), (Code::Ok, String::new()));
    assert!(began.elapsed() < PROMPT, "it took {:?}", began.elapsed());
}

/// Sends these bytes, then, if a message has begun, one more again and again, until the answer is there.
async fn dribble(connection: &Connection, head: Head, first: Bytes) -> (Duration, (Code, String)) {
    let (began, more) = (Instant::now(), first.len() == 5);
    let (mut body, ended) = connection.begin(head).await.split();
    body.send_data(first, false).expect("the stream is open");
    let dribbling = async {
        while more && body.send_data(Bytes::from_static(b"\0"), false).is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        std::future::pending::<()>().await;
    };
    tokio::select! {
        ended = ended => (began.elapsed(), ended.told()),
        () = dribbling => unreachable!(),
    }
}

#[tokio::test]
async fn a_message_that_does_not_arrive_is_given_up_after_ten_seconds() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let connection = Connection::open(&world.server.url).await;
    let started = Bytes::from_static(&[0, 0, 0, 255, 0]);
    let mut slow = Vec::new();
    for method in
        ["Rooms/Command", "Rooms/Get", "Watch/Watch", "Guests/Create", "Log/Tail", "/grpc.health.v1.Health/Check"]
    {
        for first in [Bytes::new(), started.slice(..1), started.slice(..3), started.clone()] {
            slow.push(dribble(&connection, Head::of(method).by(&ann.token), first));
        }
    }
    // Sessions begin, and nobody says which room.
    for first in [Bytes::new(), started.slice(..1), started.clone()] {
        slow.push(dribble(&connection, Head::of("Session/Session").by(&ann.token), first));
    }
    let others = async {
        for connection in [&connection, &Connection::open(&world.server.url).await] {
            is_prompt(connection, &ann).await;
        }
    };
    let (all, ()) = futures::future::join(join_all(slow), others).await;
    for (took, told) in all {
        assert_eq!(told, (Code::DeadlineExceeded, "request_timeout".to_owned()), "after {took:?}");
        assert!((ARRIVAL..ARRIVAL + LATE).contains(&took), "after {took:?}");
    }
    is_prompt(&connection, &ann).await;
}

/// Streams whose client reads nothing.
const ASLEEP: usize = 60;
/// What is said meanwhile: 4 MiB for each.
const SAID: usize = 256;
const SLOW: &str = "synctv_closes_total{code=\"4008\"}";
const STREAMS: &str = "synctv_connections{transport=\"grpc\"}";
/// What an unread stream may take: what was sent for it and not taken, and its own state.
const EACH: u64 = 160 * 1024;

fn watch(room: &str) -> Vec<u8> {
    let from = Some(v1::From { from: Some(v1::from::From::Now(())) });
    v1::WatchRequest { room_id: room.to_owned(), from }.encode_to_vec()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_nobody_reads_end_as_slow_and_hold_little() {
    let world = World::with(&[METRICS]).await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let say = async || {
        let text = "x".repeat(4000);
        ann.command(&room, json!({ "type": "chat.post", "text": text })).await.ok();
    };
    // What the room keeps of its events is not theirs.
    for _ in 0..SAID {
        say().await;
    }
    // It takes what is for other streams.
    let settings = h2::client::Builder::new().initial_connection_window_size(16 << 20).to_owned();
    let connection = Connection::with(&world.server.url, &settings).await;
    let mut asleep = Vec::new();
    for _ in 0..ASLEEP {
        let mut begun = connection.begin(Head::of("Watch/Watch").by(&ann.token)).await;
        begun.body.send_data(framed(&watch(&room)), true).expect("the stream is open");
        asleep.push(begun.answered().await);
    }
    let mut awake = ann.follow(&room, &ann.snapshot(&room).await.ok()["seq"].to_string()).await;
    let before = memory(world.server.id());
    let began = Instant::now();
    for _ in 0..SAID {
        say().await;
        awake.next().await.expect("others hear it at once");
    }
    let took = began.elapsed();
    world.server.reaches(SLOW, ASLEEP as f64).await;
    let growth = memory(world.server.id()).saturating_sub(before);
    assert!(growth < EACH * ASLEEP as u64, "{} MiB more for {ASLEEP} streams, in {took:?}", growth / MIB);
    assert_eq!(world.server.scrape().await.value(STREAMS), 0.0);
    // The connection serves, and who reads at last is told why there is no more.
    is_prompt(&connection, &ann).await;
    for (parts, body, _sending) in asleep {
        let ended = rest(parts, body).await;
        assert_eq!(ended.told(), (Code::Unavailable, "slow".to_owned()));
    }
    assert!(!world.server.log().contains("panicked"), "{}", world.server.log());
    assert_verified(&world.database);
}

/// Items of a room that is large, each with a long address.
const ITEMS: usize = 300;
/// Its size, of which an unread stream holds a piece at most.
const LARGE: usize = 2 * (MIB as usize);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_large_room_that_nobody_reads_is_given_up_in_time_and_forgotten() {
    let world = World::with(&[METRICS]).await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    for number in 0..ITEMS {
        let url = format!("https://media.example/{number}/{}", "🎬".repeat(2000));
        ann.command(&room, json!({ "type": "playlist.add", "url": url })).await.ok();
    }
    assert!(ann.snapshot(&room).await.body.to_string().len() > LARGE);
    // Whatever else works on such a room has done so.
    caught_up(&world.database).await;
    let settings = h2::client::Builder::new().initial_connection_window_size(16 << 20).to_owned();
    let connection = Connection::with(&world.server.url, &settings).await;
    let (before, began) = (memory(world.server.id()), Instant::now());
    let snapshot = v1::WatchRequest { room_id: room.clone(), from: None }.encode_to_vec();
    let mut asleep = Vec::new();
    for _ in 0..ASLEEP {
        let mut begun = connection.begin(Head::of("Watch/Watch").by(&ann.token)).await;
        begun.body.send_data(framed(&snapshot), true).expect("the stream is open");
        asleep.push(begun.answered().await);
    }
    world.server.reaches(SLOW, ASLEEP as f64).await;
    let (took, stall) = (began.elapsed(), Duration::from_secs(15));
    assert!((stall..stall + 2 * LATE).contains(&took), "given up after {took:?}");
    // The connection lives on, and so do its streams.
    is_prompt(&connection, &ann).await;
    let forgotten = async || {
        // What one thread made and another gave back, the allocator takes when the first is at work again.
        for _ in 0..50 {
            is_prompt(&connection, &ann).await;
        }
        (memory(world.server.id()).saturating_sub(before) < EACH * ASLEEP as u64).then_some(())
    };
    eventually("what was for them is forgotten", forgotten).await;
    drop(asleep);
}
