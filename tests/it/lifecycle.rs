//! Starting and stopping.

use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::Executor;

use crate::support::{
    APPEND, Guest, Held, SOON, Server, TempDir, World, blocked, eventually, open, rounds, synctv, try_send,
};

/// A drain that is not cut short ends long before this.
const DRAIN: (&str, &str) = ("SYNCTV_DRAIN_SECS", "60");

/// Runs `serve` to its end.
fn refused(command: &mut Command, dir: &TempDir, listen: &str) -> Output {
    command.arg("serve").arg("--data-dir").arg(dir.path()).args(["--listen", listen]).output().expect("it runs")
}

#[track_caller]
fn assert_failed(output: &Output, with: &str) {
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(with), "{with:?} is not in: {said}");
    assert!(!said.contains("panicked"), "{said}");
}

/// How it ended, and how long that took.
async fn end(server: &mut Server) -> (Option<i32>, Duration) {
    let began = Instant::now();
    let status = eventually("the server ends", async || server.ended()).await;
    (status.code(), began.elapsed())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_directory_in_use_is_refused_and_its_server_goes_on() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let output = refused(synctv(&[]).env("DATABASE_URL", &world.database), &world.dir, "127.0.0.1:0");
    assert_failed(&output, &format!("is in use by another synctv (process {})", world.server.id()));
    ann.room().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_in_use_is_told_before_a_database_is_started() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let (dir, address) = (TempDir::new(), taken.local_addr().unwrap().to_string());
    let output = refused(&mut synctv(&[]), &dir, &address);
    assert_failed(&output, &format!("cannot listen on {address}"));
    assert!(!dir.path().join("postgres").exists(), "a database was made");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_no_postgresql_url_is_refused_at_once() {
    let dir = TempDir::new();
    let output = refused(synctv(&[]).env("DATABASE_URL", "mysql://localhost/x"), &dir, "127.0.0.1:0");
    assert_failed(&output, "database_url: has to start with postgres://");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_stays_away_ends_the_start_with_a_clear_error() {
    // It is waited for half a minute.
    if rounds(0, 1) == 1 {
        let dir = TempDir::new();
        let output = refused(synctv(&[]).env("DATABASE_URL", "postgres://localhost:1/x"), &dir, "127.0.0.1:0");
        assert_failed(&output, "synctv: PostgreSQL does not answer: ");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_waits_for_its_database_can_be_stopped() {
    let dir = TempDir::new();
    let mut command = synctv(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    command.arg(dir.path()).env("DATABASE_URL", "postgres://localhost:1/x");
    let mut child = command.stderr(std::process::Stdio::null()).spawn().unwrap();
    eventually("it holds its directory", async || dir.path().join("operator.token").exists().then_some(())).await;
    crate::support::signal(child.id(), "TERM");
    let status = eventually("it ends", async || child.try_wait().unwrap()).await;
    assert_eq!(status.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stopping_server_answers_what_is_under_way_and_tells_its_streams() {
    let World { mut server, database, dir: _dir } = World::with(&[DRAIN]).await;
    let ann = Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    let mut stream = ann.follow(&room, "0").await;
    assert_eq!(stream.seqs_until(2).await, [1, 2]);
    let lock = Held::new(&database, APPEND).await;
    let (who, to) = (ann.clone(), room.clone());
    let under_way = tokio::spawn(async move { who.command(&to, json!({ "type": "chat.post", "text": "x" })).await });
    blocked(&database, APPEND, &[]).await;
    server.signal("TERM");
    let told = tokio::time::timeout(SOON, stream.next()).await.expect("it is told").expect("the stream goes on");
    assert_eq!(told.event.as_deref(), Some("drain"), "{told:?}");
    assert!(told.data["retry_after_ms"].as_i64().is_some_and(|ms| ms > 0), "{told:?}");
    assert_eq!(stream.next().await, None, "after the end");
    let livez = || try_send(ann.at(&server.url).request(reqwest::Method::GET, "/livez"));
    eventually("nobody else is let in", async || livez().await.is_err().then_some(())).await;
    assert_eq!(server.ended(), None, "it did not wait");
    lock.release().await;
    let answer = under_way.await.unwrap();
    assert_eq!((answer.status, answer.seqs()), (200, vec![3]), "{:#}", answer.body);
    let (code, took) = end(&mut server).await;
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(10), "{took:?} after everything was answered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_the_server_at_once() {
    let World { mut server, database, dir: _dir } = World::with(&[DRAIN]).await;
    let ann = Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    // Neither appends nor reads are answered any more.
    let mut foreign = open(&database).await;
    foreign.execute("BEGIN; LOCK TABLE events IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let path = format!("/v1/rooms/{room}/events");
    let under_way = [("command", ann.clone()), ("read", ann.clone())].map(|(kind, who)| {
        let (room, path) = (room.clone(), path.clone());
        tokio::spawn(async move {
            match kind {
                "command" => who.try_keyed(&room, &json!({ "type": "chat.post", "text": "x" }), "k").await,
                _ => try_send(who.request(reqwest::Method::GET, &path)).await,
            }
        })
    });
    let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'events'::regclass";
    eventually("both wait", async || (crate::support::number(&database, waits).await >= 2).then_some(())).await;
    server.signal("TERM");
    eventually("it drains", async || server.log().contains("server.draining").then_some(())).await;
    assert_eq!(server.ended(), None, "it did not wait");
    server.signal("TERM");
    let (code, took) = end(&mut server).await;
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(5), "it took {took:?}");
    for task in under_way {
        let answer = task.await.unwrap();
        assert!(answer.is_err(), "{answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_is_cut_short_when_its_time_is_over() {
    let World { mut server, database, dir: _dir } = World::with(&[("SYNCTV_DRAIN_SECS", "1")]).await;
    let ann = Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    let _lock = Held::new(&database, APPEND).await;
    let under_way =
        tokio::spawn(async move { ann.try_keyed(&room, &json!({ "type": "chat.post", "text": "x" }), "k").await });
    blocked(&database, APPEND, &[]).await;
    server.signal("TERM");
    let (code, took) = end(&mut server).await;
    assert_eq!(code, Some(0));
    assert!(took < Duration::from_secs(6), "it took {took:?}");
    assert!(under_way.await.unwrap().is_err());
}
