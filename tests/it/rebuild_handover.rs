//! A rebuild changes hands, is called off, or meets what it cannot take in, while it is at work.

use std::process::{Child, Command, Stdio};

use synctv_postgres::PgProjections;
use synctv_projections::operate::{ProjectionStatus, Projections, RebuildState};

use crate::support::{
    Cluster, Guest, MODELS, Server, TempDir, World, caught_up, digests, eventually, grow_rooms, number, open, poison,
    projections, run, signal, synctv,
};

/// A room with a past, many times.
async fn filled(world: &World, copies: i64) {
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    for text in ["one", "two", "three"] {
        ann.command(&room, serde_json::json!({ "type": "chat.post", "text": text })).await.ok();
    }
    grow_rooms(&world.database, copies).await;
    caught_up(&world.database).await;
}

/// `synctv projection rebuild`, in a process of its own.
fn rebuild(database: &str, what: &str) -> Child {
    let mut command: Command = synctv(&["projection", "rebuild", what, "--data-dir", "/nowhere"]);
    command.env("DATABASE_URL", database).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the binary runs")
}

async fn over(projections: &PgProjections, name: &str) -> ProjectionStatus {
    eventually("the end of the rebuild", async || {
        let list = projections.list().await.expect("the database answers");
        list.into_iter()
            .find(|one| one.name == name)
            .filter(|one| one.rebuild.as_ref().is_some_and(|it| it.state.is_over()))
    })
    .await
}

fn state(status: &ProjectionStatus) -> RebuildState {
    status.rebuild.as_ref().expect("there was one").state
}

/// Makes every index of messages take its time.
const DAWDLE: &str = "CREATE FUNCTION dawdle() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN \
       IF current_query() LIKE '%chat_messages_g%gin%' THEN PERFORM pg_sleep(3); END IF; END $$; \
     CREATE EVENT TRIGGER dawdle ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION dawdle()";
