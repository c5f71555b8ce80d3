//! The way to the log is cut while an append waits for its lock: what a client is told is what the log will say.

use std::time::Duration;

use serde_json::json;
use tokio::task::JoinHandle;

use crate::support::{
    APPEND, Address, Entry, Guest, Held, Server, World, assert_verified, blocked, compare, eventually, random, rounds,
    stored, terminate, waiting,
};

fn chat(who: &Guest, room: &str, key: &str) -> Entry {
    Entry::new(who, room, json!({ "type": "chat.post", "text": key }), key.to_owned())
}

/// Sends a command, and goes on.
fn sent(mut entry: Entry) -> JoinHandle<Entry> {
    tokio::spawn(async move {
        let url = entry.who.url.clone();
        entry.send(&url).await;
        entry
    })
}

async fn joined(tasks: Vec<JoinHandle<Entry>>) -> Vec<Entry> {
    let mut entries = Vec::new();
    for task in tasks {
        entries.push(task.await.expect("senders do not panic"));
    }
    entries
}

async fn rooms(who: &Guest, count: usize) -> Vec<String> {
    let mut rooms = Vec::new();
    for _ in 0..count {
        rooms.push(who.room().await);
    }
    rooms
}

/// A command is before the log: something of this node waits for the lock.
async fn appending(database: &str) -> i64 {
    blocked(database, APPEND, &[]).await
}

#[tokio::test]
async fn an_append_whose_session_is_ended_while_it_waits_is_stored_once() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let rooms = rooms(&ann, 3).await;
    let lock = Held::new(&world.database, APPEND).await;
    let tasks = rooms.iter().map(|room| sent(chat(&ann, room, &format!("k-{room}")))).collect();
    let mut known = Vec::new();
    for _ in 0..3 {
        let pid = blocked(&world.database, APPEND, &known).await;
        known.push(pid);
        terminate(&world.database, pid).await;
    }
    blocked(&world.database, APPEND, &known).await;
    lock.release().await;
    let entries = joined(tasks).await;
    for entry in &entries {
        assert!(entry.accepted(), "{}: {:?}", entry.key, entry.answer);
    }
    compare(&world.database, &entries).await;
    assert_verified(&world.database);
}

#[tokio::test]
async fn what_is_refused_at_its_deadline_is_never_stored_and_what_is_unknown_tells_when_repeated() {
    let world = World::with(&[("SYNCTV_COMMAND_TIMEOUT_MS", "700")]).await;
    let ann = world.guest("Ann").await;
    let rooms = rooms(&ann, 2).await;
    let lock = Held::new(&world.database, APPEND).await;
    let first = {
        let (ann, room) = (ann.clone(), rooms[0].clone());
        tokio::spawn(async move { ann.command(&room, json!({ "type": "chat.post", "text": "unkeyed" })).await })
    };
    appending(&world.database).await;
    // The room's lane is busy, so this one waits in front of it; the other room's goes to the queue of the append.
    let tasks = vec![sent(chat(&ann, &rooms[0], "k-waits")), sent(chat(&ann, &rooms[1], "k-queued"))];
    let unkeyed = first.await.unwrap();
    let mut entries = joined(tasks).await;
    let codes = [unkeyed.code(), entries[0].code(), entries[1].code()];
    assert_eq!(codes, ["outcome_unknown", "deadline_exceeded", "outcome_unknown"]);
    assert_eq!([unkeyed.status, entries[0].answer.as_ref().unwrap().status], [503, 503]);
    let id = unkeyed.body["command_id"].as_str().expect("the id to repeat under").to_owned();
    assert_eq!(entries[1].answer.as_ref().unwrap().body["command_id"], "k-queued");
    lock.release().await;

    let here = Address::new(&world.server.url);
    let mut repeat = Entry::new(&ann, &rooms[0], json!({ "type": "chat.post", "text": "unkeyed" }), id);
    repeat.insist(&here).await;
    entries[1].insist(&here).await;
    entries.push(repeat);
    compare(&world.database, &entries).await;
    // Asked for again, it is stored.
    entries[0].insist(&here).await;
    compare(&world.database, &entries).await;
}

#[tokio::test]
async fn an_append_that_outlives_its_killed_server_is_found_by_the_repeat() {
    let World { server, database, dir } = World::new().await;
    let ann = Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    let lock = Held::new(&database, APPEND).await;
    let orphaned = sent(chat(&ann, &room, "k-orphan"));
    let orphan = appending(&database).await;
    server.kill();
    let mut entry = orphaned.await.unwrap();
    assert_eq!(entry.answer, None);
    let next = Server::start(&database, dir.path());
    entry.who = ann.at(&next.url);
    let repeat = sent(entry);
    blocked(&database, APPEND, &[orphan]).await;
    assert!(waiting(&database, APPEND).await.contains(&orphan), "the orphan went away by itself");
    lock.release().await;
    let entry = repeat.await.unwrap();
    assert!(entry.accepted(), "{:?}", entry.answer);
    compare(&database, &[entry]).await;
    assert_verified(&database);
}

