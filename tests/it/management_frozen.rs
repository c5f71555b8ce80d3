//! The stop of a server whose own PostgreSQL does nothing any more.

use std::process::Stdio;
use std::time::Duration;

use serde_json::json;

use crate::support::{Frozen, Guest, Home, Stop, ended, eventually, runs, server_status, within};

/// Much less than a PostgreSQL that does not answer is waited for.
const AT_ONCE: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_database_holds_up_no_stop_that_is_to_be_at_once() {
    for ways in [&["--now"][..], &["once", "again"]] {
        let home = Home::new(None);
        let mut server = home.serve();
        let ann = Guest::new(&server.url, "Ann").await;
        let room = ann.room().await;
        let postmaster = home.postmaster().expect("it runs");
        let frozen = Frozen::with_children(postmaster);
        let mut stops = Vec::new();
        for way in ways {
            let arguments = if *way == "--now" { &["--now"][..] } else { &[] };
            stops.push(Stop::of(&home.data(), arguments));
            if *way == "once" {
                stops[0].until("it waits for PostgreSQL", |line| line["phase"] == "closing").await;
                assert_eq!(server.ended(), None, "it did not wait");
            }
        }
        assert_eq!(ended(&mut server, AT_ONCE).await, Some(0), "{ways:?}:\n{}", server.log());
        for stop in stops {
            let (code, lines) = stop.end().await;
            assert_eq!(code, Some(0), "{ways:?}: {lines:?}");
        }
        assert!(runs(postmaster), "{ways:?}: it was not frozen");
        drop(frozen);
        eventually("PostgreSQL shuts down by itself", async || (!runs(postmaster)).then_some(())).await;
        let next = home.serve();
        assert_eq!(ann.at(&next.url).snapshot(&room).await.status, 200, "{ways:?}");
        assert_eq!(next.terminate().code(), Some(0), "{ways:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_starts_over_a_frozen_database_can_be_stopped() {
    let home = Home::new(None);
    home.serve().kill();
    let postmaster = home.postmaster().expect("it outlives its server");
    let frozen = Frozen::with_children(postmaster);
    let mut command = home.command(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    let mut command = tokio::process::Command::from({
        command.arg(home.data()).stderr(Stdio::null());
        command
    });
    let mut server = command.kill_on_drop(true).spawn().expect("the binary runs");
    eventually("it starts", async || (server_status(&home.data()).1["phase"] == json!("starting")).then_some(())).await;
    let (code, lines) = Stop::of(&home.data(), &[]).end().await;
    assert_eq!(code, Some(0), "{lines:?}");
    let end = within(AT_ONCE, "it ends", async || server.try_wait().expect("it is ours")).await;
    assert_eq!(end.code(), Some(0));
    assert!(runs(postmaster), "it was not frozen");
    drop(frozen);
    eventually("PostgreSQL shuts down by itself", async || (!runs(postmaster)).then_some(())).await;
    assert_eq!(home.serve().terminate().code(), Some(0));
}
