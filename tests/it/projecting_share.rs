//! Which node follows the log for which read model.

use std::time::Duration;

use synctv_postgres::{PgLeases, connect};
use synctv_projections::Leases;
use synctv_projections::operate::Projections;

use crate::support::{
    Guest, MODELS, Server, TempDir, World, caught_up, eventually, grow, number, projections, run, within,
};

/// Waits until so many servers are there and one of them is at work on all read models.
async fn lead(database: &str, servers: i64) -> String {
    const SERVERS: &str = "SELECT count(*) FROM leases WHERE name LIKE 'node/%' AND until > clock_timestamp()";
    let (projections, _pool) = projections(database).await;
    eventually("one to have them all", async || {
        let list = projections.list().await.expect("the database answers");
        let mut owners: Vec<_> = list.into_iter().map(|one| one.owner).collect::<Option<_>>()?;
        owners.dedup();
        let there = number(database, SERVERS).await == servers;
        if there && owners.len() == 1 { owners.pop() } else { None }
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_node_follows_for_all_and_a_dead_one_is_replaced_within_seconds() {
    let World { server, database, dir } = World::new().await;
    let first = lead(&database, 1).await;
    let beside = || {
        let dir = TempDir::new();
        (Server::start(&database, dir.path()), dir)
    };
    let (second, _dir) = beside();
    assert_eq!(lead(&database, 2).await, first);
    server.kill();
    drop(dir);
    let ann = Guest::new(&second.url, "Ann").await;
    ann.room().await;
    // A lease ends after five seconds; five times that is given to a busy machine.
    const BEHIND: &str = "SELECT count(*) FROM checkpoints WHERE position < (SELECT max(position) FROM events)";
    within(Duration::from_secs(25), "the survivor to take over", async || {
        (number(&database, BEHIND).await == 0).then_some(())
    })
    .await;
    let successor = lead(&database, 1).await;
    assert_ne!(successor, first);
    let (third, _dir) = beside();
    assert_eq!(lead(&database, 2).await, successor);
    // Who leaves in order leaves no leases behind.
    assert!(second.terminate().success());
    const OWNERS: &str = "SELECT count(DISTINCT owner) FROM leases WHERE until > clock_timestamp()";
    assert_eq!(number(&database, OWNERS).await, 1);
    assert_ne!(lead(&database, 1).await, successor);
    drop(third);
}

/// The read models that a node has after it looked after each of them.
async fn held(node: &PgLeases) -> Vec<&'static str> {
    let mut held = Vec::new();
    for model in MODELS {
        held.extend(node.hold(&format!("projection/{model}")).await.expect("the database answers").map(|_| model));
    }
    held
}

#[tokio::test]
async fn read_models_that_are_behind_are_shared_and_those_that_stand_still_are_helped() {
    let world = World::new().await;
    world.guest("Ann").await.room().await;
    caught_up(&world.database).await;
    let World { server, database, .. } = world;
    assert!(server.terminate().success());
    let pool = connect(&database, 2).await.expect("the database is up");
    let [one, other, third] = ["one", "other", "third"].map(|name| PgLeases::new(pool.clone(), name.to_owned()));
    for node in [&one, &other] {
        assert!(node.announce().await.expect("the database answers"));
    }
    // The first that asks leads.
    assert_eq!(held(&one).await, MODELS);
    assert!(held(&other).await.is_empty());

    // An event that nobody takes in: at first that is nothing.
    grow(&database, 1).await;
    assert!(held(&other).await.is_empty());
    one.give_back("projection/playlists").await.expect("the database answers");
    run(&database, "UPDATE checkpoints SET updated_at = updated_at - interval '1 minute'").await;
    assert_eq!(held(&other).await, ["playlists"]);
    // Who helped goes on with it.
    run(&database, "UPDATE checkpoints SET position = (SELECT max(position) FROM events)").await;
    assert_eq!(held(&other).await, ["playlists"]);
    assert_eq!(held(&one).await.len(), MODELS.len() - 1);

    // Much is behind: each has its part.
    grow(&database, 10_000).await;
    let kept = held(&one).await;
    assert_eq!(kept.len(), MODELS.len().div_ceil(2), "{kept:?}");
    let others = held(&other).await;
    assert!(MODELS.iter().all(|model| kept.contains(model) != others.contains(model)), "{kept:?} {others:?}");
    assert_eq!(held(&one).await, kept);
    // What nobody takes is not left alone for long.
    other.give_up().await.expect("the database answers");
    eventually("all to be looked after", async || (held(&one).await == MODELS).then_some(())).await;

    // Without the others, a third one has them all.
    one.give_up().await.expect("the database answers");
    run(&database, "UPDATE checkpoints SET position = (SELECT max(position) FROM events)").await;
    assert_eq!(held(&third).await, MODELS);
}
