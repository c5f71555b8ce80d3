//! The page, in a real browser.

use std::process::Command;

use crate::support::{World, assert_verified};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_people_follow_one_video_on_the_page() {
    let world = World::new().await;
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/browser/two_people.mjs");
    let mut node = Command::new("node");
    node.arg(script).arg(&world.server.url).arg(world.dir.path());
    let output = tokio::task::spawn_blocking(move || node.output().expect("node runs")).await.expect("it ends");
    let text = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&text));
    assert_verified(&world.database);
}
