//! How PostgreSQL finds what is read: plans of the real statements, on a filled log.

use serde_json::json;
use synctv_projections::operate::Projections;

use crate::support::{Cluster, Guest, Server, TempDir, caught_up, eventually, grow_rooms, projections, run};

/// Every statement from here on tells its plan, except those that take no time to find anything.
const TELL: &str = "ALTER DATABASE %s SET session_preload_libraries = 'auto_explain'; \
     ALTER DATABASE %s SET auto_explain.log_min_duration = 0; \
     ALTER DATABASE %s SET auto_explain.log_nested_statements = on";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_reads_the_whole_log_to_find_a_part_of_it() {
    let cluster = Cluster::private();
    let database = cluster.database().await;
    let dir = TempDir::new();
    let server = Server::start(&database, dir.path());
    let ann = Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    for _ in 0..20 {
        ann.command(&room, json!({ "type": "chat.post", "text": "hello" })).await.ok();
    }
    grow_rooms(&database, 1000).await;
    run(&database, "ANALYZE").await;
    caught_up(&database).await;
    server.kill();
    let name = database.split(['/', '?']).nth(3).expect("a name");
    for statement in TELL.replace("%s", &format!("\"{name}\"")).split("; ") {
        run(&database, statement).await;
    }
    let server = Server::start(&database, dir.path());
    let ann = ann.at(&server.url);
    // Stream load, and pages of a room.
    ann.snapshot(&room).await.ok();
    ann.get(&format!("/v1/rooms/{room}?as_of=5")).await.ok();
    ann.get(&format!("/v1/rooms/{room}/events?after=3&limit=5")).await.ok();
    ann.command(&room, json!({ "type": "chat.post", "text": "again" })).await.ok();
    // Pages of the log, and what auditors filter by.
    let token = std::fs::read_to_string(dir.path().join("operator.token")).expect("it was written");
    let mut auditor = ann.clone();
    token.trim().clone_into(&mut auditor.token);
    caught_up(&database).await;
    for query in [
        "after=5000".to_owned(),
        format!("actor={}", ann.id),
        format!("room={room}"),
        "type=room.created".to_owned(),
        "command=none".to_owned(),
        "since=2020-01-01T00:00:00Z&until=2030-01-01T00:00:00Z".to_owned(),
        format!("actor={}&type=chat.posted&room={room}&since=2020-01-01T00:00:00Z", ann.id),
    ] {
        auditor.get(&format!("/v1/log?limit=10&{query}")).await.ok();
    }
    for query in ["", "?query=r", "?query=nothing+like+it", "?mine=true"] {
        ann.get(&format!("/v1/rooms{query}")).await.ok();
    }
    // Following, and making anew.
    let (projections, _pool) = projections(&database).await;
    projections.begin(&crate::support::MODELS).await.expect("none is under way");
    eventually("the end of the rebuild", async || {
        let list = projections.list().await.expect("the database answers");
        list.iter().all(|one| one.rebuild.as_ref().is_some_and(|rebuild| rebuild.state.is_over())).then_some(())
    })
    .await;
    let log = cluster.log();
    assert!(log.contains("Index Scan"), "plans are told");
    let scans: Vec<_> = log.match_indices("Seq Scan on events").map(|(at, _)| statement(&log, at)).collect();
    assert!(scans.is_empty(), "{} statements read the whole log, such as {}", scans.len(), scans[0]);
}

/// The statement that a plan belongs to.
fn statement(log: &str, at: usize) -> &str {
    let start = log[..at].rfind("Query Text:").unwrap_or(0);
    let end = log[start..].find("\n\t\t").map_or(at, |length| start + length);
    &log[start..end.max(start)]
}
