//! Read models are made anew while they are used.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use sqlx::Executor;
use synctv_postgres::PgProjections;
use synctv_projections::operate::{OperateError, Projections, RebuildState};
use tokio::task::JoinHandle;

use crate::fold;
use crate::support::{Guest, MODELS, World, caught_up, digests, eventually, grow_rooms, number, open, projections};

/// People who do whatever they may until told to stop.
async fn crowd(world: &World, rooms: usize) -> (Vec<JoinHandle<()>>, Arc<AtomicBool>, Guest) {
    let stop = Arc::new(AtomicBool::new(false));
    let (ann, mut writers) = (world.guest("Ann").await, Vec::new());
    for _ in 0..rooms {
        let room = ann.room().await;
        for name in ["Bob", "Cat"] {
            writers.push(tokio::spawn(fold::write(world.guest(name).await, room.clone(), Arc::clone(&stop))));
        }
        writers.push(tokio::spawn(fold::write(ann.clone(), room, Arc::clone(&stop))));
    }
    (writers, stop, ann)
}

async fn disperse(writers: Vec<JoinHandle<()>>, stop: &AtomicBool) {
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.expect("a writer goes on to the end");
    }
}

/// Waits until a rebuild of all is over.
async fn done(projections: &PgProjections) {
    eventually("the end of the rebuild", async || {
        let list = projections.list().await.expect("the database answers");
        let states: Vec<_> = list.iter().filter_map(|one| one.rebuild.as_ref()).map(|rebuild| rebuild.state).collect();
        assert!(!states.contains(&RebuildState::Failed), "{list:#?}");
        states.iter().all(|state| *state == RebuildState::Done).then_some(())
    })
    .await;
}

