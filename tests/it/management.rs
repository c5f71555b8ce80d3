//! How a running server is, and its stop, through the command line.

use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use sqlx::Executor;

use crate::support::{
    APPEND, BINARY, Cluster, Guest, Held, Server, Stop, TempDir, World, assert_verified, blocked, ended, eventually,
    number, open, server_status, signal, stored, synctv,
};

/// A drain that is not cut short ends long before this.
const DRAIN: (&str, &str) = ("SYNCTV_DRAIN_SECS", "60");
/// What is not waited for ends within this.
const AT_ONCE: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_status_tells_where_the_log_ends_and_what_is_open() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let done = ann.command(&room, json!({ "type": "chat.post", "text": "x" })).await.ok();
    let (_socket, _stream, mut watch) = (ann.socket(&room).await, ann.follow(&room, "0").await, ann.watch(&room).await);
    watch.message().await.expect("the room").expect("it goes on");
    let open = |told: &Value| (told["sockets"].clone(), told["streams"].clone()) == (json!(1), json!(2));
    let (code, told) = eventually("all is counted", async || {
        let (code, told) = server_status(world.dir.path());
        open(&told).then_some((code, told))
    })
    .await;
    assert_eq!((code, &told["ready"], &told["not_ready"]), (Some(0), &json!(true), &json!("")), "{told:#}");
    assert_eq!((&told["phase"], &told["pid"]), (&json!("serving"), &json!(world.server.id())));
    let epoch = ann.snapshot(&room).await.ok()["epoch"].clone();
    assert_eq!(told["head"], json!({ "epoch": epoch, "position": done["position"] }));
    assert_eq!(told["http_address"], world.server.url.trim_start_matches("http://"));
    assert_eq!((&told["rooms"], &told["degraded_projections"]), (&json!(1), &json!([])));
    // The socket, the stream of events, the connection of gRPC; requests may hold some.
    assert!(told["connections"].as_i64().is_some_and(|open| (3..10).contains(&open)), "{told:#}");
    let started = told["started_at"].as_str().expect("it is known");
    let late = format!("SELECT round(abs(extract(epoch FROM clock_timestamp() - '{started}'::timestamptz)))::bigint");
    assert!(number(&world.database, &late).await < 60, "{started}");
    let told = synctv(&["status", "--data-dir"]).arg(world.dir.path()).output().expect("the binary runs");
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("state        ready\n") && told.contains("(1 socket, 2 streams)"), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_its_database_is_not_ready_and_says_why() {
    let cluster = Cluster::private();
    let (database, dir) = (cluster.database().await, TempDir::new());
    let server = Server::start(&database, dir.path());
    assert_eq!(server_status(dir.path()).0, Some(0));
    cluster.stop_immediately();
    let (code, told) = server_status(dir.path());
    assert_eq!((code, &told["ready"], &told["not_ready"]), (Some(3), &json!(false), &json!("unavailable")));
    assert_eq!((&told["phase"], &told["head"]), (&json!("serving"), &Value::Null));
    let told = synctv(&["status", "--data-dir"]).arg(dir.path()).output().expect("the binary runs");
    assert!(String::from_utf8_lossy(&told.stdout).contains("not ready: the database does not answer"), "{told:?}");
    cluster.start();
    eventually("it is ready again", async || (server_status(dir.path()).0 == Some(0)).then_some(())).await;
    cluster.stop_immediately();
    let (code, lines) = Stop::of(dir.path(), &[]).end().await;
    assert_eq!((code, server_end(server).await), (Some(0), Some(0)), "{lines:?}");
}

