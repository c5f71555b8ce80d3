//! Rebuilds on the command line, for operators.

use std::io::Read;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection};

use crate::support::{
    BINARY, Cluster, MODELS, Server, TempDir, World, caught_up, count, eventually, number, open, projection, run, said,
    say, shown, signal, start, synctv, told,
};

const SECRET: &str = "0123456789-0123456789-0123456789-secret";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A database with a room, its read models, and no server.
async fn quiet() -> String {
    let World { server, database, .. } = World::new().await;
    said(&server.url).await;
    caught_up(&database).await;
    assert!(server.terminate().success());
    database
}

/// A reader that does not end: nothing can be put in place of this table.
async fn reader(database: &str, table: &str) -> PgConnection {
    let mut connection = open(database).await;
    connection.execute(&*format!("BEGIN; LOCK TABLE {table} IN ACCESS SHARE MODE")).await.expect("it is there");
    connection
}

/// Waits until a rebuild waits for such a reader; what is said of it then.
async fn swapping(database: &str, name: &str) -> Value {
    eventually("the rebuild to wait for the reader", async || {
        let rebuild = shown(database, name)["rebuild"].take();
        (rebuild["state"] == "swapping").then_some(rebuild)
    })
    .await
}

#[tokio::test]
async fn a_rebuild_makes_what_was_lost_anew_beside_a_server_and_without_one() {
    let World { server, database, .. } = World::new().await;
    let (ann, room) = said(&server.url).await;
    caught_up(&database).await;
    run(&database, "DELETE FROM chat_messages").await;
    let (code, made) = told(&projection(&database, &["rebuild", "chat_messages", "--json"]));
    let one = &made["rebuilds"][0];
    assert_eq!((code, &one["name"], &one["state"]), (0, &json!("chat_messages"), &json!("done")), "{made:#}");
    assert_eq!((&one["generation"], &one["events"], &one["kept"]), (&json!(2), &json!(5), &json!([1])), "{made:#}");
    assert!(one["seconds"].as_f64() > Some(0.0) && one["events_per_second"].as_f64() > Some(0.0), "{made:#}");
    assert_eq!((count(&database, "chat_messages").await, count(&database, "chat_messages_g1").await), (3, 0));
    // The server goes on with the new tables.
    say(&ann, &room, "four").await;
    caught_up(&database).await;
    assert_eq!(count(&database, "chat_messages").await, 4);

    assert!(server.terminate().success());
    run(&database, "DELETE FROM chat_messages; DELETE FROM audit_index; DELETE FROM room_directory").await;
    let plain = projection(&database, &["rebuild", "--all"]);
    let lines = text(&plain.stdout);
    assert!(plain.status.success(), "{lines}{}", text(&plain.stderr));
    assert_eq!(lines.lines().count(), MODELS.len(), "{lines}");
    let chat = "chat_messages: generation 3 is in place; 6 events in ";
    let kept = "generation 2 is kept until `synctv projection drop-old chat_messages`";
    assert!(lines.lines().any(|line| line.starts_with(chat) && line.ends_with(kept)), "{lines}");
    for (table, expected) in [("chat_messages", 4), ("audit_index", 6), ("room_directory", 1)] {
        assert_eq!(count(&database, table).await, expected, "{table}");
    }
    assert_eq!(shown(&database, "chat_messages")["kept"], json!([1, 2]));
}

#[tokio::test]
async fn earlier_generations_are_kept_until_dropped() {
    let database = quiet().await;
    assert!(projection(&database, &["rebuild", "--all"]).status.success());
    let (code, one) = told(&projection(&database, &["drop-old", "chat_messages", "--json"]));
    assert_eq!((code, &one), (0, &json!({ "dropped": ["chat_messages_g1"] })));
    assert!(
        shown(&database, "chat_messages")["kept"] == json!([]) && shown(&database, "playlists")["kept"] == json!([1])
    );
    let rest = text(&projection(&database, &["drop-old"]).stdout);
    assert!(rest.starts_with("dropped ") && rest.contains("room_directory_g1"), "{rest}");
    let tables = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relname ~ '_g[0-9]+$'";
    assert_eq!(number(&database, tables).await, 0);
    assert_eq!(text(&projection(&database, &["drop-old"]).stdout), "no earlier generation is kept\n");
    assert_eq!(count(&database, "chat_messages").await, 3);
}

