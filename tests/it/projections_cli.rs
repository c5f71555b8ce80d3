//! Projections on the command line, for operators.

use serde_json::{Value, json};

use crate::support::{MODELS, World, count, eventually, head, poison, projection, said, say, shown, told, verb};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Waits until nothing is missing in any projection that is not stopped.
async fn current(database: &str) -> Value {
    eventually("projections to have everything", async || {
        let (_, list) = told(&projection(database, &["list", "--json"]));
        let mut all = list["projections"].as_array().into_iter().flatten();
        all.all(|one| one["lag_events"] == 0 || one["state"] == "stopped").then_some(list)
    })
    .await
}

#[tokio::test]
async fn the_list_says_what_every_projection_is_doing_with_and_without_a_server() {
    let World { server, database, .. } = World::new().await;
    said(&server.url).await;
    let list = current(&database).await;
    let all = list["projections"].as_array().expect("a list");
    assert_eq!(all.iter().map(|one| one["name"].as_str().expect("a name")).collect::<Vec<_>>(), MODELS);
    for one in all {
        assert_eq!((&one["state"], &one["generation"], &one["position"]), (&json!("running"), &json!(1), &json!(5)));
        assert!(one["owner"].is_string() && one["lag_seconds"] == 0.0 && one["kept"] == json!([]), "{one:#}");
    }
    assert!(server.terminate().success());
    let plain = projection(&database, &["list"]);
    assert!(plain.status.success());
    let table = text(&plain.stdout);
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ");
    let lines: Vec<_> = table.lines().map(words).collect();
    assert_eq!(lines.len(), 1 + MODELS.len(), "{table}");
    assert_eq!(lines[0], "NAME STATE GENERATION POSITION LAG OWNER");
    assert_eq!(lines[4], "chat_messages idle 1 5 0 events, 0.0 s -");
}

#[tokio::test]
async fn a_stopped_projection_goes_on_once_its_event_is_skipped_for_good() {
    let World { server, database, .. } = World::new().await;
    let (ann, room) = said(&server.url).await;
    let bad = poison(&database, &ann.room().await).await;
    say(&ann, &room, "behind it").await;
    let stopped = eventually("the projection to stop", async || {
        let shown = shown(&database, "chat_messages");
        (shown["state"] == "stopped").then_some(shown)
    })
    .await;
    assert_eq!((&stopped["poison"]["position"], &stopped["position"]), (&json!(bad), &json!(bad - 1)), "{stopped:#}");
    current(&database).await;
    let list = projection(&database, &["list"]);
    let table = text(&list.stdout);
    assert_eq!((list.status.code(), table.matches("  stopped  ").count()), (Some(1), 1), "{table}");
    assert!(table.contains(&format!("\n  stopped by event {bad} since ")), "{table}");

    // It would stop there again.
    let (code, failed) = told(&projection(&database, &["rebuild", "chat_messages", "--json"]));
    let one = &failed["rebuilds"][0];
    assert_eq!((code, &one["state"]), (1, &json!("failed")), "{failed:#}");
    assert!(one["error"].as_str().is_some_and(|error| error.contains(&format!("event {bad}"))), "{failed:#}");
    let status = text(&projection(&database, &["status", "chat_messages"]).stdout);
    assert!(status.starts_with("chat_messages: the rebuild failed at "), "{status}");

    let skip = |name: &str, position: i64, reason: &str| {
        projection(&database, &["skip", name, &position.to_string(), "--json", "--reason", reason])
    };
    let before = head(&database).await;
    for (name, position, known) in [
        ("chat_messages", bad + 1, format!("event {bad} stops it: ")),
        ("playlists", bad, "nothing stops it".to_owned()),
    ] {
        let refused = skip(name, position, "r");
        let error: Value = serde_json::from_slice(&refused.stderr).expect("JSON");
        let error = error["error"].as_str().expect("a string");
        assert_eq!(refused.status.code(), Some(1), "{error}");
        assert!(error.starts_with(&format!("{name} is not stopped by event {position}; {known}")), "{error}");
    }
    assert_eq!(head(&database).await, before, "a refused skip left an event");
    let (code, skipped) = told(&skip("chat_messages", bad, " a test broke it "));
    let expected =
        json!({ "name": "chat_messages", "position": bad, "reason": "a test broke it", "recorded": before + 1 });
    assert_eq!((code, &skipped), (0, &expected));
    current(&database).await;
    assert_eq!(
        (shown(&database, "chat_messages")["state"].clone(), count(&database, "chat_messages").await),
        (json!("running"), 4)
    );
    assert_eq!(skip("chat_messages", bad, "twice").status.code(), Some(1));
    let (code, made) = told(&projection(&database, &["rebuild", "chat_messages", "--json"]));
    assert_eq!((code, count(&database, "chat_messages").await), (0, 4), "{made:#}");
}

#[test]
fn a_wrong_wish_is_refused_with_what_could_have_been_meant() {
    let long = "x".repeat(501);
    for (arguments, hint) in [
        (&["rebuild", "chat_mesages"][..], "'chat_messages'"),
        (&["status", "x"], "room_directory"),
        (&["cancel", "x"], "watch_time"),
        (&["drop-old", "x"], "audit_index"),
        (&["skip", "x", "1", "--reason", "r"], "playback_history"),
        (&["rebuild"], "<NAME|--all>"),
        (&["rebuild", "playlists", "--all"], "cannot be used with"),
        (&["cancel"], "<NAME>"),
        (&["skip", "playlists", "1"], "--reason <TEXT>"),
        (&["skip", "playlists", "0", "--reason", "r"], "0 is not in 1.."),
        (&["skip", "playlists", "one", "--reason", "r"], "'one'"),
        (&["skip", "playlists", "1", "--reason", " "], "1 to 500 characters"),
        (&["skip", "playlists", "1", "--reason", &long], "1 to 500 characters"),
        (&["skip", "playlists", "1", "--reason", "a\nb"], "no control characters"),
    ] {
        let output = projection("postgres://nobody@127.0.0.1:1/nothing", arguments);
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(hint), "{arguments:?}: {hint} is not in\n{said}");
    }
    for name in ["list", "rebuild", "status", "cancel", "skip", "drop-old"] {
        let help = text(&verb(&["projection", name, "--help"]).stdout);
        assert!(help.contains("--json") && help.contains("--data-dir"), "{help}");
        assert!(name == "list" || MODELS.iter().all(|name| help.contains(name)), "{help}");
    }
    let nowhere = verb(&["projection", "list", "--data-dir", "/nowhere/at/all"]);
    assert_eq!(nowhere.status.code(), Some(1));
}
