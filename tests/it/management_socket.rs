//! The socket in the data directory.

use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::Path;

use serde_json::json;

use crate::support::{
    APPEND, BINARY, Cluster, Guest, Held, Server, Stop, TempDir, World, blocked, outcome, program, server_status,
    signal, synctv,
};

const NOBODY: u32 = 65_534;

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|me| me.uid() == 0)
}

#[tokio::test]
async fn only_its_owner_connects_to_the_socket() {
    let world = World::new().await;
    let found = std::fs::symlink_metadata(world.dir.path().join("synctv.sock")).expect("it is there");
    assert!(found.file_type().is_socket());
    let owner = std::fs::metadata("/proc/self").expect("there is one").uid();
    assert_eq!((found.mode() & 0o7777, found.uid()), (0o600, owner));
    // Who is no root cannot be somebody else.
    if !is_root() {
        return;
    }
    let home = TempDir::new();
    let binary = home.path().join("synctv");
    std::fs::copy(BINARY, &binary).expect("there is space");
    for path in [home.path(), &binary, world.dir.path()] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("they are ours");
    }
    for verb in ["status", "stop"] {
        let mut command = program(&binary, &[verb, "--json", "--data-dir"]);
        let (code, told) = outcome(command.arg(world.dir.path()).uid(NOBODY).gid(NOBODY).current_dir("/"));
        let told = told["error"].as_str().expect("a sentence");
        assert!(code == Some(1) && told.starts_with("permission denied: "), "{verb}: {told}");
    }
    assert_eq!(server_status(world.dir.path()).0, Some(0));
}

fn pid(data_dir: &Path) -> serde_json::Value {
    let (code, told) = server_status(data_dir);
    assert_eq!(code, Some(0), "{told:#}");
    told["pid"].clone()
}

#[tokio::test]
async fn a_killed_server_leaves_a_socket_that_the_next_one_replaces() {
    let mut world = World::new().await;
    world.server.halt();
    assert!(world.dir.path().join("synctv.sock").exists(), "somebody tidied up");
    let (code, told) = server_status(world.dir.path());
    let told = told["error"].as_str().expect("a sentence");
    assert!(code == Some(1) && told.starts_with("no server runs with the data directory "), "{told}");
    world.server = Server::start(&world.database, world.dir.path());
    assert_eq!(pid(world.dir.path()), json!(world.server.id()));
}

#[tokio::test]
async fn when_a_stop_has_ended_the_next_server_may_be_started() {
    let World { server, database, dir } = World::new().await;
    let ann = Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    let _lock = Held::new(&database, APPEND).await;
    tokio::spawn(async move { ann.try_keyed(&room, &json!({ "type": "chat.post", "text": "x" }), "k").await });
    blocked(&database, APPEND, &[]).await;
    // Who hangs is given a moment to hear the end: the process is not gone yet when the other one has heard it.
    let hangs = Stop::of(dir.path(), &[]);
    hangs.until("it drains", |line| line["phase"] == "draining").await;
    signal(hangs.id(), "STOP");
    let (code, lines) = Stop::of(dir.path(), &["--now"]).end().await;
    assert_eq!(code, Some(0), "{lines:?}");
    let next = Server::start(&database, dir.path());
    assert_eq!(pid(dir.path()), json!(next.id()));
    signal(hangs.id(), "CONT");
    assert_eq!(hangs.end().await.0, Some(0));
    assert_eq!(pid(dir.path()), json!(next.id()), "who was too late took its socket away");
}

#[tokio::test]
async fn a_server_that_is_refused_leaves_the_socket_of_the_one_that_runs() {
    let world = World::new().await;
    let mut second = synctv(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    let refused = second.arg(world.dir.path()).env("DATABASE_URL", &world.database).output().expect("it runs");
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(pid(world.dir.path()), json!(world.server.id()));
}

#[tokio::test]
async fn a_data_directory_may_be_deeper_than_sockets_may() {
    let (dir, database) = (TempDir::new(), Cluster::shared().database().await);
    let deep = dir.path().join("d".repeat(60)).join("e".repeat(60));
    let server = Server::start(&database, &deep);
    assert_eq!(pid(&deep), json!(server.id()));
    assert!(server.terminate().success());
    assert!(!deep.join("synctv.sock").exists());
}