#[tokio::test]
async fn a_second_rebuild_is_refused_and_the_first_can_be_called_off() {
    let database = quiet().await;
    let never = text(&projection(&database, &["status", "chat_messages"]).stdout);
    assert_eq!(never, "chat_messages: was never rebuilt\n");
    let held = reader(&database, "chat_messages").await;
    let first = start(&database, &["rebuild", "chat_messages", "--json"]);
    let rebuild = swapping(&database, "chat_messages").await;
    let owner = rebuild["owner"].as_str().expect("somebody works on it").to_owned();
    assert!(owner.starts_with(&format!("verb-{}-", first.id())), "{owner}");
    for second in [&["rebuild", "chat_messages"][..], &["rebuild", "--all"]] {
        let refused = projection(&database, second);
        let said = text(&refused.stderr);
        assert_eq!((refused.status.code(), text(&refused.stdout)), (Some(1), String::new()), "{second:?}");
        assert!(said.contains("chat_messages is being rebuilt already") && said.contains(&owner), "{said}");
    }
    // Nothing was begun of what could have been.
    assert_eq!(shown(&database, "playlists")["rebuild"], Value::Null);
    let now = text(&projection(&database, &["status"]).stdout);
    assert!(now.contains(&format!("swapping, by {owner}")) && now.contains("playlists: was never rebuilt"), "{now}");

    let (code, cancelled) = told(&projection(&database, &["cancel", "chat_messages", "--json"]));
    assert_eq!((code, &cancelled["state"], &cancelled["generation"]), (0, &json!("cancelled"), &json!(2)));
    let (code, first) = told(&first.wait_with_output().expect("it ends"));
    assert_eq!((code, &first["rebuilds"][0]["state"]), (1, &json!("cancelled")), "{first:#}");
    held.close().await.expect("it is open");
    assert_eq!(shown(&database, "chat_messages")["generation"], 1);
    let (_, status) = told(&projection(&database, &["status", "chat_messages", "--json"]));
    assert_eq!(status["rebuilds"][0]["state"], "cancelled");
    let again = projection(&database, &["cancel", "chat_messages"]);
    assert_eq!(again.status.code(), Some(1));
    assert!(text(&again.stderr).contains("chat_messages is not being rebuilt"), "{}", text(&again.stderr));
}

#[tokio::test]
async fn an_interrupted_rebuild_of_all_is_taken_up_where_it_was() {
    let database = quiet().await;
    // The last of them.
    let held = reader(&database, "watch_time").await;
    let first = start(&database, &["rebuild", "--all"]);
    swapping(&database, "watch_time").await;
    signal(first.id(), "INT");
    let first = first.wait_with_output().expect("it ends");
    let said = text(&first.stderr);
    assert_eq!((first.status.code(), text(&first.stdout)), (Some(1), String::new()), "{said}");
    assert!(
        said.contains("`synctv projection rebuild --all`") && said.contains("`synctv projection cancel NAME`"),
        "{said}"
    );
    let left = shown(&database, "watch_time");
    assert_eq!((&left["generation"], &left["rebuild"]["owner"]), (&json!(1), &Value::Null), "{left:#}");
    let plain = text(&projection(&database, &["list"]).stdout);
    assert!(plain.contains("rebuild to generation 2: swapping, waits for somebody"), "{plain}");

    let second = start(&database, &["rebuild", "--all", "--json"]);
    eventually("the second to be at work", async || {
        shown(&database, "watch_time")["rebuild"]["owner"].is_string().then_some(())
    })
    .await;
    held.close().await.expect("it is open");
    let second = second.wait_with_output().expect("it ends");
    assert_eq!(text(&second.stderr), "resuming the rebuild of watch_time, which nobody was at work on\n");
    let (code, made) = told(&second);
    assert_eq!((code, made["rebuilds"].as_array().map(Vec::len)), (0, Some(1)), "{made:#}");
    assert_eq!((&made["rebuilds"][0]["name"], &made["rebuilds"][0]["generation"]), (&json!("watch_time"), &json!(2)));
    for name in MODELS {
        assert_eq!(shown(&database, name)["generation"], 2, "{name}");
    }
}

