//! All nodes are restarted in turn, in order, under load.

use std::collections::BTreeSet;

use crate::support::{Crowd, Fleet, NODES, rounds};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rolling_restart_loses_no_command_and_makes_no_hole() {
    let mut fleet = Fleet::new().await;
    let crowd = Crowd::new(&fleet).await;
    for round in 0..rounds(3, 30) {
        crowd.goes_on(50).await;
        let ended = fleet.terminate(round % NODES).await;
        assert_eq!(ended.code(), Some(0));
        crowd.goes_on(20).await;
        fleet.start(round % NODES);
    }
    let tally = crowd.finish("rolling restart").await;
    println!("{:?}", tally.troubles);
    // Whoever is at a node that stops is told when to come back, and not all at once.
    assert!(tally.drains.len() >= 9, "{:?}", tally.drains);
    assert!(tally.drains.iter().all(|wait| (1..=2000).contains(wait)), "{:?}", tally.drains);
    let spread = tally.drains.iter().max().zip(tally.drains.iter().min()).map_or(0, |(most, least)| most - least);
    assert!(spread > 200, "{:?}", tally.drains);
    assert!(tally.drains.iter().collect::<BTreeSet<_>>().len() > tally.drains.len() / 2, "{:?}", tally.drains);
}
