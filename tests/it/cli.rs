//! Verbs of the command line.

use std::path::Path;
use std::process::Output;

use serde_json::{Value, json};
use sqlx::Connection;

use crate::support::{Cluster, Server, TempDir, World, assert_verified, open, synctv, verb};

const SECRET: &str = "0123456789-0123456789-0123456789-secret";

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn check(file: &Path, flags: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = synctv(&["config", "check", "--json", "--config"]);
    command.arg(file).args(flags).envs(variables.iter().copied()).output().expect("the binary runs")
}

#[test]
fn flags_win_over_variables_over_the_file_over_defaults() {
    let dir = TempDir::new();
    let file = dir.path().join("synctv.toml");
    std::fs::write(&file, "data_dir = '/tmp/x'\nlisten = '127.0.0.1:1'\ndrain_secs = 1\n").expect("it is ours");
    let variables = [("SYNCTV_LISTEN", "127.0.0.1:2"), ("SYNCTV_DRAIN_SECS", "2")];
    for (flags, variables, listen, drain) in [
        (&["--listen", "127.0.0.1:3"][..], &variables[..], "127.0.0.1:3", 2),
        (&[], &variables[..], "127.0.0.1:2", 2),
        (&[], &variables[..1], "127.0.0.1:2", 1),
        (&[], &[], "127.0.0.1:1", 1),
    ] {
        let output = check(&file, flags, variables);
        let shown: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
        assert_eq!(
            (&shown["listen"], &shown["drain_secs"]),
            (&json!(listen), &json!(drain)),
            "{flags:?} {variables:?}"
        );
        assert_eq!(shown["command_timeout_ms"], 10_000);
    }
}

#[test]
fn a_configuration_that_is_wrong_is_named_and_secrets_are_not_shown() {
    let dir = TempDir::new();
    let file = dir.path().join("synctv.toml");
    for (content, named) in [
        ("listem = '127.0.0.1:1'", "listem"),
        ("listen = 'x'", "listen"),
        ("drain_secs = -1", "drain_secs"),
        ("jwt_secret = 'short'", "jwt_secret"),
        ("database_url = 'mysql://x'", "database_url"),
        ("no toml", "synctv.toml"),
    ] {
        std::fs::write(&file, content).expect("it is ours");
        let output = check(&file, &["--data-dir", "/tmp/x"], &[]);
        assert_eq!(output.status.code(), Some(1), "{content}");
        assert!(text(&output.stderr).contains(named), "{content}: {}", text(&output.stderr));
    }
    assert_eq!(verb(&["config", "check", "--config", "/nowhere/x.toml"]).status.code(), Some(1));
    assert_eq!(verb(&["config", "check", "--no-such-flag"]).status.code(), Some(2));
    std::fs::write(&file, format!("data_dir = '/tmp/x'\njwt_secret = '{SECRET}'\ncredential_key = '{SECRET}'\n"))
        .expect("it is ours");
    let url = format!("postgres://u:{SECRET}@h/d");
    for flags in [&[][..], &["--json"]] {
        let mut command = synctv(&["config", "check", "--config"]);
        let output = command.arg(&file).args(flags).env("DATABASE_URL", &url).output().expect("the binary runs");
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(!text(&output.stdout).contains(SECRET), "{}", text(&output.stdout));
    }
}

pub fn log(verb: &str, database: &str, dir: &Path) -> (Option<i32>, Value) {
    let mut command = synctv(&["log", verb, "--json", "--data-dir"]);
    let output = command.arg(dir).env("DATABASE_URL", database).output().expect("the binary runs");
    let shown = serde_json::from_slice(&output.stdout);
    (output.status.code(), shown.unwrap_or_else(|_| panic!("{}", text(&output.stderr))))
}

#[tokio::test]
async fn the_log_is_shown_and_verified_with_and_without_a_server() {
    let World { server, database, dir } = World::new().await;
    let ann = crate::support::Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    for _ in 0..5 {
        ann.command(&room, json!({ "type": "chat.post", "text": "x" })).await.ok();
    }
    let epoch = ann.snapshot(&room).await.ok()["epoch"].clone();
    let (running, verified) = (log("head", &database, dir.path()), log("verify", &database, dir.path()));
    assert_eq!((running.0, &running.1["position"], &running.1["epoch"]), (Some(0), &json!(7), &epoch));
    assert_eq!((verified.0, &verified.1["ok"], &verified.1["events"]), (Some(0), &json!(true), &json!(7)));
    assert_eq!(verified.1["head"]["hash"], running.1["hash"]);
    assert!(server.terminate().success());
    assert_eq!(log("head", &database, dir.path()), running);
    assert_eq!(log("verify", &database, dir.path()), verified);
    let plain = synctv(&["log", "verify"]).arg("--data-dir").arg(dir.path()).env("DATABASE_URL", &database).output();
    assert!(text(&plain.expect("the binary runs").stdout).starts_with("ok: 7 events"));
    let nothing = verb(&["log", "head", "--data-dir", "/nowhere/at/all"]);
    assert_eq!(nothing.status.code(), Some(1), "{}", text(&nothing.stderr));
}

