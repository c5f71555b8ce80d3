//! Nodes are killed and frozen in turn, under load.

use std::time::Duration;

use crate::support::{Crowd, Fleet, NODES, rounds};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_nodes_are_killed_in_turn_and_clients_move() {
    let mut fleet = Fleet::new().await;
    let crowd = Crowd::new(&fleet).await;
    for round in 0..rounds(3, 60) {
        crowd.goes_on(30).await;
        fleet.kill(round % NODES);
        // The others go on without it.
        crowd.goes_on(30).await;
        fleet.start(round % NODES);
    }
    let tally = crowd.finish("kill -9 in turn").await;
    assert!(tally.returns > 27 + rounds(3, 60), "nobody had to move: {tally:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_nodes_freeze_in_turn_and_wake_again() {
    let fleet = Fleet::new().await;
    let crowd = Crowd::new(&fleet).await;
    for round in 0..rounds(3, 12) {
        crowd.goes_on(30).await;
        fleet.signal(round % NODES, "STOP");
        tokio::time::sleep(Duration::from_secs(rounds(2, 20) as u64)).await;
        fleet.signal(round % NODES, "CONT");
    }
    crowd.finish("frozen in turn").await;
}
