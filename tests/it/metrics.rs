//! What a server exports about itself.

use std::collections::BTreeMap;

use serde_json::json;

use crate::support::live::Stage;
use crate::support::{Hook, METRICS, TempDir, World, client, synctv};

const RUNBOOK: &str = include_str!("../../runbooks/metrics.md");

/// What the runbook says: by name, the type and the labels with their values.
fn documented() -> BTreeMap<String, (String, String)> {
    let rows = RUNBOOK.lines().filter_map(|line| line.strip_prefix("| `synctv_"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split(" |").map(str::trim).collect();
        let name = format!("synctv_{}", cells[0].trim_end_matches('`'));
        (name, (cells[1].to_owned(), cells[2].to_owned()))
    })
    .collect()
}

#[tokio::test]
async fn the_runbook_lists_exactly_what_is_exported() {
    let stage = Stage::with(&[METRICS]).await;
    let (world, live) = (&stage.world, &stage.room);
    let key = stage.ann.stream_key(live).await;
    let _on_air = stage.on_air(&key).await;
    let ann = world.guest("Ann Secretname").await;
    let room = ann.room().await;
    ann.command(&room, json!({ "type": "chat.post", "text": "a private word" })).await.ok();
    let (_socket, _) = ann.subscribed(&room, "0").await;
    let hook = Hook::new(&world.database, "http://127.0.0.1:1/", &["room.closed"]);
    let delivered = format!("synctv_webhook_attempts_total{{outcome=\"delivered\",webhook=\"{}\"}}", hook.id);
    let (scrape, documented) = (world.server.reaches(&delivered, 0.0).await, documented());
    let names: Vec<_> = scrape.kinds.keys().collect();
    assert_eq!(names, documented.keys().collect::<Vec<_>>());
    for (name, (kind, about)) in &documented {
        assert_eq!(&scrape.kinds[name], kind, "{name}");
        assert!(scrape.helps[name].len() > 10, "{name}");
        let labels = scrape.labels(name);
        let values = labels.values().flatten();
        let streams = name.starts_with("synctv_live_");
        let values = values.filter(|value| name != "synctv_build_info" && **value != hook.id);
        let values = values.filter(|value| !(streams && *value == live));
        let mut words: Vec<&str> = labels.keys().chain(values).map(String::as_str).collect();
        let mut told: Vec<&str> = about.split('`').skip(1).step_by(2).collect();
        words.sort_unstable();
        told.sort_unstable();
        assert_eq!(words, told, "{name}");
    }
    let units = ["_seconds", "_bytes", "_events", "_total", "_info"];
    for (name, _) in scrape.kinds.iter().filter(|(_, kind)| *kind != "gauge") {
        assert!(units.iter().any(|unit| name.ends_with(unit)), "{name} has no unit");
    }
    let operator = std::fs::read_to_string(world.dir.path().join("operator.token")).expect("it was written");
    let text = format!("{scrape:?}");
    for secret in [
        &*room,
        room.trim_start_matches("room_"),
        &ann.id,
        &ann.token,
        "Ann",
        "private",
        operator.trim(),
        &hook.secret,
        &key.secret,
    ] {
        assert!(!text.contains(secret), "{secret:?} is exported");
    }
}

#[tokio::test]
async fn only_metrics_are_at_their_address_and_nowhere_else() {
    let world = World::measured().await;
    let address = world.server.metrics_address();
    let status = async |url: String| client().get(url).send().await.expect("an answer").status().as_u16();
    for path in ["/", "/livez", "/v1/time", "/metrics/", "/metrics/x"] {
        assert_eq!(status(format!("http://{address}{path}")).await, 404, "{path}");
    }
    assert_eq!(client().post(format!("http://{address}/metrics")).send().await.expect("an answer").status(), 405);
    assert_eq!(status(format!("{}/metrics", world.server.url)).await, 404);
    let off = World::new().await;
    assert!(!off.server.log().contains("metrics.ready"));
    assert_eq!(status(format!("{}/metrics", off.server.url)).await, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_in_use_is_told_at_the_start() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let dir = TempDir::new();
    let mut command = synctv(&["serve", "--listen", "127.0.0.1:0", "--metrics-listen", &address, "--data-dir"]);
    let output = command.arg(dir.path()).output().expect("it runs");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(&format!("cannot listen on {address}")), "{said}");
    assert!(!dir.path().join("postgres").exists(), "a database was made");
}
