//! Connections that say nothing, or never enough.

use std::process::Command;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::{SOON, Server, World, eventually};

/// How long a client may take to say something.
const TO_SPEAK: Duration = Duration::from_secs(10);
/// Connections that a server holds at once; see `listen.rs`.
const SLOTS: usize = 10_000;
/// Enough for the slots: the other tests of this process have connections as well.
const FILES: u64 = 16_384;

async fn connect(url: &str, says: &str) -> TcpStream {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).await.expect("the server listens");
    stream.write_all(says.as_bytes()).await.expect("it is open");
    stream
}

/// When the server closes a connection that says just this, and what it answers until then.
async fn closed(url: String, says: &str) -> (Duration, String) {
    let (began, mut answer) = (Instant::now(), Vec::new());
    let mut stream = connect(&url, says).await;
    // Whether it is closed or reset is all the same.
    let _ = timeout(TO_SPEAK + SOON, stream.read_to_end(&mut answer)).await.expect("it is closed");
    (began.elapsed(), String::from_utf8_lossy(&answer).into_owned())
}

#[tokio::test]
async fn a_connection_without_a_request_is_closed_after_ten_seconds() {
    let world = World::new().await;
    let mut waiting = Vec::new();
    for says in ["", "P", "PRI * HTTP/2.0\r\n", "G", "GET /livez HTTP/1.1\r\n", "GET /livez HTTP/1.1\r\nhost: x\r\n"] {
        waiting.push((says, tokio::spawn(closed(world.server.url.clone(), says))));
    }
    for (says, waiting) in waiting {
        let (took, answer) = waiting.await.unwrap_or_else(|error| panic!("{says:?}: {error}"));
        assert!(took >= TO_SPEAK, "{says:?}: closed after {took:?}");
        assert_eq!(answer, "", "{says:?}");
    }
    // Whoever speaks is served.
    let mut stream = connect(&world.server.url, "GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

/// Servers inherit the limit of this process.
fn allow_files() {
    let limits = std::fs::read_to_string("/proc/self/limits").expect("this is Linux");
    let line = limits.lines().find(|line| line.starts_with("Max open files")).expect("it is among them");
    let allowed: Option<u64> = line.split_whitespace().nth(3).and_then(|soft| soft.parse().ok());
    if allowed.is_some_and(|allowed| allowed < FILES) {
        let (pid, limit) = (std::process::id().to_string(), format!("--nofile={FILES}:"));
        let raised = Command::new("prlimit").args(["--pid", &pid, &limit]).status().expect("prlimit runs");
        assert!(raised.success(), "this test needs {FILES} open files: raise `ulimit -Hn`");
    }
}

fn open_files(server: &Server) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", server.id())).expect("it runs").count()
}

/// Takes every slot, and some more that wait for one.
async fn fill(server: &Server, says: &str) -> Vec<TcpStream> {
    let before = open_files(server);
    for _ in 0..20 {
        let (began, mut streams) = (Instant::now(), Vec::new());
        // Later the first ones are closed, and it has to be done again, faster.
        let late = || began.elapsed() > TO_SPEAK.mul_f64(0.8);
        while streams.len() < SLOTS && !late() {
            for _ in 0..100 {
                streams.push(connect(&server.url, says).await);
            }
            // The kernel's queue in front of the server is short.
            let taken = async || (open_files(server) >= before + streams.len() || late()).then_some(());
            eventually("the server to take them", taken).await;
        }
        if !late() {
            for _ in 0..100 {
                streams.push(connect(&server.url, says).await);
            }
            return streams;
        }
    }
    panic!("this machine is too slow to take {SLOTS} slots within {TO_SPEAK:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_every_slot_is_taken_by_silence_can_be_stopped() {
    allow_files();
    // Silence is nothing that is under way, and is not waited for. Half a request is, while there is time.
    for (says, drain) in [("", "60"), ("GET /livez HTTP/1.1\r\n", "1")] {
        let World { mut server, database: _database, dir: _dir } = World::with(&[("SYNCTV_DRAIN_SECS", drain)]).await;
        let silent = fill(&server, says).await;
        server.signal("TERM");
        let began = Instant::now();
        let status = eventually("the server to end", async || server.ended()).await;
        let took = began.elapsed();
        assert_eq!(status.code(), Some(0), "{says:?}");
        assert!(took < Duration::from_secs(5), "{says:?}: it took {took:?}");
        drop(silent);
    }
}
