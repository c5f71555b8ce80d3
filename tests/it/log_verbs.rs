//! The log on the command line, for auditors.

use std::path::Path;
use std::process::Output;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Cluster, Guest, Server, TempDir, World, grow, synctv, verb};

const SECRET: &str = "0123456789-0123456789-0123456789-secret";

fn log(database: &str, arguments: &[&str]) -> Output {
    let empty = TempDir::new();
    let mut command = synctv(&["log"]);
    command.args(arguments).arg("--data-dir").arg(empty.path()).env("DATABASE_URL", database);
    command.output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[track_caller]
fn shown(output: &Output) -> Value {
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stdout)))
}

/// One room with a sentence in it.
async fn said(url: &str) -> (Guest, String) {
    let ann = Guest::new(url, "Ann").await;
    let room = ann.room().await;
    ann.command(&room, json!({ "type": "chat.post", "text": "a sentence" })).await.ok();
    (ann, room)
}

#[tokio::test]
async fn a_query_shows_what_the_server_shows_with_and_without_it() {
    let world = World::new().await;
    let (ann, room) = said(&world.server.url).await;
    said(&world.server.url).await;
    let auditor = world.auditor().await;
    let all = auditor.get("/v1/log?limit=1000").await.ok();
    let at = all["events"][2]["at"].as_str().expect("a string").to_owned();
    let mut asked = Vec::new();
    for [name, value] in [
        ["limit", "1000"],
        ["limit", "2"],
        ["after", "2"],
        ["actor", &ann.id],
        ["room", &room],
        ["type", "chat.posted"],
        ["since", &at],
        ["until", &at],
    ] {
        let page = auditor.get(&format!("/v1/log?{name}={value}")).await.ok();
        let flag = format!("--{name}");
        let arguments = ["query", "--json", &flag, value].map(str::to_owned);
        assert_eq!(shown(&log(&world.database, &arguments.each_ref().map(String::as_str))), page, "{flag} {value}");
        asked.push((arguments, page));
    }
    assert!(asked.iter().any(|(_, page)| page["next"] == 2));
    let World { server, database, .. } = world;
    assert!(server.terminate().success());
    for (arguments, page) in asked {
        assert_eq!(shown(&log(&database, &arguments.each_ref().map(String::as_str))), page, "{arguments:?}");
    }
    let plain = log(&database, &["query", "--limit", "3"]);
    let lines = text(&plain.stdout);
    assert_eq!(lines.lines().count(), 3, "{lines}");
    assert!(lines.lines().nth(2).is_some_and(|line| line.starts_with("3  ") && line.contains("a sentence")), "{lines}");
    assert_eq!(text(&plain.stderr).trim(), "more: --after 3");
}

#[tokio::test]
async fn a_query_looks_on_until_it_has_found_what_it_was_asked_for() {
    let world = World::new().await;
    let (_, room) = said(&world.server.url).await;
    grow(&world.database, 45_000).await;
    let again = world.guest("Ann").await;
    again.join(&room).await;
    let found = shown(&log(&world.database, &["query", "--json", "--type", "member.joined", "--limit", "2"]));
    let positions: Vec<_> = found["events"].as_array().into_iter().flatten().map(|event| &event["position"]).collect();
    assert_eq!(positions, [&json!(2), &json!(45_004)]);
}

