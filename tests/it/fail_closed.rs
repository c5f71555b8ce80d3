//! The database refuses to store: the command is refused, nothing is stored, and the next one works.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{
    APPEND, Address, Answer, Entry, Guest, Held, World, assert_verified, blocked, compare, eventually, number, rows,
    run,
};

fn chat(text: &str) -> Value {
    json!({ "type": "chat.post", "text": text })
}

/// A trigger that raises `code` for every row of `table`, in `room` only if one is given.
fn fault(table: &str, code: &str, room: Option<&str>) -> String {
    let when = room.map_or_else(|| "true".to_owned(), |room| format!("NEW.stream_id = '{room}'"));
    format!(
        "CREATE OR REPLACE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           IF {when} THEN RAISE EXCEPTION 'imitated' USING ERRCODE = '{code}'; END IF;
           RETURN NEW;
         END $$;
         CREATE TRIGGER fault BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION fault()"
    )
}

/// While `broken`, commands are refused and leave nothing; when it is `mended`, the same ones and others are stored.
async fn refused_then_stored(world: &World, ann: &Guest, room: &str, name: &str, broken: &str, mended: &str) {
    let (before, head) = (rows(&world.database).await, ann.snapshot(room).await.ok());
    run(&world.database, broken).await;
    let mut entry = Entry::new(ann, room, chat(name), format!("k-{name}"));
    entry.send(&world.server.url).await;
    let (unkeyed, made) = (ann.command(room, chat("unkeyed")).await, new_room(ann).await);
    for answer in [entry.answer.as_ref().expect("the server answers"), &unkeyed, &made] {
        assert_eq!((answer.status, answer.code()), (503, "unavailable"), "{name}: {:#}", answer.body);
    }
    assert_eq!(rows(&world.database).await, before, "{name}: rows of events, commands, outbox");
    assert_eq!(ann.snapshot(room).await.ok(), head, "{name}: the room that everybody sees");
    run(&world.database, mended).await;

    let next = ann.command(room, chat("next")).await;
    assert_eq!(next.seqs(), [head["seq"].as_i64().expect("a seq") + 1], "{name}: {:#}", next.body);
    entry.insist(&Address::new(&world.server.url)).await;
    compare(&world.database, &[entry]).await;
    assert_eq!(number(&world.database, "SELECT max(position) - count(*) FROM events").await, 0, "{name}: a gap");
}

async fn new_room(who: &Guest) -> Answer {
    who.post("/v1/rooms", &json!({ "name": "r", "join_rule": "public", "visibility": "unlisted" })).await
}

#[tokio::test]
async fn a_table_that_takes_no_rows_refuses_the_command_and_leaves_nothing() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    for table in ["outbox", "commands", "events"] {
        let broken = format!("ALTER TABLE {table} ADD CONSTRAINT broken CHECK (false) NOT VALID");
        let mended = format!("ALTER TABLE {table} DROP CONSTRAINT broken");
        refused_then_stored(&world, &ann, &room, table, &broken, &mended).await;
    }
    assert_verified(&world.database);
}

#[tokio::test]
async fn whatever_the_database_reports_the_command_is_refused_and_leaves_nothing() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    // Disk full, deadlock, timeout, serialisation, out of memory, read-only, content, internal error.
    for code in ["53100", "40P01", "57014", "40001", "53200", "25006", "22021", "23514", "XX000"] {
        for table in ["events", "outbox", "commands"] {
            let mended = format!("DROP TRIGGER fault ON {table}");
            let name = format!("{code}-{table}");
            refused_then_stored(&world, &ann, &room, &name, &fault(table, code, None), &mended).await;
        }
    }
    assert_verified(&world.database);
}

/// Sends one command to each room so that all of them are in the same batch: they queue up behind an append that waits.
async fn one_batch(world: &World, ann: &Guest, rooms: &[String]) -> Vec<Entry> {
    let lock = Held::new(&world.database, APPEND).await;
    let send = |room: &String| {
        let mut entry = Entry::new(ann, room, chat("x"), format!("k-{room}"));
        let url = world.server.url.clone();
        tokio::spawn(async move {
            entry.send(&url).await;
            entry
        })
    };
    let mut tasks = vec![send(&rooms[0])];
    blocked(&world.database, APPEND, &[]).await;
    tasks.extend(rooms[1..].iter().map(send));
    let all = |tasks: &[tokio::task::JoinHandle<Entry>]| tasks.iter().any(tokio::task::JoinHandle::is_finished);
    let early =
        timeout(Duration::from_millis(500), eventually("an early answer", async || all(&tasks).then_some(()))).await;
    assert!(early.is_err(), "a command was answered before its append");
    lock.release().await;
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

#[tokio::test]
async fn content_that_the_database_cannot_take_rejects_only_its_own_append() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let rooms = rooms(&ann, 6).await;
    run(&world.database, &fault("events", "22021", Some(&rooms[3]))).await;
    let mut entries = one_batch(&world, &ann, &rooms).await;
    let codes: Vec<_> = entries.iter().map(Entry::code).collect();
    assert_eq!(codes, ["ok", "ok", "ok", "unavailable", "ok", "ok"]);
    compare(&world.database, &entries).await;
    run(&world.database, "DROP TRIGGER fault ON events").await;
    entries[3].insist(&Address::new(&world.server.url)).await;
    compare(&world.database, &entries).await;
    assert_verified(&world.database);
}

#[tokio::test]
async fn a_failure_of_the_database_refuses_a_batch_whole_and_stores_none_of_it() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let rooms = rooms(&ann, 6).await;
    run(&world.database, &fault("events", "53100", Some(&rooms[3]))).await;
    let mut entries = one_batch(&world, &ann, &rooms).await;
    assert_eq!(entries[3].code(), "unavailable");
    compare(&world.database, &entries).await;
    run(&world.database, "DROP TRIGGER fault ON events").await;
    for entry in &mut entries {
        entry.insist(&Address::new(&world.server.url)).await;
    }
    compare(&world.database, &entries).await;
    assert_verified(&world.database);
}

#[tokio::test]
async fn an_append_that_always_loses_its_connection_is_tried_with_pauses_and_stored_in_the_end() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    // A sequence keeps what a transaction that is lost has counted.
    let cut = "CREATE SEQUENCE tries;
         CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           PERFORM nextval('tries'), pg_terminate_backend(pg_backend_pid());
           PERFORM pg_sleep(1);
           RETURN NEW;
         END $$;
         CREATE TRIGGER cut BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION cut()";
    run(&world.database, cut).await;
    let began = std::time::Instant::now();
    let mut entry = Entry::new(&ann, &room, chat("x"), "k".to_owned());
    let url = world.server.url.clone();
    let task = tokio::spawn(async move {
        entry.send(&url).await;
        entry
    });
    let tries = || number(&world.database, "SELECT last_value FROM tries");
    eventually("five tries", async || (tries().await >= 5).then_some(())).await;
    timeout(Duration::from_secs(2), std::future::pending::<()>()).await.unwrap_err();
    let (tries, seconds) = (tries().await, began.elapsed().as_secs_f64());
    assert!((tries as f64) < 10.0 + 5.0 * seconds, "{tries} tries in {seconds} s");
    run(&world.database, "DROP TRIGGER cut ON events").await;
    let entry = task.await.unwrap();
    assert!(entry.accepted(), "{:?}", entry.answer);
    compare(&world.database, &[entry]).await;
    assert_verified(&world.database);
}
