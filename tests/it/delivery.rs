//! Nothing durable is missed, however often a connection is cut and however slowly it is read.

use std::time::Instant;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{Guest, Socket, World, assert_verified, memory, random, rounds};

const WRITERS: i64 = 16;

async fn head(guest: &Guest, room: &str) -> i64 {
    guest.snapshot(room).await.ok()["seq"].as_i64().expect("a number")
}

/// Posts this text in `room` until it has `last` events.
async fn fill(guest: &Guest, room: &str, text: &str, last: i64) {
    let first = head(guest, room).await;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (guest, room, text) = (guest.clone(), room.to_owned(), text.to_owned());
        writers.spawn(async move {
            for _ in (first..last).filter(|number| number % WRITERS == writer) {
                guest.command(&room, json!({ "type": "chat.post", "text": text })).await.ok();
            }
        });
    }
    writers.join_all().await;
}

/// Follows over sockets that are cut after a few messages each.
async fn over_sockets(guest: Guest, room: String, last: i64) -> Vec<i64> {
    let (mut seqs, mut cursor) = (Vec::new(), "0".to_owned());
    while seqs.last() != Some(&last) {
        let mut socket = guest.socket(&room).await;
        socket.tell(json!({ "subscribe": { "from": cursor } })).await;
        let first = socket.hear().await;
        assert_eq!(first["resumed"]["from"], json!(seqs.last().copied().unwrap_or(0)), "from {cursor}: {first}");
        let epoch = guest_epoch(&guest, &room, &cursor).await;
        for _ in 0..1 + random(59) {
            let seq = socket.until("event").await["seq"].as_i64().expect("a number");
            seqs.push(seq);
            cursor = format!("{epoch}:{seq}");
            if seq == last {
                break;
            }
        }
    }
    seqs
}

/// The epoch of a cursor; of the room for the first one.
async fn guest_epoch(guest: &Guest, room: &str, cursor: &str) -> String {
    match cursor.split_once(':') {
        Some((epoch, _)) => epoch.to_owned(),
        None => guest.snapshot(room).await.ok()["epoch"].as_str().expect("a string").to_owned(),
    }
}

/// The same over server-sent events.
async fn over_streams(guest: Guest, room: String, last: i64) -> Vec<i64> {
    let (mut seqs, mut cursor) = (Vec::new(), "0".to_owned());
    while seqs.last() != Some(&last) {
        let mut stream = guest.follow(&room, &cursor).await;
        for _ in 0..1 + random(59) {
            let sent = stream.next().await.expect("the stream goes on");
            let (None, Some(id)) = (&sent.event, &sent.id) else { continue };
            cursor.clone_from(id);
            seqs.push(sent.seq());
            if sent.seq() == last {
                break;
            }
        }
    }
    seqs
}

#[tokio::test]
async fn connections_cut_every_few_messages_yield_every_event_once() {
    let world = World::new().await;
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let room = ann.room().await;
    bob.join(&room).await;
    let last = i64::try_from(rounds(600, 20_000)).expect("small");
    let socket = tokio::spawn(over_sockets(bob.clone(), room.clone(), last));
    let stream = tokio::spawn(over_streams(bob.clone(), room.clone(), last));
    fill(&ann, &room, "x", last).await;
    for (name, reader) in [("socket", socket), ("stream", stream)] {
        let seqs = reader.await.expect("it does not panic");
        let wrong = seqs.iter().zip(1..).find(|(seq, wanted)| **seq != *wanted);
        assert_eq!((wrong, seqs.len()), (None, usize::try_from(last).expect("small")), "{name}");
    }
    assert_verified(&world.database);
}

