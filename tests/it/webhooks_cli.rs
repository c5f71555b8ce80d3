//! `synctv webhook …` and `synctv outbox …`.

use serde_json::{Value, json};

use crate::support::{Hook, Receiver, Reply, World, number, open, outbox, said, told, topic_status, verb, webhook};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test]
async fn webhooks_are_made_shown_and_removed_with_and_without_a_server() {
    let World { server, database, dir: _dir } = World::new().await;
    assert_eq!(told(&webhook(&database, &["list", "--json"])), (0, json!({ "webhooks": [] })));
    assert_eq!(text(&webhook(&database, &["list"]).stdout), "there is no webhook\n");
    let receiver = Receiver::new(|_| Reply::With(503, "retry-after", "3600".to_owned())).await;
    let first = Hook::new(&database, &receiver.url, &[]);
    said(&server.url).await;
    first.becomes("a failure", |status| status["failing"] == 1).await;
    let log = server.log();
    assert!(server.terminate().success());
    let made = webhook(&database, &["add", "https://example.org/x", "--type", "chat.posted", "--type", "room.created"]);
    let said = text(&made.stdout);
    let id = said.split(':').next().expect("an id").to_owned();
    assert!(said.starts_with("whk_") && said.contains(": events after position 5 are sent to https://example.org/x\n"));
    assert!(said.contains("\nsecret, not shown again: whsec_") && said.lines().count() == 2, "{said}");

    let (_, list) = told(&webhook(&database, &["list", "--json"]));
    let second = &list["webhooks"][1];
    assert_eq!((&second["id"], &second["types"]), (&json!(id), &json!(["chat.posted", "room.created"])));
    assert_eq!((&second["url"], &second["paused"]), (&json!("https://example.org/x"), &Value::Null));
    let table = text(&webhook(&database, &["list"]).stdout);
    let words: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(words[0], ["ID", "STATE", "TYPES", "URL"]);
    assert_eq!(words[2], [&*id, "on", "chat.posted,room.created", "https://example.org/x"]);

    let stored: String = sqlx::query_scalar("SELECT string_agg(w::text, '') FROM webhooks w")
        .fetch_one(&mut open(&database).await)
        .await
        .expect("the table is there");
    let secret = first.secret.trim_start_matches("whsec_");
    for shown in [&list.to_string(), &table, &stored, &log, &outbox_text(&database)] {
        assert!(!shown.contains(secret) && !shown.contains("whsec_"), "a secret is in {shown}");
    }

    let removed = webhook(&database, &["remove", &first.id]);
    assert_eq!(text(&removed.stdout), format!("{} is removed; 5 events were not delivered\n", first.id));
    let left =
        "SELECT (SELECT count(*) FROM outbox WHERE topic LIKE 'webhook/%') + (SELECT count(*) FROM outbox_attempts)";
    assert_eq!(number(&database, left).await, 0);
    for name in ["remove", "resume", "test"] {
        let refused = webhook(&database, &[name, &first.id]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused.stderr).contains("there is no webhook whk_"), "{refused:?}");
    }
}

fn outbox_text(database: &str) -> String {
    text(&outbox(database, &["status"]).stdout) + &text(&outbox(database, &["status", "--json"]).stdout)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_can_be_tried() {
    let world = World::new().await;
    let receiver = Receiver::willing().await;
    let hook = Hook::new(&world.database, &receiver.url, &[]);
    let (code, tried) = told(&webhook(&world.database, &["test", &hook.id, "--json"]));
    assert_eq!((code, &tried["taken"], &tried["answer"]), (0, &json!(true), &json!("taken")));
    let delivery = receiver.takes(1).await.remove(0);
    hook.assert_signed(&delivery);
    assert_eq!((&delivery.body["type"], &delivery.body["id"]), (&json!("synctv.webhook.test"), &tried["event"]));
    receiver.now(|_| Reply::Status(401));
    let refused = webhook(&world.database, &["test", &hook.id]);
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(text(&refused.stdout), format!("{}: answered 401 Unauthorized\n", hook.id));
    assert_eq!(hook.status()["waiting"], 0);
}

#[tokio::test]
async fn the_status_shows_every_topic() {
    let world = World::new().await;
    said(&world.server.url).await;
    let receiver = Receiver::new(|_| Reply::With(503, "retry-after", "3600".to_owned())).await;
    let hook = Hook::new(&world.database, &receiver.url, &[]);
    let events = topic_status(&world.database, "events");
    assert_eq!((&events["topic"], &events["dead"], &events["url"]), (&json!("events"), &json!(0), &Value::Null));
    said(&world.server.url).await;
    let status = hook.becomes("a failure", |status| status["failing"] == 1 && status["waiting"] == 5).await;
    assert!(status["oldest_seconds"].as_f64().is_some_and(|age| (0.0..600.0).contains(&age)), "{status:#}");
    assert!(status["owner"].is_string() && status["url"] == receiver.url.as_str(), "{status:#}");
    let plain = outbox(&world.database, &["status"]);
    let table = text(&plain.stdout);
    assert_eq!(plain.status.code(), Some(0), "{table}");
    let lines: Vec<Vec<&str>> = table.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines[0], ["TOPIC", "WAITING", "OLDEST", "FAILING", "DEAD", "OWNER"]);
    assert_eq!(lines[1][0], "events");
    let own = lines.iter().find(|line| line[0] == hook.topic()).expect("its line");
    assert_eq!((own[1], own[4], own[5]), ("5", "1", "0"), "{table}");
    assert!(table.contains("\n  failing: answered 503 Service Unavailable"), "{table}");
}

#[test]
fn a_wrong_wish_is_refused_before_anything_is_done() {
    let nowhere = "postgres://nobody@127.0.0.1:1/nothing";
    for (arguments, hint) in [
        (&["add"][..], "<URL>"),
        (&["add", "example.org"], "https://"),
        (&["add", "https://a:b@example.org/"], "no user"),
        (&["add", "https://example.org/", "--type", "chat.postd"], "chat.posted"),
        (&["remove", "1"], "not a valid webhook id"),
        (&["test"], "<ID>"),
    ] {
        let output = webhook(nowhere, arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(hint), "{arguments:?}: {hint} is not in\n{said}");
    }
    for arguments in
        [&["replay"][..], &["drop"], &["drop", "0"], &["replay", "--all", "4"], &["list-dead", "--limit", "0"]]
    {
        let output = outbox(nowhere, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {}", text(&output.stderr));
    }
    for (name, verbs) in [
        ("webhook", &["add", "list", "remove", "resume", "test"][..]),
        ("outbox", &["status", "list-dead", "replay", "drop"]),
    ] {
        for one in verbs {
            let help = text(&verb(&[name, one, "--help"]).stdout);
            assert!(help.contains("--json") && help.contains("--data-dir"), "{help}");
        }
    }
}