async fn rebuild_all(projections: &PgProjections) {
    projections.begin(&MODELS).await.expect("none is under way");
    done(projections).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_gives_what_following_gave_also_while_commands_arrive() {
    let mut world = World::new().await;
    let (projections, _pool) = projections(&world.database).await;
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    fold::one_of_each(&ann, &bob, &ann.room().await).await;
    let (writers, stop, _) = crowd(&world, 3).await;
    let enough = "SELECT (max(position) > 300)::int::bigint FROM events";
    eventually("some events", async || (number(&world.database, enough).await == 1).then_some(())).await;
    disperse(writers, &stop).await;
    world.restart();
    caught_up(&world.database).await;
    let followed = digests(&world.database).await;
    assert!(followed.values().all(|(rows, _)| *rows > 0), "{followed:#?}");
    rebuild_all(&projections).await;
    assert_eq!(digests(&world.database).await, followed, "made anew from the same log");

    assert_eq!(world.erase(&ann.id).0, Some(0));
    let erased = digests(&world.database).await;
    assert_ne!(erased, followed, "their words are gone");
    rebuild_all(&projections).await;
    assert_eq!(digests(&world.database).await, erased, "what is erased is not made again");

    grow_rooms(&world.database, 100).await;
    let (writers, stop, _) = crowd(&world, 3).await;
    rebuild_all(&projections).await;
    let seen = number(&world.database, "SELECT max(position) FROM events").await;
    eventually("events after the rebuild", async || {
        (number(&world.database, "SELECT max(position) FROM events").await > seen + 50).then_some(())
    })
    .await;
    disperse(writers, &stop).await;
    world.restart();
    caught_up(&world.database).await;
    let mixed = digests(&world.database).await;
    rebuild_all(&projections).await;
    caught_up(&world.database).await;
    assert_eq!(digests(&world.database).await, mixed, "made anew among commands, and made anew in peace");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_wait_only_for_a_moment_for_new_tables_also_behind_a_slow_query() {
    let world = World::new().await;
    let (projections, _pool) = projections(&world.database).await;
    let (writers, stop, ann) = crowd(&world, 2).await;
    let mut slow = open(&world.database).await;
    slow.execute("BEGIN; SELECT count(*) FROM room_directory; SELECT count(*) FROM room_members")
        .await
        .expect("it reads");
    let reading = Arc::new(AtomicBool::new(true));
    let reader = {
        let (ann, reading) = (ann.clone(), Arc::clone(&reading));
        tokio::spawn(async move {
            let (mut longest, mut reads) = (Duration::ZERO, 0);
            while reading.load(Ordering::Relaxed) {
                let asked = Instant::now();
                ann.get("/v1/rooms").await.ok();
                longest = longest.max(asked.elapsed());
                reads += 1;
            }
            (longest, reads)
        })
    };
    projections.begin(&["room_directory", "room_members"]).await.expect("none is under way");
    let state = async || projections.status("room_directory").await.expect("it is known").state;
    eventually("the moment to swap", async || (state().await == RebuildState::Swapping).then_some(())).await;
    // Several attempts are made and given up meanwhile.
    let tried =
        "SELECT coalesce(sum(xact_rollback), 0)::bigint FROM pg_stat_database WHERE datname = current_database()";
    let before = number(&world.database, tried).await;
    eventually("attempts that were given up", async || {
        (number(&world.database, tried).await >= before + 3).then_some(())
    })
    .await;
    assert_eq!(state().await, RebuildState::Swapping, "the slow query still reads the old tables");
    slow.execute("COMMIT").await.expect("it ends");
    done(&projections).await;
    reading.store(false, Ordering::Relaxed);
    let (longest, reads) = reader.await.expect("the reader goes on to the end");
    println!("{reads} reads, the longest took {longest:?}");
    // Five times what it may take, for machines that have other things to do.
    assert!(longest < Duration::from_secs(1), "a read took {longest:?}");
    disperse(writers, &stop).await;
}

#[tokio::test]
async fn a_rebuild_is_refused_while_one_is_under_way_and_can_be_called_off() {
    let world = World::new().await;
    let (projections, pool) = projections(&world.database).await;
    let room = world.guest("Ann").await.room().await;
    caught_up(&world.database).await;
    let before = digests(&world.database).await;
    // Nobody can read the log for it.
    let mut lock = open(&world.database).await;
    lock.execute("BEGIN; LOCK TABLE rebuild_buckets IN ACCESS EXCLUSIVE MODE").await.expect("it is given");
    let begun = tokio::spawn({
        let projections = projections.clone();
        async move { projections.begin(&["playlists", "chat_messages"]).await }
    });
    lock.execute("COMMIT").await.expect("it ends");
    begun.await.expect("no panic").expect("none is under way");
    let second = projections.begin(&["room_members", "chat_messages"]).await;
    let over = projections.status("chat_messages").await.expect("it is known").state.is_over();
    match second {
        Err(OperateError::Running(name)) => assert_eq!(name, "chat_messages"),
        // The first was quick.
        other => assert!(over, "{other:?}"),
    }
    done(&projections).await;
    assert_eq!(digests(&world.database).await, before);
    assert!(matches!(projections.cancel("playlists").await, Err(OperateError::NotRunning(_))));
    assert!(matches!(projections.begin(&["nothing"]).await, Err(OperateError::Unknown(_))));

    // Stopped by a slow reader of what it would replace.
    let mut slow = open(&world.database).await;
    slow.execute("BEGIN; SELECT count(*) FROM chat_messages").await.expect("it reads");
    projections.begin(&["chat_messages"]).await.expect("none is under way");
    let refused = projections.begin(&["chat_messages"]).await;
    assert!(matches!(refused, Err(OperateError::Running(_))), "{refused:?}");
    let cancelled = projections.cancel("chat_messages").await.expect("it is under way");
    assert_eq!(cancelled.state, RebuildState::Cancelled);
    slow.execute("COMMIT").await.expect("it ends");
    let left = format!("SELECT count(*) FROM pg_class WHERE relname = 'chat_messages_g{}'", cancelled.generation);
    assert_eq!(number(&world.database, &left).await, 0, "its tables are gone");
    // What was replaced before is kept until it is dropped.
    let kept = projections.list().await.expect("the database answers");
    assert!(kept.iter().any(|one| one.kept == [1]), "{kept:#?}");
    let dropped = projections.drop_old(None).await.expect("the database answers");
    assert!(dropped.contains(&"playlists_g1".to_owned()), "{dropped:?}");
    assert_eq!(digests(&world.database).await, before, "{room}");
    drop(pool);
}
