//! Typed streams that are cut, or whose server is killed, and go on with the last token.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use serde_json::json;

use crate::support::{
    Address, Cluster, Cutter, Follower, Guest, KINDS, Server, TempDir, World, assert_verified, compare, eventually,
    number, random, rounds, write,
};

/// Bytes that a connection bears at most: the beginning, and a few events.
const MOST: u64 = 8000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_cut_at_any_byte_yield_every_event_once() {
    let world = World::new().await;
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let room = ann.room().await;
    bob.join(&room).await;
    let last = i64::try_from(rounds(600, 20_000)).expect("small");
    let here = Address::new(&world.server.url);
    let cutter = Cutter::new(here.clone(), |_| usize::try_from(random(MOST)).expect("small")).await;
    let through = Address::new(&cutter.url);
    let followers = KINDS.map(|kind| {
        let follower = Follower::new(kind, &bob, &room);
        (kind, tokio::spawn(follower.until(here.clone(), through.clone(), move || Some(last))))
    });
    for seq in 4..=last {
        ann.command(&room, json!({ "type": "chat.post", "text": format!("{seq}") })).await.ok();
    }
    for (kind, follower) in followers {
        let seqs = follower.await.expect("it does not panic");
        assert!(seqs.iter().copied().eq(1..=last), "{kind:?}: {seqs:?}");
    }
    println!("{} cuts", cutter.cuts());
    assert!(cutter.cuts() > rounds(60, 3000), "{} cuts only", cutter.cuts());
    assert_verified(&world.database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_go_on_at_another_server_when_theirs_is_killed() {
    let (database, dir) = (Cluster::shared().database().await, TempDir::new());
    let mut server = Server::start(&database, dir.path());
    let ann = Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    let here = Address::new(&server.url);
    let (stop, last) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicI64::new(0)));
    let followers = KINDS.map(|kind| {
        let until = Arc::clone(&last);
        let end = move || Some(until.load(Ordering::Relaxed)).filter(|last| *last > 0);
        (kind, tokio::spawn(Follower::new(kind, &ann, &room).until(here.clone(), here.clone(), end)))
    });
    let writers = ["a", "b"].map(|name| {
        let (name, rooms) = (name.to_owned(), vec![room.clone()]);
        tokio::spawn(write(ann.clone(), rooms, here.clone(), name, Arc::clone(&stop)))
    });
    let head = async || number(&database, "SELECT max(position) FROM events").await;
    for _ in 0..rounds(3, 50) {
        let before = head().await;
        eventually("some events", async || (head().await > before + 20).then_some(())).await;
        server.kill();
        server = Server::start(&database, dir.path());
        here.set(&server.url);
    }
    stop.store(true, Ordering::Relaxed);
    let mut entries = Vec::new();
    for writer in writers {
        entries.extend(writer.await.expect("it does not panic"));
    }
    for entry in entries.iter_mut().filter(|entry| !entry.accepted()) {
        entry.insist(&here).await;
    }
    compare(&database, &entries).await;
    let head = head().await;
    last.store(head, Ordering::Relaxed);
    for (kind, follower) in followers {
        let seqs = follower.await.expect("it does not panic");
        assert!(seqs.iter().copied().eq(1..=head), "{kind:?}: up to {head}: {seqs:?}");
    }
    assert_verified(&database);
}
