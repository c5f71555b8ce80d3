//! The documents about the surface, and that it does what they say.

use std::process::Command;

use serde_json::json;

use crate::support::{World, assert_verified, client, rounds, send};

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Runs a program in the repository's folder and wants it to succeed.
async fn succeeds(mut command: Command) {
    command.current_dir(ROOT);
    let output = tokio::task::spawn_blocking(move || command.output().expect("it runs")).await.expect("it ends");
    let text = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&text));
}

#[tokio::test]
async fn the_documents_are_served() {
    let world = World::new().await;
    for (path, name, version) in [("/openapi.json", "openapi", "3.1.0"), ("/asyncapi.json", "asyncapi", "3.0.0")] {
        let document = send(client().get(format!("{}{path}", world.server.url))).await.ok();
        assert_eq!(document[name], version, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_viewer_shows_the_calls_under_the_policy_of_every_page() {
    let world = World::new().await;
    let mut node = Command::new("node");
    node.arg("tests/browser/docs.mjs").arg(&world.server.url);
    succeeds(node).await;
}

/// Installed by `scripts/install.sh --test`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generated_requests_get_documented_answers() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let room = ann.room().await;
    ben.join(&room).await;
    let item = ann.command(&room, json!({ "type": "playlist.add", "url": "http://x.test/a.mp4" })).await.ok();
    let message = ann.command(&room, json!({ "type": "chat.post", "text": "hello" })).await.ok();
    let text = |value: &serde_json::Value| value.as_str().expect("a string").to_owned();

    let mut script = Command::new("scripts/schemathesis.sh");
    script.arg(&world.server.url).arg(rounds(8, 300).to_string());
    script.env("TOKEN", &ann.token).env("OPERATOR", &world.auditor().await.token);
    script.env("ROOM", &room).env("MEMBER", &ben.id);
    script.env("ITEM", text(&item["events"][0]["data"]["item_id"]));
    script.env("MESSAGE", text(&message["events"][0]["data"]["message_id"]));
    succeeds(script).await;
    assert!(!world.server.log().contains("panicked"), "{}", world.server.log());
    assert_verified(&world.database);
}