#[tokio::test]
async fn a_refusal_is_not_overtaken_by_an_append_that_outlives_its_killed_server() {
    let World { server, database, dir } = World::new().await;
    let (ann, ben) = (Guest::new(&server.url, "Ann").await, Guest::new(&server.url, "Ben").await);
    let room = ann.room().await;
    let lock = Held::new(&database, APPEND).await;
    let plug = sent(chat(&ann, &room, "k-plug"));
    let first = appending(&database).await;
    let second = {
        let database = database.clone();
        tokio::spawn(async move { Held::new(&database, APPEND).await })
    };
    let foreign = blocked(&database, APPEND, &[first]).await;
    // Both wait in front of the lane and are decided together, the later one on what the earlier one would leave.
    let joins = sent(Entry::new(&ben, &room, json!({ "type": "member.join" }), "k-join".to_owned()));
    tokio::time::sleep(Duration::from_millis(300)).await;
    let says = sent(chat(&ben, &room, "k-says"));
    tokio::time::sleep(Duration::from_millis(300)).await;
    lock.release().await;
    let lock = second.await.unwrap();
    assert!(plug.await.unwrap().accepted());
    let orphan = blocked(&database, APPEND, &[foreign]).await;
    server.kill();
    assert_eq!([joins.await.unwrap().answer, says.await.unwrap().answer], [None, None]);

    let next = Server::start(&database, dir.path());
    let repeat = sent(chat(&ben.at(&next.url), &room, "k-says"));
    eventually("the repeat is answered, or waits", async || {
        (repeat.is_finished() || waiting(&database, APPEND).await.len() > 1).then_some(())
    })
    .await;
    assert!(waiting(&database, APPEND).await.contains(&orphan), "the orphan went away by itself");
    lock.release().await;
    let entry = repeat.await.unwrap();
    eventually("the orphan's append", async || waiting(&database, APPEND).await.is_empty().then_some(())).await;
    let found = stored(&database, &room).await.iter().any(|event| event.0 == "k-says");
    assert_eq!(entry.accepted(), found, "{:?}", entry.answer);
}

/// Sends commands while the lock is held, and cuts what waits for it now and then.
async fn round(world: &World, ann: &Guest, rooms: &[String], number: usize) -> Vec<Entry> {
    let lock = Held::new(&world.database, APPEND).await;
    let mut tasks = Vec::new();
    for index in 0..8 {
        tasks.push(sent(chat(ann, &rooms[index % rooms.len()], &format!("k{number}-{index}"))));
        if random(3) == 0 {
            let pid = appending(&world.database).await;
            terminate(&world.database, pid).await;
        }
    }
    if random(2) == 0 {
        // Nobody waits for an answer any more.
        eventually("all deadlines", async || tasks.iter().all(JoinHandle::is_finished).then_some(())).await;
    }
    lock.release().await;
    joined(tasks).await
}

#[tokio::test]
async fn whatever_is_cut_answers_and_log_agree() {
    let world = World::with(&[("SYNCTV_COMMAND_TIMEOUT_MS", "500")]).await;
    let ann = world.guest("Ann").await;
    let (rooms, here) = (rooms(&ann, 3).await, Address::new(&world.server.url));
    let mut all: Vec<Entry> = Vec::new();
    for number in 0..rounds(6, 60) {
        let mut entries = round(&world, &ann, &rooms, number).await;
        for entry in &mut entries {
            let status = entry.answer.as_ref().map(|answer| answer.status);
            match entry.code() {
                "ok" => {}
                "outcome_unknown" => entry.insist(&here).await,
                "deadline_exceeded" | "unavailable" => assert_eq!(status, Some(503)),
                _ => panic!("{}: {:?}", entry.key, entry.answer),
            }
        }
        all.extend(entries);
        for room in &rooms {
            // Whatever waited in front of the room is gone when this one is answered.
            let mut fence = chat(&ann, room, &format!("fence{number}-{room}"));
            fence.insist(&here).await;
        }
        compare(&world.database, &all).await;
    }
    assert!(all.iter().any(|entry| !entry.accepted()), "no command was refused: nothing was tried");
    for entry in &mut all {
        entry.insist(&here).await;
    }
    compare(&world.database, &all).await;
    assert_verified(&world.database);
}
