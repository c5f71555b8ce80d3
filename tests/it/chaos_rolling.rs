//! All nodes are restarted in turn, in order, under load.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{Cluster, Crowd, Fleet, Guest, NODES, eventually, rounds};

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
    // Whoever is at a node that stops is told when to come back, and not all at once.
    assert!(tally.drains.len() >= 9, "{:?}", tally.drains);
    assert!(tally.drains.iter().all(|wait| (1..=2000).contains(wait)), "{:?}", tally.drains);
    let spread = tally.drains.iter().max().zip(tally.drains.iter().min()).map_or(0, |(most, least)| most - least);
    assert!(spread > 200, "{:?}", tally.drains);
    assert!(tally.drains.iter().collect::<BTreeSet<_>>().len() > tally.drains.len() / 2, "{:?}", tally.drains);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stops_is_not_ready_before_it_takes_nobody_any_more() {
    let database = Cluster::shared().database().await;
    let mut fleet = Fleet::with(database, &[("SYNCTV_DRAIN_LEAD_SECS", "30")]).await;
    let ann = Guest::new(&fleet.url(0), "Ann").await;
    let room = ann.room().await;
    let (mut socket, _) = ann.subscribed(&room, "snapshot").await;
    assert_eq!(ann.get("/readyz").await.status, 200);
    fleet.signal(0, "TERM");
    // Each time over a new connection, as load balancers and clients come.
    let ready = async || ann.at(&fleet.url(0)).get("/readyz").await;
    let told = eventually("it is not ready", async || Some(ready().await).filter(|ready| ready.status != 200)).await;
    assert_eq!((told.status, told.code()), (503, "draining"), "{:#}", told.body);
    // Whoever does not know yet is served.
    let there = ann.at(&fleet.url(0));
    let said = there.command(&room, json!({ "type": "chat.post", "text": "x" })).await.ok();
    assert_eq!(socket.until("event").await["seq"], said["seq"]);
    assert!(!fleet.server(0).log().contains("server.draining"), "{}", fleet.server(0).log());
    // Asked again it does not wait.
    fleet.signal(0, "TERM");
    assert_eq!(fleet.terminated(0).await.code(), Some(0));
}