#[tokio::test]
async fn an_export_is_the_same_from_the_command_line() {
    let world = World::new().await;
    let (_, room) = said(&world.server.url).await;
    said(&world.server.url).await;
    let auditor = world.auditor().await;
    let dir = TempDir::new();
    let file = dir.path().join("log.ndjson");
    for (query, flags) in [
        (String::new(), vec![]),
        (format!("?room={room}"), vec!["--room", &room]),
        ("?after=4".into(), vec!["--after", "4"]),
    ] {
        let request = auditor.request(Method::GET, &format!("/v1/log{query}")).header("accept", "application/x-ndjson");
        let expected = request.send().await.expect("the server answers").text().await.expect("it is whole");
        let plain = log(&world.database, &[&["export"], &flags[..]].concat());
        assert_eq!((plain.status.code(), text(&plain.stdout)), (Some(0), expected.clone()), "{flags:?}");
        let told = shown(&log(&world.database, &[&["export", "--json", "-o", path(&file)], &flags[..]].concat()));
        assert_eq!(std::fs::read_to_string(&file).expect("it was written"), expected, "{flags:?}");
        assert_eq!((&told["events"], &told["head"]["position"]), (&json!(expected.lines().count()), &json!(6)));
    }
    let World { server, database, .. } = world;
    let before = log(&database, &["export"]).stdout;
    assert!(server.terminate().success());
    assert_eq!(log(&database, &["export"]).stdout, before);
    // A part is never left under the name of the whole.
    let nowhere = dir.path().join("none/log.ndjson");
    let failed = log(&database, &["export", "-o", path(&nowhere)]);
    assert_eq!(failed.status.code(), Some(1), "{}", text(&failed.stderr));
    let left: Vec<_> =
        std::fs::read_dir(dir.path()).expect("it is ours").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["log.ndjson"]);
}

fn path(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

#[tokio::test]
async fn a_question_to_the_log_that_is_wrong_is_told() {
    let world = World::new().await;
    said(&world.server.url).await;
    for verb in ["query", "export"] {
        for flags in [
            ["--after", "-1"],
            ["--after", "x"],
            ["--actor", "ann"],
            ["--room", "x"],
            ["--since", "yesterday"],
            ["--until", "2026-02-30T00:00:00Z"],
            ["--order", "desc"],
        ] {
            let output = log(&world.database, &[&[verb], &flags[..]].concat());
            assert_eq!(output.status.code(), Some(2), "{verb} {flags:?}: {}", text(&output.stderr));
        }
        for place in ["4", "other:1"] {
            let output = log(&world.database, &[verb, "--json", "--after", place]);
            let error: Value = serde_json::from_slice(&output.stderr).expect("JSON");
            let told = error["error"].as_str().expect("a string");
            assert!(output.status.code() == Some(1) && told.contains("not a place"), "{verb} {place}: {told}");
        }
        let help = text(&super::support::verb(&["log", verb, "--help"]).stdout);
        for flag in ["--after", "--actor", "--room", "--type", "--since", "--until", "--data-dir"] {
            assert!(help.contains(flag), "{verb}: {flag} is not in\n{help}");
        }
    }
    assert_eq!(log(&world.database, &["query", "--limit", "1001"]).status.code(), Some(2));
    assert_eq!(verb(&["log", "query", "--data-dir", "/nowhere/at/all"]).status.code(), Some(1));
}

#[tokio::test]
async fn what_is_personal_stays_sealed_without_the_servers_key() {
    let database = Cluster::shared().database().await;
    let dir = TempDir::new();
    let mut command = synctv(&[]);
    let server = Server::spawn(command.env("DATABASE_URL", &database).env("SYNCTV_CREDENTIAL_KEY", SECRET), dir.path());
    said(&server.url).await;
    let sealed = log(&database, &["query", "--json"]);
    let page = shown(&sealed);
    assert!(page["events"][2]["data"]["text"]["sealed"].is_string(), "{page:#}");
    assert!(text(&sealed.stderr).contains("SYNCTV_CREDENTIAL_KEY"), "{}", text(&sealed.stderr));
    let opened = shown(&log(&database, &["query", "--json", "--credential-key", SECRET]));
    assert_eq!(opened["events"][2]["data"]["text"], "a sentence");
    let wrong = log(&database, &["query", "--credential-key", &SECRET.replace('0', "1")]);
    assert_eq!(wrong.status.code(), Some(1));
    // Looking left nothing behind: the server still starts with its own key alone.
    assert!(server.terminate().success());
    drop(Server::spawn(synctv(&[]).env("DATABASE_URL", &database).env("SYNCTV_CREDENTIAL_KEY", SECRET), dir.path()));
    assert_eq!(crate::support::number(&database, "SELECT count(*) FROM secrets WHERE name = 'credential'").await, 0);
}
