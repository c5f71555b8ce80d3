//! Rebuilds and projections are killed at a random moment.

use std::time::Duration;

use synctv_projections::operate::{Projections, RebuildState};

use crate::fold;
use crate::support::{
    Cluster, Guest, MODELS, Server, TempDir, caught_up, digests, eventually, grow_rooms, number, projections, random,
    rounds, run,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_rebuild_leaves_no_half_of_anything_and_is_taken_up() {
    let database = Cluster::shared().database().await;
    let dir = TempDir::new();
    let mut server = Server::start(&database, dir.path());
    let (ann, bob) = (Guest::new(&server.url, "Ann").await, Guest::new(&server.url, "Bob").await);
    fold::one_of_each(&ann, &bob, &ann.room().await).await;
    grow_rooms(&database, 150).await;
    caught_up(&database).await;
    let before = digests(&database).await;
    let (projections, _pool) = projections(&database).await;
    let mut interrupted = 0;
    for _ in 0..rounds(4, 40) {
        projections.begin(&MODELS).await.expect("none is under way");
        tokio::time::sleep(Duration::from_millis(random(1200))).await;
        server.kill();
        // With nobody at work: what readers see is whole, the old or the new.
        assert_eq!(digests(&database).await, before);
        let list = projections.list().await.expect("the database answers");
        interrupted += list.iter().filter(|one| one.rebuild.as_ref().is_some_and(|it| !it.state.is_over())).count();
        server = Server::start(&database, dir.path());
        eventually("the end of the rebuild", async || {
            let list = projections.list().await.expect("the database answers");
            let states: Vec<_> = list.iter().filter_map(|one| one.rebuild.as_ref()).map(|it| it.state).collect();
            states.iter().all(|state| *state == RebuildState::Done).then_some(())
        })
        .await;
        assert_eq!(digests(&database).await, before);
        projections.drop_old(None).await.expect("the database answers");
    }
    println!("{interrupted} rebuilds of one read model were interrupted");
    let left = number(&database, "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '_g[0-9]+$'").await;
    assert_eq!(left, 0, "tables that nobody sees");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_owner_killed_between_view_and_checkpoint_counts_nothing_twice() {
    let database = Cluster::shared().database().await;
    let dir = TempDir::new();
    let mut server = Server::start(&database, dir.path());
    // The view is written; the checkpoint takes its time.
    run(
        &database,
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END $$; \
         CREATE TRIGGER dawdle BEFORE UPDATE ON checkpoints FOR EACH ROW EXECUTE FUNCTION dawdle()",
    )
    .await;
    let ann = Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    for _ in 0..rounds(6, 60) {
        let (ann, room) = (ann.at(&server.url), room.clone());
        let writer = tokio::spawn(async move {
            let say = serde_json::json!({ "type": "chat.post", "text": "once" });
            while ann.try_keyed(&room, &say, &format!("k{}", random(u64::MAX))).await.is_ok() {}
        });
        tokio::time::sleep(Duration::from_millis(100 + random(300))).await;
        server.kill();
        writer.await.expect("a writer goes on to the end");
        server = Server::start(&database, dir.path());
    }
    run(&database, "DROP TRIGGER dawdle ON checkpoints").await;
    caught_up(&database).await;
    let counted = number(&database, "SELECT sum(events)::bigint FROM room_directory").await;
    assert_eq!(counted, number(&database, "SELECT count(*) FROM events").await, "a view that counts");
    assert_eq!(number(&database, "SELECT count(*) FROM audit_index").await, counted, "a view that lists");
    drop(server);
}
