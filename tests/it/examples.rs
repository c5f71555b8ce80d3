//! The clients of `examples/`, cut in the middle, and before a database that pauses.

use std::process::Stdio;
use std::time::Duration;

use crate::support::{APPEND, Address, Cutter, Held, METRICS, World, assert_verified, blocked, eventually, number};

#[path = "../../examples/rust/watch_party.rs"]
#[expect(dead_code, reason = "a program of its own")]
mod watch_party;

/// Cuts the first connections.
async fn cutter(world: &World) -> Cutter {
    let bears = |cuts| if cuts < CUT.0 { CUT.1 } else { usize::MAX };
    Cutter::new(Address::new(&world.server.url), bears).await
}

/// Bytes of the server after which each of two connections is cut: some thirty events.
const CUT: (usize, usize) = (2, 6000);

/// Runs the example in Python: whether it ended well, what it said, and its errors.
async fn python(host: &str) -> (bool, String, String) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/python-example.sh");
    let mut command = tokio::process::Command::new(script);
    let run = command.arg(host).stdin(Stdio::null()).kill_on_drop(true).output();
    let run = tokio::time::timeout(Duration::from_secs(90), run).await;
    let output = run.expect("it comes to its end").expect("bash runs");
    let [said, errors] = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    (output.status.success(), said, errors)
}

const FAILED: &str = r#"synctv_command_duration_seconds_count{outcome="failed",transport="grpc"}"#;

/// A server that waits for the log for half a second.
async fn hasty() -> World {
    World::with(&[("SYNCTV_COMMAND_TIMEOUT_MS", "500"), METRICS]).await
}

/// Stops the log behind the making of the room, until a command has failed for that.
async fn pause(world: &World, made: Held) {
    let making = blocked(&world.database, APPEND, &[]).await;
    let next = {
        let database = world.database.clone();
        tokio::spawn(async move { Held::new(&database, APPEND).await })
    };
    blocked(&world.database, APPEND, &[making]).await;
    made.release().await;
    let next = next.await.expect("it is given");
    blocked(&world.database, APPEND, &[]).await;
    let before = world.server.scrape().await.value(FAILED);
    eventually("a command fails", async || (world.server.scrape().await.value(FAILED) > before).then_some(())).await;
    next.release().await;
}

/// One room, with each line of the party in it once.
async fn assert_said_once(world: &World) {
    let rooms = "SELECT count(*) FROM events WHERE type = 'room.created'";
    assert_eq!(number(&world.database, rooms).await, 1);
    assert_verified(&world.database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_in_python_misses_nothing_when_it_is_cut() {
    let world = World::new().await;
    let cutter = cutter(&world).await;
    let (well, said, errors) = python(cutter.host()).await;
    assert!(well, "{said}{errors}");
    assert_eq!(cutter.cuts(), CUT.0, "{said}{errors}");
    for line in ["refused: nothing_to_play", "cut: UNAVAILABLE", "resumed; the room is at ", "the film has begun"] {
        assert!(said.contains(line), "{line:?} is missing:\n{said}{errors}");
    }
    let last = said.lines().last().unwrap_or_default();
    assert!(last.starts_with("63 events from ") && last.ends_with(": each of them once"), "{said}{errors}");
    assert_verified(&world.database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_in_rust_misses_nothing_when_it_is_cut() {
    let world = World::new().await;
    let cutter = cutter(&world).await;
    let seen = watch_party::run(cutter.host()).await.expect("it comes to its end");
    assert_eq!((cutter.cuts(), seen.cuts), (CUT.0, CUT.0), "{seen:?}");
    let wanted: Vec<i64> = (seen.start + 1..).take(63).collect();
    assert_eq!(seen.seqs, wanted);
    assert_eq!(seen.refused, ["nothing_to_play"]);
    assert_verified(&world.database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_in_python_says_all_once_when_the_log_pauses() {
    let world = hasty().await;
    let held = Held::new(&world.database, APPEND).await;
    let host = world.server.url.trim_start_matches("http://");
    let ((well, said, errors), ()) = tokio::join!(python(host), pause(&world, held));
    assert!(well, "{said}{errors}");
    assert!(said.contains("again: outcome_unknown"), "{said}{errors}");
    let last = said.lines().last().unwrap_or_default();
    assert!(last.starts_with("63 events from ") && last.ends_with(": each of them once"), "{said}{errors}");
    assert_said_once(&world).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_in_rust_says_all_once_when_the_log_pauses() {
    let world = hasty().await;
    let held = Held::new(&world.database, APPEND).await;
    let host = world.server.url.trim_start_matches("http://");
    let (seen, ()) = tokio::join!(watch_party::run(host), pause(&world, held));
    let seen = seen.expect("it comes to its end");
    assert!(seen.again.iter().any(|code| code == "outcome_unknown"), "{seen:?}");
    let wanted: Vec<i64> = (seen.start + 1..).take(63).collect();
    assert_eq!((seen.seqs, seen.refused, seen.cuts), (wanted, vec!["nothing_to_play".to_owned()], 0));
    assert_said_once(&world).await;
}
