//! Webhooks of several nodes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::{
    Address, Cluster, Guest, Hook, Receiver, Reply, Server, TempDir, World, compare, open, random, rounds, said,
    synctv, within, write,
};
use crate::webhooks::assert_whole;

/// How many events each room has.
async fn rooms(database: &str) -> Vec<(String, i64)> {
    let sql = "SELECT stream_id, max(seq) FROM events GROUP BY 1";
    sqlx::query_as(sql).fetch_all(&mut open(database).await).await.expect("the log is there")
}

/// Waits until every event was taken, and compares.
async fn all_arrive(receiver: &Receiver, database: &str) {
    let rooms = rooms(database).await;
    let all: i64 = rooms.iter().map(|(_, last)| last).sum();
    let taken = within(Duration::from_secs(90), "all to be taken", async || {
        let taken = receiver.taken();
        let ids: std::collections::BTreeSet<_> = taken.iter().map(|one| one.id().to_owned()).collect();
        (ids.len() as i64 == all).then_some(taken)
    })
    .await;
    assert_whole(&taken, &rooms);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_node_that_delivers_is_killed_another_goes_on_and_nothing_is_lost() {
    let database = Cluster::shared().database().await;
    let mut nodes: Vec<(Server, TempDir)> = Vec::new();
    for _ in 0..2 {
        let dir = TempDir::new();
        nodes.push((Server::start(&database, dir.path()), dir));
    }
    let receiver = Receiver::new(|_| match random(20) {
        0 => Reply::Status(500),
        _ => Reply::Late(Duration::from_millis(10 + random(30)), 200),
    })
    .await;
    let hook = Hook::new(&database, &receiver.url, &[]);
    for round in 0..rounds(2, 6) {
        let (one, two) = (Guest::new(&nodes[0].0.url, "Ann").await, Guest::new(&nodes[1].0.url, "Ben").await);
        let stop = Arc::new(AtomicBool::new(false));
        let mut writers = Vec::new();
        for (number, guest) in [one, two].into_iter().enumerate() {
            let rooms = vec![guest.room().await, guest.room().await, guest.room().await];
            let address = Address::new(&guest.url);
            writers.push((
                address.clone(),
                tokio::spawn(write(guest, rooms, address, format!("{round}-{number}"), Arc::clone(&stop))),
            ));
        }
        let before = receiver.seen().len();
        receiver.sees(before + 60).await;
        // Which of them delivers is told by their names, which nobody else knows: the one whose death moves the lease.
        let owner = hook.owner().await;
        let victim = owner_of(&nodes, &owner);
        nodes[victim].0.halt();
        let survivor = nodes[1 - victim].0.url.clone();
        for (address, _) in &writers {
            address.set(&survivor);
        }
        hook.becomes("another owner", |status| status["owner"].is_string() && status["owner"] != owner.as_str()).await;
        let before = receiver.taken().len();
        receiver.takes(before + 20).await;
        stop.store(true, Ordering::Relaxed);
        let mut entries = Vec::new();
        for (_, writer) in writers {
            entries.extend(writer.await.expect("writers do not panic"));
        }
        for entry in entries.iter_mut().filter(|entry| !entry.accepted()) {
            entry.insist(&Address::new(&survivor)).await;
        }
        compare(&database, &entries).await;
        all_arrive(&receiver, &database).await;
        let dir = TempDir::new();
        nodes[victim] = (Server::start(&database, dir.path()), dir);
    }
    hook.becomes("nothing to wait", |status| status["waiting"] == 0 && status["failing"] == 0).await;
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for delivery in receiver.taken() {
        hook.assert_signed(&delivery);
        *times.entry(delivery.id().to_owned()).or_default() += 1;
    }
    // Only what was under way when a node was killed: one event of each room.
    let doubles = times.values().filter(|times| **times > 1).count();
    assert!(doubles <= 16 * rounds(2, 6), "{doubles} events came more than once");
}

/// Which of the nodes has this name.
fn owner_of(nodes: &[(Server, TempDir)], owner: &str) -> usize {
    let found = nodes.iter().position(|(_, dir)| {
        let mut command = synctv(&["status", "--json", "--data-dir"]);
        let output = command.arg(dir.path()).output().expect("the binary runs");
        String::from_utf8_lossy(&output.stdout).contains(owner)
    });
    found.unwrap_or_else(|| panic!("no node has the name {owner}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stops_finishes_what_it_sent_and_another_goes_on_at_once() {
    let World { server, database, dir } = World::new().await;
    let receiver = Receiver::new(|_| Reply::Late(Duration::from_millis(300), 200)).await;
    let hook = Hook::new(&database, &receiver.url, &[]);
    said(&server.url).await;
    receiver.sees(2).await;
    let (other, _other_dir) = {
        let dir = TempDir::new();
        (Server::start(&database, dir.path()), dir)
    };
    assert!(server.terminate().success());
    let taken = receiver.takes(5).await;
    assert_whole(&taken, &rooms(&database).await);
    hook.becomes("nothing to wait", |status| status["waiting"] == 0).await;
    assert_eq!(receiver.seen().len(), 5, "something was sent twice");
    drop((other, dir));
}
