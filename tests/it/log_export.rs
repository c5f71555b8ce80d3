//! The log as it is stored, for those who verify it outside.

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sqlx::Row;

use crate::support::{Guest, TempDir, World, eventually, grow, number, open, run, synctv};

/// Lines of an export, and its log id and head.
struct Exported {
    text: String,
    log_id: String,
    head: String,
}

impl Exported {
    fn lines(&self) -> Vec<Value> {
        assert!(self.text.is_empty() || self.text.ends_with('\n'), "the last line has no end");
        self.text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }
}

async fn export(auditor: &Guest, query: &str) -> Exported {
    let request = auditor.request(Method::GET, &format!("/v1/log{query}")).header("accept", "application/x-ndjson");
    let response = request.send().await.expect("the server answers");
    assert_eq!(response.status(), 200, "{query}");
    let header = |name: &str| response.headers()[name].to_str().expect("text").to_owned();
    assert_eq!(header("content-type"), "application/x-ndjson");
    let (log_id, head) = (header("synctv-log-id"), header("synctv-head"));
    Exported { text: response.text().await.expect("it is whole"), log_id, head }
}

/// The hash of a line as `runbooks/audit.md` has it; nothing of the server is used.
fn recomputed(line: &Value, previous: &str) -> String {
    let text = |name: &str| line[name].as_str().unwrap_or_else(|| panic!("{name} is no text")).to_owned();
    let number = |name: &str| line[name].as_i64().unwrap_or_else(|| panic!("{name} is no number"));
    let mut content = Sha256::new();
    for name in ["event_id", "stream_type", "stream_id", "type", "payload", "metadata", "command_id"] {
        content.update((text(name).len() as i64).to_be_bytes());
        content.update(text(name).as_bytes());
    }
    content.update((number("version") as i16).to_be_bytes());
    let mut link = Sha256::new();
    link.update(bytes(previous));
    for name in ["position", "seq", "recorded_at_us"] {
        link.update(number(name).to_be_bytes());
    }
    link.update(content.finalize());
    hex(&link.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex")).collect()
}

/// The first position that is wrong; None: the chain is whole.
fn first_wrong(lines: &[Value], log_id: &str) -> Option<i64> {
    let mut previous = hex(&Sha256::digest(log_id));
    for (position, line) in (1..).zip(lines) {
        let hash = recomputed(line, &previous);
        if line["position"] != position || line["previous"] != previous || line["hash"] != hash {
            return Some(position);
        }
        previous = hash;
    }
    None
}

/// Texts that JSON spells in more than one way.
async fn talk(world: &World) -> (Guest, String) {
    let ann = world.guest("Ann \u{1f3ac}").await;
    let room = ann.room().await;
    let item = json!({ "type": "playlist.add", "url": "http://x.test/a?b=c/d", "title": "\"quoted\" \\ / é" });
    ann.command(&room, item).await.ok();
    for text in ["hello", "\"\\/\n\t", "\u{1f600} 中文 ́"] {
        ann.keyed(&room, &json!({ "type": "chat.post", "text": text }), "  a key with \" and \\  ").await;
        ann.command(&room, json!({ "type": "chat.post", "text": text })).await.ok();
    }
    (ann, room)
}

#[tokio::test]
async fn an_export_is_verified_by_recomputing_every_hash() {
    let world = World::new().await;
    talk(&world).await;
    let auditor = world.auditor().await;
    let exported = export(&auditor, "").await;
    let lines = exported.lines();
    assert_eq!(first_wrong(&lines, &exported.log_id), None);
    // It says what is stored, byte for byte.
    let mut connection = open(&world.database).await;
    let sql = "SELECT position, payload::text, metadata::text, encode(hash, 'hex') FROM events ORDER BY position";
    let rows = sqlx::query(sql).fetch_all(&mut connection).await.expect("the table is there");
    assert_eq!(rows.len(), lines.len());
    for (row, line) in rows.iter().zip(&lines) {
        let stored = json!([row.get::<i64, _>(0), row.get::<&str, _>(1), row.get::<&str, _>(2), row.get::<&str, _>(3)]);
        assert_eq!(json!([line["position"], line["payload"], line["metadata"], line["hash"]]), stored);
    }
    // It ends with the head that the log signs.
    let mut head = synctv(&["log", "head", "--json", "--data-dir"]);
    let head = head.arg(world.dir.path()).env("DATABASE_URL", &world.database).output().expect("the binary runs");
    let head: Value = serde_json::from_slice(&head.stdout).expect("JSON");
    let last = lines.last().expect("there are some");
    assert_eq!((&head["position"], &head["hash"]), (&last["position"], &last["hash"]));
    assert_eq!(head["log_id"], exported.log_id);
    assert_eq!(exported.head, format!("{}:{}", head["epoch"].as_str().expect("a string"), head["position"]));
    // What is personal stays sealed.
    for text in ["hello", "Ann", "中文"] {
        assert!(!exported.text.contains(text), "{text} can be read");
    }
    // Whatever is changed on the way is seen.
    for (field, changed) in [
        ("payload", json!("{}")),
        ("metadata", json!(lines[3]["metadata"].as_str().map(|text| text.replace("role:", "rule:")))),
        ("seq", json!(9)),
        ("recorded_at_us", json!(1)),
        ("version", json!(2)),
        ("command_id", json!("x")),
        ("event_id", json!("evt_x")),
        ("hash", lines[4]["hash"].clone()),
    ] {
        let mut forged = lines.clone();
        forged[3][field] = changed;
        assert_eq!(first_wrong(&forged, &exported.log_id), Some(4), "{field}");
    }
    let mut cut = lines.clone();
    cut.remove(3);
    assert_eq!(first_wrong(&cut, &exported.log_id), Some(4));
    assert_eq!(first_wrong(&lines, "another log"), Some(1));
}

#[tokio::test]
async fn a_part_of_an_export_can_be_verified_line_by_line() {
    let world = World::new().await;
    let (ann, room) = talk(&world).await;
    ann.command(&ann.room().await, json!({ "type": "chat.post", "text": "elsewhere" })).await.ok();
    let auditor = world.auditor().await;
    let whole = export(&auditor, "").await.lines();
    for (query, matches) in [
        ("?limit=3".to_owned(), &(|line: &Value| line["position"].as_i64() <= Some(3)) as &dyn Fn(&Value) -> bool),
        ("?after=4".to_owned(), &|line| line["position"].as_i64() > Some(4)),
        ("?type=chat.posted".to_owned(), &|line| line["type"] == "chat.posted"),
        (format!("?room={room}&limit=5"), &|line| line["stream_id"] == *room && line["seq"].as_i64() <= Some(5)),
        (format!("?actor={}", ann.id), &|_| true),
        ("?actor=system".to_owned(), &|_| false),
    ] {
        let lines = export(&auditor, &query).await.lines();
        assert_eq!(lines, whole.iter().filter(|line| matches(line)).cloned().collect::<Vec<_>>(), "{query}");
        for line in lines {
            assert_eq!(line["hash"], recomputed(&line, line["previous"].as_str().expect("a string")), "{query}");
        }
    }
}

#[tokio::test]
async fn an_export_has_no_limit_and_is_not_held_in_memory() {
    let world = World::new().await;
    talk(&world).await;
    let auditor = world.auditor().await;
    grow(&world.database, 60_000).await;
    // What else reads what is new has read it.
    let last = crate::support::head(&world.database).await;
    eventually("the read models", async || {
        let behind = format!("SELECT coalesce(max({last} - position), {last}) FROM checkpoints");
        (number(&world.database, &behind).await == 0).then_some(())
    })
    .await;
    export(&auditor, "?after=50000").await;
    let before = peak(world.server.id());
    let request = auditor.request(Method::GET, "/v1/log").header("accept", "application/x-ndjson");
    let mut response = request.send().await.expect("the server answers");
    let (mut size, mut lines) = (0, 0);
    while let Some(chunk) = response.chunk().await.expect("it is whole") {
        size += chunk.len();
        lines += chunk.iter().filter(|byte| **byte == b'\n').count();
    }
    let grown = peak(world.server.id()).saturating_sub(before);
    assert_eq!(lines as i64, last);
    assert!(size > 40_000_000 && grown < size / 4, "{size} bytes were sent, and {grown} more were held");
}

#[tokio::test]
async fn an_export_that_fails_on_its_way_is_not_taken_for_a_whole_one() {
    let world = World::new().await;
    talk(&world).await;
    grow(&world.database, 60_000).await;
    let auditor = world.auditor().await;
    let request = auditor.request(Method::GET, "/v1/log").header("accept", "application/x-ndjson");
    let mut response = request.send().await.expect("the server answers");
    response.chunk().await.expect("it begins").expect("it begins");
    // More is left than fits between server and reader.
    run(&world.database, "ALTER TABLE events RENAME TO out_of_reach").await;
    let end = loop {
        match response.chunk().await {
            Ok(Some(_)) => {}
            Ok(None) => break "whole",
            Err(_) => break "cut off",
        }
    };
    assert_eq!(end, "cut off");
}

/// Bytes that a process held at most.
fn peak(pid: u32) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("this is Linux");
    line.trim().trim_end_matches(" kB").trim().parse::<usize>().expect("a number") * 1024
}