/// From a command on a socket to its event on it, ms, sorted.
async fn latencies(socket: &mut Socket, count: usize) -> Vec<f64> {
    let mut taken = Vec::new();
    for number in 0..count {
        let started = Instant::now();
        socket.tell(json!({ "id": number, "command": { "type": "chat.post", "text": "?" } })).await;
        while socket.until("reply").await["id"] != json!(number) {}
        taken.push(started.elapsed().as_secs_f64() * 1000.0);
    }
    taken.sort_by(f64::total_cmp);
    taken
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_that_never_read_harm_nobody_and_resume_where_they_were() {
    let world = World::measured().await;
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let room = ann.room().await;
    bob.join(&room).await;
    let (mut live, snapshot) = ann.subscribed(&room, "snapshot").await;
    let epoch = snapshot["epoch"].as_str().expect("a string").to_owned();
    let alone = latencies(&mut live, 100).await;
    let start = head(&ann, &room).await;
    let before = memory(world.server.id());

    let mut asleep = Vec::new();
    for _ in 0..rounds(20, 200) {
        let ticket = bob.ticket(&room).await;
        let mut socket = Socket::narrow(&bob.url, &room, &ticket).await;
        socket.tell(json!({ "subscribe": { "from": format!("{epoch}:{start}") } })).await;
        asleep.push(socket);
    }
    // More than the kernel keeps for a reader, so that the server itself has to wait for them.
    let (text, flooded) = ("x".repeat(2000), start + 3000);
    tokio::join!(fill(&ann, &room, &text, flooded), live.seqs_until(flooded));
    let crowded = latencies(&mut live, 100).await;
    let last = head(&ann, &room).await;
    let (grown, p99) =
        (memory(world.server.id()).saturating_sub(before) / 1024, |sorted: &[f64]| sorted[sorted.len() * 99 / 100]);
    assert!(grown < 64 * 1024, "{grown} KiB more for {} readers", asleep.len());
    let limit = 10.0 * p99(&alone).max(20.0);
    assert!(p99(&crowded) < limit, "p99 {:.1} ms beside them, {:.1} ms without", p99(&crowded), p99(&alone));

    // What the server still held for them comes, and then the reason; it waits a while for them to hear that.
    world.server.reaches("synctv_closes_total{code=\"4008\"}", asleep.len() as f64).await;
    let mut waking = JoinSet::new();
    for mut socket in asleep {
        let (bob, room, epoch) = (bob.clone(), room.clone(), epoch.clone());
        waking.spawn(async move {
            let (heard, closed) = socket.rest().await;
            assert_eq!(closed, Some((4008, "slow".to_owned())), "after {} messages", heard.len());
            let mut seqs: Vec<i64> = heard.iter().filter_map(|message| message["event"]["seq"].as_i64()).collect();
            let reached = *seqs.last().expect("something came before it was too slow");
            let (mut again, _) = bob.subscribed(&room, &format!("{epoch}:{reached}")).await;
            seqs.extend(again.seqs_until(last).await);
            assert_eq!(seqs, (start + 1..=last).collect::<Vec<_>>(), "stopped at {reached}");
        });
    }
    waking.join_all().await;
}

#[tokio::test]
async fn a_reader_far_behind_is_given_everything_while_others_write() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    fill(&ann, &room, "x", 700).await;
    let writing = tokio::spawn({
        let (ann, room) = (ann.clone(), room.clone());
        async move { fill(&ann, &room, "x", 1200).await }
    });
    let (mut readers, mut found): (JoinSet<Vec<i64>>, Vec<Value>) = (JoinSet::new(), Vec::new());
    for from in [0, 1, 255, 256, 257, 443, 444, 445, 512, 699] {
        let (ann, room) = (ann.clone(), room.clone());
        readers.spawn(async move {
            let (mut socket, _) = ann.subscribed(&room, &from.to_string()).await;
            socket.seqs_until(1200).await
        });
        found.push(json!(from));
    }
    while let Some(seqs) = readers.join_next().await {
        let seqs = seqs.expect("it does not panic");
        assert_eq!(seqs, (seqs[0]..=1200).collect::<Vec<_>>(), "from {}", seqs[0]);
        found.retain(|from| *from != json!(seqs[0] - 1));
    }
    assert!(found.is_empty(), "nobody began after {found:?}");
    writing.await.expect("it does not panic");
}

#[tokio::test]
async fn a_room_of_any_size_is_told_over_the_socket() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let mut adding = JoinSet::new();
    for writer in 0..WRITERS {
        let (ann, room) = (ann.clone(), room.clone());
        adding.spawn(async move {
            for number in 0..50 {
                let url = format!("https://media.test/{writer}/{number}/{}.mp4", "x".repeat(400));
                ann.command(&room, json!({ "type": "playlist.add", "url": url, "title": "y".repeat(100) })).await.ok();
            }
        });
    }
    adding.join_all().await;
    let (mut socket, told) = ann.subscribed(&room, "snapshot").await;
    assert!(told.to_string().len() > 400_000, "the room is not large enough for this test");
    assert_eq!(told["snapshot"]["playlist"].as_array().map(Vec::len), Some(800));
    let stale = json!({ "type": "room.update_settings", "name": "n", "expect": { "settings": 9 } });
    socket.tell(json!({ "id": 2, "command": stale })).await;
    assert_eq!(socket.until("reply").await["problem"]["code"], "stale_version");
}

#[tokio::test]
async fn readers_that_stop_anywhere_hold_little_however_large_the_events_are() {
    let world = World::new().await;
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let room = ann.room().await;
    bob.join(&room).await;
    // The largest text there is, in four bytes each.
    let text = "\u{1f600}".repeat(4000);
    let last = 1024;
    fill(&ann, &room, &text, last).await;
    ann.subscribed(&room, "0").await.0.seqs_until(last).await;
    let before = memory(world.server.id());
    let mut asleep = Vec::new();
    for number in 0..64 {
        let ticket = bob.ticket(&room).await;
        let mut socket = Socket::narrow(&bob.url, &room, &ticket).await;
        socket.tell(json!({ "subscribe": { "from": (number * 16).to_string() } })).await;
        asleep.push(socket);
    }
    for socket in &mut asleep {
        socket.until("resumed").await;
    }
    let grown = memory(world.server.id()).saturating_sub(before) / 1024;
    let each = grown / asleep.len() as u64;
    assert!(each < 1024, "{each} KiB more for each of {} readers", asleep.len());
}