const INDEXING: &str = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX%chat_messages_g%gin%' \
       AND state = 'active' AND datname = current_database()";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_that_changes_hands_while_an_index_is_made_goes_on() {
    let world = World::new().await;
    filled(&world, 20).await;
    let before = digests(&world.database).await;
    let (projections, _pool) = projections(&world.database).await;
    run(&world.database, DAWDLE).await;
    for how in ["INT", "KILL", "STOP"] {
        let mut verb = rebuild(&world.database, "chat_messages");
        eventually("an index being made", async || (number(&world.database, INDEXING).await == 1).then_some(())).await;
        signal(verb.id(), how);
        let status = over(&projections, "chat_messages").await;
        assert_eq!(state(&status), RebuildState::Done, "after SIG{how}: {status:#?}");
        assert_eq!(digests(&world.database).await, before, "after SIG{how}");
        let _ = verb.kill();
        verb.wait().expect("it ends");
        projections.drop_old(None).await.expect("nobody reads them");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_is_called_off_while_the_log_is_copied() {
    let world = World::new().await;
    filled(&world, 2000).await;
    let (projections, _pool) = projections(&world.database).await;
    // Each part of the log takes a while.
    run(
        &world.database,
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.2); RETURN NEW; END $$; \
         CREATE TRIGGER dawdle BEFORE INSERT ON rebuild_buckets FOR EACH ROW EXECUTE FUNCTION dawdle()",
    )
    .await;
    let mut verb = rebuild(&world.database, "--all");
    let parts = "SELECT count(*) FROM rebuild_buckets";
    eventually("some parts", async || (number(&world.database, parts).await > 3).then_some(())).await;
    projections.cancel("playlists").await.expect("it is under way");
    let done = number(&world.database, parts).await;
    assert!(done < 32, "{done} of 64 parts were copied until it was called off");
    assert_eq!(state(&over(&projections, "playlists").await), RebuildState::Cancelled);
    assert!(verb.wait().expect("it ends").code() == Some(1), "one of them was called off");
    for name in MODELS.into_iter().filter(|name| *name != "playlists") {
        assert_eq!(state(&over(&projections, name).await), RebuildState::Done, "{name}");
    }
    let left =
        number(&world.database, "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '^playlists_g'").await;
    assert_eq!(left, 0, "what was called off leaves nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_read_model_cannot_take_in_does_not_keep_the_others_from_being_made() {
    let world = World::new().await;
    filled(&world, 20).await;
    let (projections, pool) = projections(&world.database).await;
    let room = world.guest("Ann").await.room().await;
    let position = poison(&world.database, &room).await;
    projections.begin(&MODELS).await.expect("none is under way");
    for name in MODELS {
        let expected = if name == "chat_messages" { RebuildState::Failed } else { RebuildState::Done };
        assert_eq!(state(&over(&projections, name).await), expected, "{name}");
    }
    // Skipped while it is being copied.
    run(
        &world.database,
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END $$; \
         CREATE TRIGGER dawdle BEFORE INSERT ON rebuild_buckets FOR EACH ROW EXECUTE FUNCTION dawdle()",
    )
    .await;
    let late = poison(&world.database, &room).await;
    for position in [position, late] {
        let position = synctv_domain::Position(position);
        eventually("it to stop", async || synctv_postgres::skip(&pool, "chat_messages", position, "broken").await.ok())
            .await;
    }
    caught_up(&world.database).await;
    let followed = digests(&world.database).await;
    projections.begin(&["chat_messages"]).await.expect("none is under way");
    assert_eq!(state(&over(&projections, "chat_messages").await), RebuildState::Done);
    assert_eq!(digests(&world.database).await, followed);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_server_is_replaced_also_in_the_middle_of_writing() {
    let database = Cluster::shared().database().await;
    let (one, other) = (TempDir::new(), TempDir::new());
    let frozen = Server::start(&database, one.path());
    let ann = Guest::new(&frozen.url, "Ann").await;
    let room = ann.room().await;
    caught_up(&database).await;
    // Its transactions wait here, until it is frozen with one of them open.
    let mut lock = open(&database).await;
    sqlx::query("BEGIN").execute(&mut lock).await.expect("it begins");
    sqlx::query("LOCK TABLE chat_messages IN EXCLUSIVE MODE").execute(&mut lock).await.expect("it is given");
    ann.command(&room, serde_json::json!({ "type": "chat.post", "text": "hello" })).await.ok();
    let waits = "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid) \
         WHERE NOT l.granted AND a.application_name = 'synctv-projections' AND a.datname = current_database()";
    eventually("a projection that waits", async || (number(&database, waits).await == 1).then_some(())).await;
    frozen.signal("STOP");
    sqlx::query("COMMIT").execute(&mut lock).await.expect("it ends");
    let _second = Server::start(&database, other.path());
    caught_up(&database).await;
    assert_eq!(number(&database, "SELECT count(*) FROM chat_messages").await, 1);
    frozen.signal("CONT");
    caught_up(&database).await;
    assert_eq!(number(&database, "SELECT sum(events)::bigint FROM room_directory").await, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_whose_sessions_are_cut_is_taken_up_and_not_given_up() {
    let world = World::new().await;
    filled(&world, 2000).await;
    let before = digests(&world.database).await;
    let (projections, _pool) = projections(&world.database).await;
    run(
        &world.database,
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END $$; \
         CREATE TRIGGER dawdle BEFORE INSERT ON rebuild_buckets FOR EACH ROW EXECUTE FUNCTION dawdle()",
    )
    .await;
    projections.begin(&MODELS).await.expect("none is under way");
    for parts in [1, 8] {
        let copied = format!("SELECT (count(*) >= {parts})::int::bigint FROM rebuild_buckets");
        eventually("some parts", async || (number(&world.database, &copied).await == 1).then_some(())).await;
        // The server's, whatever they were doing.
        run(
            &world.database,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() \
             AND datname = current_database() AND application_name LIKE 'synctv%'",
        )
        .await;
    }
    for name in MODELS {
        assert_eq!(state(&over(&projections, name).await), RebuildState::Done, "{name}");
    }
    caught_up(&world.database).await;
    assert_eq!(digests(&world.database).await, before);
}