#[tokio::test]
async fn an_export_stays_verifiable_after_an_erasure() {
    let world = World::new().await;
    let (ann, _) = talk(&world).await;
    let auditor = world.auditor().await;
    let before = export(&auditor, "").await;
    let mut erase = synctv(&["subject", "erase", &ann.id, "--data-dir"]);
    let erased = erase.arg(TempDir::new().path()).env("DATABASE_URL", &world.database).output();
    assert!(erased.expect("the binary runs").status.success());
    let after = export(&auditor, "").await;
    assert_eq!(after.text, before.text);
    assert_eq!(first_wrong(&after.lines(), &after.log_id), None);
}

#[tokio::test]
async fn events_come_as_cloudevents_in_every_manner() {
    let world = World::new().await;
    talk(&world).await;
    let auditor = world.auditor().await;
    let plain = auditor.get("/v1/log?limit=1000").await.ok();
    let plain = plain["events"].as_array().expect("a list").clone();
    let path = "/v1/log?limit=1000&format=cloudevents";
    let page = auditor.request(Method::GET, path).send().await.expect("the server answers");
    let header = |name: &str| page.headers().get(name).map(|value| value.to_str().expect("text").to_owned());
    assert_eq!(header("content-type").as_deref(), Some("application/cloudevents-batch+json"));
    assert!(header("synctv-head").is_some_and(|head| head.ends_with(&format!(":{}", plain.len()))));
    assert_eq!(header("synctv-next"), None);
    let batch: Vec<Value> = page.json().await.expect("a batch is a list");
    let exported = export(&auditor, "?format=cloudevents").await;
    let stored = export(&auditor, "").await.lines();
    let lines = exported.lines();
    let mut stream = auditor.stream(path, None).await;
    assert_eq!((batch.len(), lines.len()), (plain.len(), plain.len()));
    for (index, event) in plain.iter().enumerate() {
        let sent = stream.next().await.expect("the stream goes on");
        assert_eq!((&sent.data, sent.event), (&batch[index], None));
        assert_eq!(batch[index], cloud_event(event, &exported.log_id));
        let mut sealed = batch[index].clone();
        sealed["data"] = serde_json::from_str(stored[index]["payload"].as_str().expect("text")).expect("JSON");
        sealed["hash"] = stored[index]["hash"].clone();
        assert_eq!(lines[index], sealed);
    }
    let first = auditor.request(Method::GET, "/v1/log?limit=2&format=cloudevents").send().await.expect("an answer");
    assert_eq!(first.headers()["synctv-next"], "2");
}

/// What CloudEvents 1.0 makes of an event of ours.
fn cloud_event(event: &Value, log_id: &str) -> Value {
    let text = |name: &str| event[name].as_str().expect("a string").to_owned();
    let attributes = json!({
        "specversion": "1.0", "id": text("id"), "source": format!("urn:synctv:log:{log_id}"), "type": text("type"),
        "subject": text("room_id"), "time": text("at"), "datacontenttype": "application/json",
        "dataschema": format!("urn:synctv:event:{}:{}", text("type"), event["v"]),
        "sequence": format!("{:019}", event["position"].as_i64().expect("a number")),
        "roomseq": event["seq"].to_string(), "actorid": event["actor"]["id"], "decidedby": text("decided_by"),
        "commandid": text("command_id"), "data": event["data"],
    });
    for name in attributes.as_object().expect("an object").keys() {
        let plain = name.len() <= 20 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        assert!(plain, "{name} is no name of an attribute");
    }
    attributes
}
