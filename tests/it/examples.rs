//! The clients of `examples/`, cut in the middle.

use std::process::Stdio;

use crate::support::{Address, Cutter, World, assert_verified};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_example_in_python_misses_nothing_when_it_is_cut() {
    let world = World::new().await;
    let cutter = cutter(&world).await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts/python-example.sh");
    let mut command = tokio::process::Command::new(script);
    let output = command.arg(cutter.host()).stdin(Stdio::null()).output().await.expect("bash runs");
    let (said, errors) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{said}{errors}");
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
