//! Read models follow the log: across nodes, cuts and events that cannot be taken in.

use std::time::Duration;

use serde_json::json;
use sqlx::Executor;
use synctv_projections::operate::{OperateError, ProjectionState, ProjectionStatus, Projections};

use crate::support::{
    Cluster, Guest, MODELS, Server, TempDir, World, caught_up, eventually, number, open, projections, rounds, run,
};

fn named<'a>(list: &'a [ProjectionStatus], name: &str) -> &'a ProjectionStatus {
    list.iter().find(|one| one.name == name).expect("it is listed")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lag_in_seconds_rises_when_a_projector_rests_and_when_there_is_none() {
    let world = World::new().await;
    let (ann, (projections, _pool)) = (world.guest("Ann").await, projections(&world.database).await);
    let room = ann.room().await;
    caught_up(&world.database).await;
    // Somebody else has the lease, and does nothing.
    run(
        &world.database,
        "UPDATE leases SET owner = 'idler', until = until + interval '1 hour' WHERE name = 'projection/chat_messages'",
    )
    .await;
    let lag = async |name: &str| named(&projections.list().await.expect("the database answers"), name).lag_seconds;
    // A projector looks after its lease once a second.
    eventually("a lag of one second and more", async || {
        ann.command(&room, json!({ "type": "chat.post", "text": "hello" })).await.ok();
        (lag("chat_messages").await > 1.0).then_some(())
    })
    .await;
    let (first, others) = (lag("chat_messages").await, lag("audit_index").await);
    eventually("a lag that grows", async || (lag("chat_messages").await > first + 0.5).then_some(())).await;
    assert!(others < 1.0, "the others go on: {others} s");
    run(&world.database, "DELETE FROM leases WHERE owner = 'idler'").await;
    caught_up(&world.database).await;
    assert!(lag("chat_messages").await < f64::EPSILON);

    // Everybody's feed is dead: checkpoints cannot be read for writing.
    let mut lock = open(&world.database).await;
    lock.execute("BEGIN; LOCK TABLE checkpoints IN EXCLUSIVE MODE").await.expect("it is given");
    ann.command(&room, json!({ "type": "chat.post", "text": "hello?" })).await.ok();
    for name in MODELS {
        eventually("a lag of all", async || (lag(name).await > 1.0).then_some(())).await;
    }
    lock.execute("COMMIT").await.expect("it ends");
    caught_up(&world.database).await;

    // There is no server at all, and the log grows.
    let World { server, database, .. } = world;
    server.kill();
    crate::support::grow(&database, 1).await;
    run(&database, "DELETE FROM leases").await;
    eventually("a lag of all", async || (lag("room_directory").await > 1.0).then_some(())).await;
    assert_eq!(named(&projections.list().await.expect("it answers"), "room_directory").state, ProjectionState::Idle);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn read_models_stall_while_postgresql_is_gone_and_go_on_by_themselves() {
    let cluster = Cluster::private();
    let database = cluster.database().await;
    let dir = TempDir::new();
    let server = Server::start(&database, dir.path());
    let ann = Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    let say = async |text: &str| ann.command(&room, json!({ "type": "chat.post", "text": text })).await;
    for _ in 0..20 {
        say("before").await.ok();
    }
    cluster.stop_immediately();
    tokio::time::sleep(Duration::from_secs(rounds(2, 10) as u64)).await;
    assert_eq!(say("meanwhile").await.status, 503);
    cluster.start();
    eventually("commands", async || (say("after").await.status == 200).then_some(())).await;
    caught_up(&database).await;
    let counted = number(&database, "SELECT sum(events)::bigint FROM room_directory").await;
    assert_eq!(counted, number(&database, "SELECT count(*) FROM events").await);
}

/// A message whose content is none, behind the server's back. Its position.
async fn poison(database: &str, room: &str) -> i64 {
    let sql = format!(
        "INSERT INTO events SELECT h.position + 1, h.event_id, h.stream_type, h.stream_id, r.seq + 1, 'chat.posted', 1, \
         '{{\"broken\":true}}', h.metadata, h.command_id, h.recorded_at, sha256('x') \
         FROM (SELECT * FROM events ORDER BY position DESC LIMIT 1) h, \
           (SELECT max(seq) AS seq FROM events WHERE stream_id = '{room}') r WHERE h.stream_id = '{room}'"
    );
    run(database, &sql).await;
    number(database, "SELECT max(position) FROM events").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_cannot_be_taken_in_stops_its_read_model_alone_until_an_operator_skips_it() {
    let world = World::measured().await;
    let (ann, (projections, pool)) = (world.guest("Ann").await, projections(&world.database).await);
    let room = ann.room().await;
    let position = poison(&world.database, &room).await;
    let other = ann.room().await;
    ann.command(&other, json!({ "type": "chat.post", "text": "the rest goes on" })).await.ok();
    let list = eventually("one read model that is stopped, and no other that is behind", async || {
        let list = projections.list().await.expect("the database answers");
        let all = list.iter().all(|one| (one.name == "chat_messages") != (one.lag_events == 0));
        (all && named(&list, "chat_messages").state == ProjectionState::Stopped).then_some(list)
    })
    .await;
    let stopped = named(&list, "chat_messages");
    let poison = stopped.poison.as_ref().expect("it says what");
    assert_eq!((poison.position.0, stopped.position.0), (position, position - 1), "{poison:?}");
    assert!(poison.reason.contains("chat.posted"), "{poison:?}");
    let scraped = world.server.scrape().await;
    assert_eq!(scraped.value("synctv_projection_stopped{projection=\"chat_messages\"}"), 1.0);
    assert_eq!(scraped.value("synctv_projection_stopped{projection=\"audit_index\"}"), 0.0);
    assert!(world.server.log().contains("projection.stopped"), "{}", world.server.log());
    // A rebuild does not leave it out either.
    projections.begin(&["chat_messages"]).await.expect("none is under way");
    let failed = eventually("the end of the rebuild", async || {
        Some(projections.status("chat_messages").await.expect("it is known")).filter(|rebuild| rebuild.state.is_over())
    });
    assert!(failed.await.error.is_some_and(|error| error.contains(&position.to_string())));

    let skip = async |position| {
        synctv_postgres::skip(&pool, "chat_messages", synctv_domain::Position(position), "it is broken").await
    };
    assert!(matches!(skip(position + 1).await, Err(OperateError::NotStopped { .. })));
    let done = skip(position).await.expect("it is stopped by this one");
    caught_up(&world.database).await;
    assert_eq!(number(&world.database, "SELECT count(*) FROM chat_messages").await, 1);
    let recorded = world.auditor().await.get(&format!("/v1/log?after={}", done.recorded.0 - 1)).await.ok();
    let event = &recorded["events"][0];
    assert_eq!(event["type"], "projection.event_skipped", "{recorded:#}");
    assert_eq!(event["data"], json!({ "projection": "chat_messages", "position": position, "reason": "it is broken" }));
    assert!(matches!(skip(position).await, Err(OperateError::NotStopped { .. })), "once");
    // What is left out is left out for good.
    projections.begin(&["chat_messages"]).await.expect("none is under way");
    eventually("the end of the rebuild", async || {
        let rebuild = projections.status("chat_messages").await.expect("it is known");
        rebuild.state.is_over().then(|| assert_eq!(rebuild.error, None))
    })
    .await;
    assert_eq!(number(&world.database, "SELECT count(*) FROM chat_messages").await, 1);
}
