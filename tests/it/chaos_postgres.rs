//! PostgreSQL is restarted and restored under three nodes.

use std::time::Duration;

use serde_json::json;
use tokio::task::block_in_place;
use tokio::time::sleep;

use crate::restore::restored;
use crate::support::{Cluster, Crowd, Fleet, NODES, eventually, head, rounds};

/// What a node says that has no PostgreSQL.
async fn refused(crowd: &Crowd, fleet: &Fleet, node: usize) {
    let there = crowd.people[node].at(&fleet.url(node));
    let answer = there.command(&crowd.rooms[0], json!({ "type": "chat.post", "text": "x" })).await;
    // Not stored, or not known to be: it may have been on its way.
    let codes = ["unavailable", "deadline_exceeded", "outcome_unknown"];
    assert!(answer.status == 503 && codes.contains(&answer.code()), "{:#}", answer.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_postgresql_is_away_commands_are_refused_and_then_taken_again() {
    let cluster = Cluster::private();
    let fleet = Fleet::with(cluster.database().await, &[("SYNCTV_COMMAND_TIMEOUT_MS", "3000")]).await;
    let crowd = Crowd::new(&fleet).await;
    for round in 0..rounds(2, 20) {
        crowd.goes_on(50).await;
        block_in_place(|| cluster.stop_immediately());
        let asked = (0..NODES).map(|node| refused(&crowd, &fleet, node));
        futures::future::join_all(asked).await;
        sleep(Duration::from_millis(100 * round as u64)).await;
        block_in_place(|| cluster.start());
        crowd.goes_on(50).await;
    }
    let tally = crowd.finish("PostgreSQL restarted").await;
    assert!(!tally.troubles.is_empty(), "nobody noticed: {}", tally.line());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_over_an_older_backup_refuse_to_append_and_then_reset_who_follows() {
    let cluster = Cluster::private();
    let fleet = Fleet::over(cluster.database().await).await;
    let mut crowd = Crowd::silent(&fleet, NODES).await;
    block_in_place(|| cluster.backup());
    let old = head(&fleet.database).await;
    crowd.write();
    crowd.goes_on(200).await;
    let lost = crowd.stop().await;
    assert!(lost.iter().all(|deeds| !deeds.entries.is_empty()), "somebody was not taken");
    crowd.caught_up().await;
    block_in_place(|| cluster.restore());
    crowd.write();
    for node in 0..NODES {
        let there = crowd.people[node].at(&fleet.url(node));
        eventually(&format!("node {node} notices"), async || {
            let answer = there.command(&crowd.rooms[0], json!({ "type": "chat.post", "text": "x" })).await;
            assert_eq!(answer.status, 503, "{:#}", answer.body);
            (answer.code() == "log_rewound").then_some(())
        })
        .await;
    }
    assert_eq!(head(&fleet.database).await, old, "something was appended to a rewound log");
    restored(&fleet.database);
    crowd.goes_on(100).await;
    let tally = crowd.finish("PostgreSQL restored").await;
    assert!(tally.resets.iter().all(|resets| *resets >= 1), "somebody was not told: {:?}", tally.resets);
}