#[tokio::test]
async fn a_rebuild_that_a_server_has_taken_over_is_watched_until_it_is_over() {
    let World { server, database, .. } = World::new().await;
    said(&server.url).await;
    caught_up(&database).await;
    let node = shown(&database, "playlists")["owner"].clone();
    let held = reader(&database, "playlists").await;
    let rebuild = start(&database, &["rebuild", "playlists", "--json"]);
    swapping(&database, "playlists").await;
    signal(rebuild.id(), "STOP");
    run(&database, "DELETE FROM leases WHERE name LIKE 'rebuild/%'").await;
    eventually("the server to take it over", async || {
        (shown(&database, "playlists")["rebuild"]["owner"] == node).then_some(())
    })
    .await;
    signal(rebuild.id(), "CONT");
    held.close().await.expect("it is open");
    let (code, made) = told(&rebuild.wait_with_output().expect("it ends"));
    assert_eq!((code, &made["rebuilds"][0]["state"]), (0, &json!("done")), "{made:#}");
    assert_eq!(shown(&database, "playlists")["generation"], 2);
}

#[tokio::test]
async fn a_terminal_shows_what_is_being_done() {
    let database = quiet().await;
    let held = reader(&database, "chat_messages").await;
    let mut terminal = Command::new("script");
    let typed = format!("{BINARY} projection rebuild chat_messages --data-dir /nowhere");
    terminal.args(["--quiet", "--flush", "--return", "--command", &typed, "/dev/null"]).env("DATABASE_URL", &database);
    terminal.env("TERM", "xterm").stdin(Stdio::null()).stdout(Stdio::piped());
    let mut terminal = terminal.spawn().expect("script runs");
    let mut output = terminal.stdout.take().expect("it is piped");
    let (mut seen, mut buffer) = (String::new(), [0; 4096]);
    while !seen.contains("swapping chat_messages") {
        let read = output.read(&mut buffer).expect("it can be read");
        assert_ne!(read, 0, "it ended before: {seen}");
        seen += &text(&buffer[..read]);
    }
    assert!(seen.contains("of 5 events"), "{seen}");
    held.close().await.expect("it is open");
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("UTF-8");
    assert!(terminal.wait().expect("it ends").success() && rest.contains("generation 2 is in place"), "{rest}");
}

#[tokio::test]
async fn a_rebuild_without_the_servers_key_is_refused_before_it_begins() {
    let database = Cluster::shared().database().await;
    let dir = TempDir::new();
    let mut server = synctv(&[]);
    let server = Server::spawn(server.env("DATABASE_URL", &database).env("SYNCTV_CREDENTIAL_KEY", SECRET), dir.path());
    said(&server.url).await;
    let refused = projection(&database, &["rebuild", "chat_messages"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("SYNCTV_CREDENTIAL_KEY is not given"), "{}", text(&refused.stderr));
    assert_eq!(shown(&database, "chat_messages")["rebuild"], Value::Null);
    let (code, _) = told(&projection(&database, &["rebuild", "chat_messages", "--json", "--credential-key", SECRET]));
    assert_eq!((code, count(&database, "chat_messages").await), (0, 3));
    assert_eq!(number(&database, "SELECT count(*) FROM chat_messages WHERE words = '{}'").await, 0);
}