#[tokio::test]
async fn verification_names_the_first_position_that_was_tampered_with() {
    let World { server, database, dir } = World::new().await;
    let ann = crate::support::Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    for _ in 0..8 {
        ann.command(&room, json!({ "type": "chat.post", "text": "x" })).await.ok();
    }
    // The stop leaves a witness of the head.
    assert!(server.terminate().success());
    let mut connection = open(&database).await;
    let swap = "UPDATE events SET payload = CASE position WHEN 4 THEN (SELECT payload FROM events WHERE position = 5) \
        ELSE (SELECT payload FROM events WHERE position = 4) END WHERE position IN (4, 5)";
    let renumber = "UPDATE events SET position = -position + 13, seq = -seq + 13 WHERE position IN (6, 7)";
    for (edit, first) in [
        ("UPDATE events SET payload = '{}' WHERE position = 5", 5),
        ("UPDATE events SET payload = (payload::text || ' ')::json WHERE position = 3", 3),
        ("UPDATE events SET metadata = replace(metadata::text, 'role', 'rule')::json WHERE position = 6", 6),
        ("UPDATE events SET type = 'chat.edited' WHERE position = 4", 4),
        ("UPDATE events SET command_id = 'x' WHERE position = 4", 4),
        ("UPDATE events SET recorded_at = recorded_at + interval '1 microsecond' WHERE position = 10", 10),
        ("UPDATE events SET hash = sha256('x') WHERE position = 7", 7),
        ("DELETE FROM events WHERE position = 6", 6),
        ("DELETE FROM events WHERE position = 1", 1),
        ("DELETE FROM events WHERE position >= 9", 9),
        ("DELETE FROM events", 1),
        (swap, 4),
        (renumber, 6),
    ] {
        let refused = sqlx::query(edit).execute(&mut connection).await;
        assert!(refused.as_ref().is_err_and(|error| error.to_string().contains("append-only")), "{edit}: {refused:?}");
        sqlx::raw_sql("CREATE TABLE kept AS SELECT * FROM events; SET session_replication_role = replica")
            .execute(&mut connection)
            .await
            .expect("a superuser");
        if edit == renumber {
            sqlx::raw_sql("ALTER TABLE events DROP CONSTRAINT events_pkey, DROP CONSTRAINT events_stream")
                .execute(&mut connection)
                .await
                .expect("a superuser");
        }
        sqlx::query(edit).execute(&mut connection).await.unwrap_or_else(|error| panic!("{edit}: {error}"));
        let (code, shown) = log("verify", &database, dir.path());
        assert_eq!(
            (code, &shown["ok"], &shown["flaw"]["position"]),
            (Some(1), &json!(false), &json!(first)),
            "{edit}: {shown:#}"
        );
        let back = "DELETE FROM events; INSERT INTO events SELECT * FROM kept; DROP TABLE kept; SET session_replication_role = origin";
        sqlx::raw_sql(back).execute(&mut connection).await.expect("a superuser");
    }
    for edit in ["TRUNCATE events", "DELETE FROM commands", "UPDATE commands SET seq = 1", "TRUNCATE commands"] {
        assert!(sqlx::query(edit).execute(&mut connection).await.is_err(), "{edit} was allowed");
    }
    connection.close().await.expect("it is open");
    assert_eq!(log("verify", &database, dir.path()).0, Some(0));
    assert_verified(&database);
}

#[tokio::test]
async fn a_second_server_in_the_same_directory_is_refused() {
    let world = World::new().await;
    let mut command = synctv(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    let output = command.arg(world.dir.path()).env("DATABASE_URL", &world.database).output().expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("in use"), "{}", text(&output.stderr));
}

#[tokio::test]
async fn a_wrong_credential_key_is_refused() {
    let database = Cluster::shared().database().await;
    let dir = TempDir::new();
    drop(Server::spawn(synctv(&[]).env("DATABASE_URL", &database).env("SYNCTV_CREDENTIAL_KEY", SECRET), dir.path()));
    let mut command = synctv(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    let other = SECRET.replace('0', "1");
    let output = command.arg(dir.path()).env("DATABASE_URL", &database).env("SYNCTV_CREDENTIAL_KEY", &other).output();
    let output = output.expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stderr);
    assert!(told.contains("SYNCTV_CREDENTIAL_KEY") && !told.contains(&other), "{told}");
}

#[tokio::test]
async fn a_signed_head_convicts_a_log_that_was_cut_behind_it() {
    let World { server, database, dir } = World::new().await;
    let ann = crate::support::Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    ann.command(&room, json!({ "type": "chat.post", "text": "x" })).await.ok();
    let empty = TempDir::new();
    let (_, signed) = log("head", &database, empty.path());
    let file = dir.path().join("head.json");
    let against = |head: &Value| {
        std::fs::write(&file, head.to_string()).expect("it is ours");
        let mut command = synctv(&["log", "verify", "--json", "--data-dir"]);
        let output = command.arg(empty.path()).arg("--head").arg(&file).env("DATABASE_URL", &database).output();
        let output = output.expect("the binary runs");
        (output.status.code(), format!("{}{}", text(&output.stdout), text(&output.stderr)))
    };
    assert_eq!(against(&signed).0, Some(0));
    let mut forged = signed.clone();
    forged["position"] = json!(2);
    let (code, said) = against(&forged);
    assert!(code == Some(1) && said.contains("signature does not fit"), "{code:?} {said}");
    drop(server);
    let cut = "SET session_replication_role = replica; DELETE FROM events WHERE position = 3";
    crate::support::run(&database, cut).await;
    assert_eq!(log("verify", &database, empty.path()).0, Some(0), "nothing else remembers");
    let (code, said) = against(&signed);
    assert!(code == Some(1) && said.contains("events up to 3 are missing"), "{code:?} {said}");
}
