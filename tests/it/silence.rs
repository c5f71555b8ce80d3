//! Connections that say nothing, or never enough.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures::future::join_all;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::support::live::RTMP;
use crate::support::{SOON, Server, World, eventually};

/// How long a client may take to say something.
const TO_SPEAK: Duration = Duration::from_secs(10);
/// Connections that the server holds at once.
const SLOTS: usize = 300;
/// Files that come and go: who asked whether the server is ready, sessions of the database.
const SOME: usize = 20;
/// And those that wait for a slot.
const WAITING: usize = 100;
/// Those that come at once, while nobody takes them, if the system lets so many wait.
const BURST: usize = 1000;

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

fn open_files(server: &Server) -> usize {
    std::fs::read_dir(format!("/proc/{}/fd", server.id())).expect("it runs").count()
}

/// Takes every slot, while some more wait for one.
async fn fill(server: &Server, says: &str) -> Vec<TcpStream> {
    let (before, mut streams) = (open_files(server), Vec::new());
    for _ in 0..SLOTS + WAITING {
        streams.push(connect(&server.url, says).await);
    }
    // Some of those before were of others, who are gone meanwhile.
    let taken = async || (open_files(server) + SOME >= before + SLOTS).then_some(());
    eventually("the server to take them", taken).await;
    streams
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_every_slot_is_taken_by_silence_can_be_stopped() {
    // Silence is nothing that is under way, and is not waited for. Half a request is, while there is time.
    for (says, drain) in [("", "60"), ("GET /livez HTTP/1.1\r\n", "1")] {
        let World { mut server, database: _database, dir: _dir } =
            World::with(&[("SYNCTV_DRAIN_SECS", drain), ("SYNCTV_CONNECTIONS", &SLOTS.to_string())]).await;
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

#[tokio::test]
async fn who_connects_while_the_server_is_held_up_is_served_afterwards() {
    let most = std::fs::read_to_string("/proc/sys/net/core/somaxconn").expect("the system tells");
    let burst = BURST.min(most.trim().parse().expect("a number"));
    // They are files of this process as well.
    rlimit::increase_nofile_limit(u64::MAX).expect("a limit may be raised");
    let world = World::with(&[RTMP]).await;
    let server = &world.server;
    let http: SocketAddr = server.url.trim_start_matches("http://").parse().expect("an address");
    for (way, address) in [("HTTP", http), ("RTMP", server.rtmp())] {
        server.signal("STOP");
        let all = join_all((0..burst).map(|_| timeout(SOON, TcpStream::connect(address)))).await;
        server.signal("CONT");
        let mut streams: Vec<_> = all.into_iter().filter_map(|one| one.ok()?.ok()).collect();
        assert_eq!(streams.len(), burst, "{way}: so many have a place to wait");
        // Who is known is hung up on in the end, and who is not never hears of it.
        let ends = join_all(streams.iter_mut().map(|stream| timeout(TO_SPEAK + SOON, stream.read_u8()))).await;
        let forgotten = ends.iter().filter(|end| end.is_err()).count();
        assert_eq!(forgotten, 0, "{way}: so many of {burst} were forgotten");
    }
}