async fn server_end(mut server: Server) -> Option<i32> {
    ended(&mut server, AT_ONCE).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_waits_for_its_database_can_be_looked_at_and_stopped() {
    let dir = TempDir::new();
    let mut command = synctv(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
    command.arg(dir.path()).env("DATABASE_URL", "postgres://localhost:1/x");
    let mut child = command.stderr(Stdio::null()).spawn().expect("the binary runs");
    let told = eventually("it answers", async || {
        let (code, told) = server_status(dir.path());
        (code == Some(3)).then_some(told)
    })
    .await;
    assert_eq!((&told["phase"], &told["not_ready"]), (&json!("starting"), &json!("starting")));
    let (code, lines) = Stop::of(dir.path(), &[]).end().await;
    assert_eq!(code, Some(0), "{lines:?}");
    let end = eventually("it ends", async || child.try_wait().expect("it is ours")).await;
    assert_eq!(end.code(), Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_shows_the_drain_and_ends_when_all_that_is_acknowledged_is_durable() {
    let World { mut server, database, dir } = World::with(&[DRAIN]).await;
    let ann = Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    let (mut socket, _) = ann.subscribed(&room, "now").await;
    let mut watch = ann.watch(&room).await;
    watch.message().await.expect("the room").expect("it goes on");
    let lock = Held::new(&database, APPEND).await;
    let (who, to) = (ann.clone(), room.clone());
    let under_way = tokio::spawn(async move { who.command(&to, json!({ "type": "chat.post", "text": "x" })).await });
    blocked(&database, APPEND, &[]).await;

    let stop = Stop::of(dir.path(), &[]);
    let closed = loop {
        match socket.next().await {
            Ok(_) => {}
            Err(closed) => break closed,
        }
    };
    assert_eq!(closed.map(|(code, _)| code), Some(4001));
    let last = loop {
        match watch.message().await {
            Ok(Some(_)) => {}
            Ok(None) => panic!("it ended without a status"),
            Err(last) => break last,
        }
    };
    assert_eq!((last.code(), last.message()), (tonic::Code::Unavailable, "draining: draining"));
    // Whoever does not confirm the end is waited for as well.
    stop.until("the socket is left", |line| line["sockets"] == 1 && line["streams"] == 0).await;
    drop(socket);
    // The command alone is waited for; it is told again and again.
    let left = |line: &Value| (line["sockets"].clone(), line["streams"].clone()) == (json!(0), json!(0));
    let still =
        |line: &Value| left(line) && line["connections"].as_i64() >= Some(1) && line["elapsed_ms"].as_i64() > Some(500);
    let line = stop.until("only the command is left", still).await;
    assert_eq!((&line["phase"], &line["deadline_ms"]), (&json!("draining"), &json!(60_000)));
    let (code, told) = server_status(dir.path());
    assert_eq!((code, &told["phase"], &told["not_ready"]), (Some(3), &json!("draining"), &json!("draining")));
    assert_eq!(told["head"]["position"], json!(2), "{told:#}");

    lock.release().await;
    let answer = under_way.await.expect("it does not panic");
    assert_eq!((answer.status, answer.seqs()), (200, vec![3]), "{:#}", answer.body);
    let (code, lines) = stop.end().await;
    assert_eq!((code, ended(&mut server, AT_ONCE).await), (Some(0), Some(0)), "{lines:?}");
    let told: Vec<_> = lines.iter().map(|line| line["elapsed_ms"].as_i64().expect("a number")).collect();
    assert!(told.is_sorted() && told.windows(2).all(|two| two[1] - two[0] < 5_000), "{told:?}");
    assert_eq!(lines.last().map(|line| &line["connections"]), Some(&json!(0)), "{lines:?}");
    assert_eq!(stored(&database, &room).await.len(), 3);
    assert_verified(&database);
    assert!(!dir.path().join("synctv.sock").exists());
    let (code, told) = server_status(dir.path());
    let told = told["error"].as_str().expect("a sentence");
    assert!(code == Some(1) && told.starts_with("no server runs with the data directory "), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_asked_twice_or_to_stop_now_does_not_wait() {
    for ways in [&["stop", "stop"][..], &["TERM", "stop"], &["stop", "TERM"], &["now"]] {
        let World { mut server, database, dir } = World::with(&[DRAIN]).await;
        let ann = Guest::new(&server.url, "Ann").await;
        let room = ann.room().await;
        // Neither appends nor reads are answered any more.
        let mut foreign = open(&database).await;
        foreign.execute("BEGIN; LOCK TABLE events IN ACCESS EXCLUSIVE MODE").await.expect("it is given");
        let under_way =
            tokio::spawn(async move { ann.try_keyed(&room, &json!({ "type": "chat.post", "text": "x" }), "k").await });
        let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'events'::regclass";
        eventually("it waits", async || (number(&database, waits).await >= 1).then_some(())).await;
        let mut stops = Vec::new();
        for (nth, way) in ways.iter().enumerate() {
            if nth > 0 {
                eventually("it drains", async || server.log().contains("server.draining").then_some(())).await;
                assert_eq!(server.ended(), None, "{ways:?}: it did not wait");
            }
            match *way {
                "TERM" => server.signal("TERM"),
                "now" => stops.push(Stop::of(dir.path(), &["--now"])),
                _ => stops.push(Stop::of(dir.path(), &[])),
            }
        }
        assert_eq!(ended(&mut server, AT_ONCE).await, Some(0), "{ways:?}");
        for stop in stops {
            let (code, lines) = stop.end().await;
            assert_eq!(code, Some(0), "{ways:?}: {lines:?}");
        }
        assert!(under_way.await.expect("it does not panic").is_err(), "{ways:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_watches_a_stop_and_hangs_or_goes_away_holds_up_nobody() {
    for hang in [true, false] {
        let World { mut server, database, dir } = World::with(&[DRAIN]).await;
        let ann = Guest::new(&server.url, "Ann").await;
        let room = ann.room().await;
        let lock = Held::new(&database, APPEND).await;
        let under_way =
            tokio::spawn(async move { ann.command(&room, json!({ "type": "chat.post", "text": "x" })).await });
        blocked(&database, APPEND, &[]).await;
        let stop = Stop::of(dir.path(), &[]);
        stop.until("it drains", |line| line["phase"] == "draining").await;
        signal(stop.id(), if hang { "STOP" } else { "INT" });
        assert_eq!(server.ended(), None, "it did not wait");
        lock.release().await;
        assert_eq!(under_way.await.expect("it does not panic").status, 200);
        assert_eq!(ended(&mut server, AT_ONCE).await, Some(0));
        if hang {
            // What it was told lies ready for it.
            signal(stop.id(), "CONT");
            assert_eq!(stop.end().await.0, Some(0));
        } else {
            assert_eq!(stop.end().await.0, Some(1));
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_terminal_shows_what_is_left() {
    let World { mut server, database, dir } = World::with(&[DRAIN]).await;
    let ann = Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    let lock = Held::new(&database, APPEND).await;
    let under_way = tokio::spawn(async move { ann.command(&room, json!({ "type": "chat.post", "text": "x" })).await });
    blocked(&database, APPEND, &[]).await;
    let mut terminal = Command::new("script");
    let typed = format!("{BINARY} stop --data-dir {}", dir.path().display());
    terminal.args(["--quiet", "--flush", "--return", "--command", &typed, "/dev/null"]).env("TERM", "xterm");
    let mut terminal = terminal.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("script runs");
    let mut output = terminal.stdout.take().expect("it is piped");
    let (mut seen, mut buffer) = (String::new(), [0; 4096]);
    while !seen.contains("left, 1.") {
        let read = output.read(&mut buffer).expect("it can be read");
        assert_ne!(read, 0, "it ended before: {seen}");
        seen += &String::from_utf8_lossy(&buffer[..read]);
    }
    assert!(seen.contains("draining, ") && seen.contains(" of 60 s"), "{seen}");
    lock.release().await;
    assert_eq!(under_way.await.expect("it does not panic").status, 200);
    let mut rest = String::new();
    output.read_to_string(&mut rest).expect("UTF-8");
    assert!(terminal.wait().expect("it ends").success() && rest.contains("stopped after "), "{rest}");
    assert_eq!(ended(&mut server, AT_ONCE).await, Some(0));
}
