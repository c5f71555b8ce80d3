//! The server with a PostgreSQL of its own.

use std::os::unix::fs::MetadataExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;

use crate::support::{Address, Entry, Guest, Home, SOON, Server, compare, eventually, runs, signal, write};

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_database_outlives_a_killed_server_and_ends_with_a_stopped_one() {
    whole_life(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_database_serves_a_normal_user_as_well() {
    // Who is no root is one already.
    if is_root() {
        whole_life(Some(65534)).await;
    }
}

async fn whole_life(user: Option<u32>) {
    let home = Home::new(user);
    let first = home.serve();
    let (ann, token) = (Guest::new(&first.url, "Ann").await, token(&home));
    let room = ann.room().await;
    ann.command(&room, json!({ "type": "chat.post", "text": "kept" })).await.ok();
    let (events, postmaster) = (ann.events(&room).await, home.postmaster().expect("it runs"));
    second_server_is_refused(&home, &first);
    ann.command(&room, json!({ "type": "chat.post", "text": "unharmed" })).await.ok();

    first.kill();
    assert!(runs(postmaster), "PostgreSQL went away with its killed server");
    let second = home.serve();
    assert_eq!(home.postmaster(), Some(postmaster), "it was not adopted:\n{}", second.log());
    let found = ann.at(&second.url).events(&room).await;
    assert_eq!(found[..events.len()], events, "what was acknowledged before the kill");
    assert_eq!(found.len(), events.len() + 1);
    assert_eq!(second.terminate().code(), Some(0));
    // It removes its file a moment before it is gone.
    eventually("PostgreSQL ends with its stopped server", async || (!runs(postmaster)).then_some(())).await;

    let third = home.serve();
    assert_ne!(home.postmaster(), Some(postmaster));
    assert_eq!(ann.at(&third.url).events(&room).await, found, "after a stop and a start");
    assert_eq!(self::token(&home), token, "the operator's token changed");
    assert_eq!(third.terminate().code(), Some(0));
}

/// Checks its mode as well.
fn token(home: &Home) -> String {
    let path = home.data().join("operator.token");
    let mode = std::fs::metadata(&path).expect("it is made at the first start").mode();
    assert_eq!(mode & 0o7777, 0o600, "mode {mode:o}");
    let token = std::fs::read_to_string(path).expect("root or the owner reads it");
    assert!(token.trim_end().len() > 32, "{token:?}");
    token
}

fn second_server_is_refused(home: &Home, first: &Server) {
    let data = home.data();
    let arguments = ["serve", "--listen", "127.0.0.1:0", "--data-dir", data.to_str().expect("UTF-8")];
    let output = home.command(&arguments).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("is in use by another synctv (process {})", first.id())), "{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_dies_is_started_again_and_commands_go_on() {
    let home = Home::new(None);
    let server = home.serve();
    let (ann, address) = (Guest::new(&server.url, "Ann").await, Address::new(&server.url));
    let room = ann.room().await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut all: Vec<Entry> = Vec::new();
    for number in 0..2 {
        stop.store(false, Ordering::Relaxed);
        let name = format!("k{number}");
        let writer = tokio::spawn(write(ann.clone(), vec![room.clone()], address.clone(), name, Arc::clone(&stop)));
        let postmaster = home.postmaster().expect("it runs");
        signal(postmaster, "KILL");
        eventually("another PostgreSQL", async || home.postmaster().filter(|pid| *pid != postmaster)).await;
        let mut probe = Entry::new(&ann, &room, json!({ "type": "chat.post", "text": "x" }), format!("probe{number}"));
        probe.insist(&address).await;
        stop.store(true, Ordering::Relaxed);
        let mut entries = tokio::time::timeout(SOON, writer).await.expect("every command is answered").unwrap();
        for entry in entries.iter_mut().filter(|entry| !entry.accepted()) {
            let answer = entry.answer.as_ref().expect("the server is there, and answers");
            assert_eq!(answer.status, 503, "{:#}", answer.body);
            entry.insist(&address).await;
        }
        all.extend(entries);
        all.push(probe);
    }
    compare(&home.database(), &all).await;
    assert_eq!(server.terminate().code(), Some(0));
}
