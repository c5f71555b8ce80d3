//! What is measured in the database when somebody asks.

use serde_json::json;

use crate::support::{Cluster, Guest, METRICS, Server, TempDir, World, open, synctv};

async fn say(guest: &Guest, room: &str, text: &str) {
    guest.command(room, json!({ "type": "chat.post", "text": text })).await.ok();
}

#[tokio::test]
async fn the_outbox_and_the_lag_of_read_models_are_measured() {
    let world = World::measured().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let lag = |unit| format!("synctv_projection_lag_{unit}{{projection=\"room_directory\"}}");
    let scrape = world.server.reaches("synctv_outbox_rows", 2.0).await;
    assert_eq!(scrape.value("synctv_log_head_position"), 2.0);
    let age = scrape.value("synctv_outbox_oldest_age_seconds");
    assert!((0.0..60.0).contains(&age), "{age}");
    world.server.reaches(&lag("events"), 0.0).await;
    // A read model that somebody holds falls behind.
    let mut held = open(&world.database).await;
    sqlx::raw_sql("BEGIN; LOCK TABLE checkpoints IN EXCLUSIVE MODE").execute(&mut held).await.expect("it is given");
    for _ in 0..3 {
        say(&ann, &room, "x").await;
    }
    let scrape = world.server.reaches(&lag("events"), 3.0).await;
    assert!(scrape.value(&lag("seconds")) > 0.0);
    assert_eq!(scrape.value("synctv_outbox_rows"), 5.0);
    assert!(scrape.value("synctv_outbox_oldest_age_seconds") > age);
    sqlx::raw_sql("ROLLBACK").execute(&mut held).await.expect("it is open");
    let scrape = world.server.reaches(&lag("events"), 0.0).await;
    assert_eq!(scrape.value(&lag("seconds")), 0.0);
    assert!(scrape.value("synctv_process_resident_memory_bytes") > 1e6);
    let files = scrape.value("synctv_process_open_files");
    assert!(files > 5.0 && files < scrape.value("synctv_process_open_files_limit"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_gone_is_told_and_what_it_would_say_is_missing() {
    let cluster = Cluster::private();
    let (database, dir) = (cluster.database().await, TempDir::new());
    let mut command = synctv(&[]);
    let server = Server::spawn(command.env("DATABASE_URL", &database).envs([METRICS]), dir.path());
    let world = World { server, database, dir };
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    assert_eq!(world.server.scrape().await.value("synctv_postgresql_up"), 1.0);
    cluster.stop_immediately();
    let scrape = world.server.reaches("synctv_postgresql_up", 0.0).await;
    assert!(!scrape.kinds.contains_key("synctv_log_head_position"), "{scrape:?}");
    let answer = ann.command(&room, json!({ "type": "chat.post", "text": "x" })).await;
    assert_eq!(answer.status, 503, "{answer:?}");
    let failed = "synctv_command_duration_seconds_count{outcome=\"failed\",transport=\"http\"}";
    assert_eq!(world.server.scrape().await.value(failed), 1.0);
    cluster.start();
    let scrape = world.server.reaches("synctv_postgresql_up", 1.0).await;
    assert!(scrape.value("synctv_log_head_position") >= 2.0);
}
