//! Nodes whose clocks differ tell the same position.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Cluster, Fleet, Guest, Redis, Server, open, rounds, synctv};

/// By how much a node's clock is ahead, s.
const AHEAD: u64 = 2;
/// What positions may differ by, ms.
const APART: f64 = 10.0;

/// The library that shows a process another time.
fn faketime() -> PathBuf {
    let of = |architecture: std::fs::DirEntry| architecture.path().join("faketime/libfaketime.so.1");
    let found = std::fs::read_dir("/usr/lib").expect("it is there").flatten().map(of).find(|path| path.exists());
    found.expect("libfaketime is installed (scripts/install.sh --test)")
}

/// How far a node's own clock is ahead of PostgreSQL's by the last line that it logged, s; that was a moment ago.
async fn ahead(server: &Server, database: &str) -> f64 {
    let log = server.log();
    let line: Value = serde_json::from_str(log.lines().last().expect("it has said something")).expect("JSON");
    let sql = "SELECT extract(epoch FROM $1::timestamptz - clock_timestamp())::float8";
    let ahead = sqlx::query_scalar(sql).bind(line["timestamp"].as_str().expect("a time"));
    ahead.fetch_one(&mut open(database).await).await.expect("it can be asked")
}

/// What a node's time is at `zero`, ms: by the answer that came back fastest.
async fn time_at(zero: Instant, node: &Guest) -> f64 {
    let mut best = (f64::MAX, 0.0);
    for _ in 0..rounds(30, 100) {
        let sent = zero.elapsed().as_secs_f64() * 1000.0;
        let answer = node.get("/v1/time?t0=0").await.ok();
        let took = zero.elapsed().as_secs_f64() * 1000.0 - sent;
        let middle = (answer["t1"].as_f64().expect("a time") + answer["t2"].as_f64().expect("a time")) / 2.0;
        if took < best.0 {
            best = (took, middle - (sent + took / 2.0));
        }
    }
    best.1
}

/// Where a node says that the room is at its time `now`, ms.
async fn position(node: &Guest, room: &str, now: f64) -> f64 {
    let playback = node.snapshot(room).await.ok()["playback"].clone();
    assert_eq!(playback["playing"], true, "{playback:#}");
    let number = |name: &str| playback[name].as_f64().expect("a number");
    number("position_ms") + (now - number("anchor_ms")).max(0.0) * number("rate_permille") / 1000.0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_whose_clocks_differ_by_two_seconds_tell_one_position() {
    let (database, redis) = (Cluster::shared().database().await, Redis::start().await);
    let (shared, url, library) = (database.clone(), redis.url(), faketime());
    let prepare = move |node| {
        let mut command = synctv(&[]);
        command.env("DATABASE_URL", &shared).env("REDIS_URL", &url);
        if node == 1 {
            command.env("LD_PRELOAD", &library).env("FAKETIME", format!("+{AHEAD}s"));
            // Only what a clock on the wall would show.
            command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1").env("DONT_FAKE_MONOTONIC", "1");
        }
        command
    };
    let mut fleet = Fleet::made(database, redis, |_| "127.0.0.1:0".to_owned(), Box::new(prepare));
    // Both have just been started, and said so.
    for (node, wanted) in [(0, 0.0), (1, AHEAD as f64)] {
        fleet.kill(node);
        fleet.start(node);
        let told = ahead(fleet.server(node), &fleet.database).await;
        assert!((told - wanted).abs() < 0.9, "the clock of node {node} is {told} s ahead");
    }
    let ann = Guest::new(&fleet.url(1), "Ann").await;
    let room = ann.room().await;
    let add = json!({ "type": "playlist.add", "url": "http://x.test/a.mp4", "duration_ms": 3_600_000 });
    let added = ann.command(&room, add).await.ok();
    let item = &added["events"][0]["data"]["item_id"];
    ann.command(&room, json!({ "type": "playback.select_item", "item_id": item })).await.ok();
    for at in rounds_of_play() {
        // By the node whose clock is ahead, and by one whose is not.
        let there = ann.at(&fleet.url(at));
        there.command(&room, json!({ "type": "playback.seek", "position_ms": 60_000 })).await.ok();
        there.command(&room, json!({ "type": "playback.play" })).await.ok();
        let (zero, mut positions) = (Instant::now(), Vec::new());
        for node in 0..3 {
            let there = ann.at(&fleet.url(node));
            let offset = time_at(zero, &there).await;
            // At one instant for all: five seconds after zero.
            positions.push(position(&there, &room, offset + 5000.0).await);
        }
        println!("positions {positions:?}");
        let apart =
            positions.iter().copied().fold(f64::MIN, f64::max) - positions.iter().copied().fold(f64::MAX, f64::min);
        assert!(apart < APART, "{positions:?} ms");
        // Not because nothing moves.
        assert!(positions[0] > 63_000.0 && positions[0] < 66_000.0, "{positions:?} ms");
        there.command(&room, json!({ "type": "playback.pause" })).await.ok();
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Which node plays, round by round.
fn rounds_of_play() -> impl Iterator<Item = usize> {
    (0..rounds(4, 20)).map(|round| round % 2)
}
