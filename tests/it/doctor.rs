//! What is wrong with a deployment is told, and what to do about it.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};

use crate::support::live::RTMP;
use crate::support::{
    Cluster, Home, LISTENS, Peer, Redis, TempDir, World, caught_up, eventually, number, poison, run, server_status,
    synctv,
};

/// What `synctv doctor --json` ends with, and finds.
fn doctor(dir: &Path, settings: &[(&str, &str)]) -> (Option<i32>, Findings) {
    // Without these the usual ones of the machine would be looked at.
    let mut command = synctv(&["doctor", "--json", "--listen", "127.0.0.1:0", "--data-dir"]);
    command.arg(dir).env("SYNCTV_RATE_LIMITS", "on").envs(settings.iter().copied());
    let output = command.output().expect("the binary runs");
    let told = serde_json::from_slice(&output.stdout);
    let told: Value = told.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    (output.status.code(), Findings(told))
}

#[derive(Debug)]
struct Findings(Value);

impl Findings {
    fn verdict(&self) -> &str {
        self.0["verdict"].as_str().expect("a text")
    }

    fn of(&self, verdict: &str) -> Vec<String> {
        let checks = self.0["checks"].as_array().expect("a list").iter();
        let told = checks.filter(|check| check["verdict"] == verdict);
        told.map(|check| {
            format!("{}: {}", check["area"].as_str().expect("a text"), check["says"].as_str().expect("a text"))
        })
        .collect()
    }

    /// Exactly these are wrong, by their beginnings, and each is told what to do about.
    #[track_caller]
    fn are_wrong(&self, wanted: &[&str]) {
        let wrong = self.of("wrong");
        assert_eq!(wrong.len(), wanted.len(), "{:#}", self.0);
        for (wrong, wanted) in wrong.iter().zip(wanted) {
            assert!(wrong.contains(wanted), "{wanted} is not in {wrong}");
        }
        let helped =
            |check: &Value| check["verdict"] == "ok" || check["todo"].as_str().is_some_and(|todo| !todo.is_empty());
        assert!(self.0["checks"].as_array().expect("a list").iter().all(helped), "{:#}", self.0);
    }

    #[track_caller]
    fn says(&self, verdict: &str, wanted: &str) {
        let told = self.of(verdict);
        assert!(told.iter().any(|says| says.contains(wanted)), "{wanted} is not in {told:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sound_deployment_is_told_with_all_its_parts() {
    let (database, redis) = (Cluster::shared().database().await, Redis::start().await);
    let url = redis.url();
    let settings = [("REDIS_URL", &*url)];
    let (one, other) = (Peer::start(&database, &settings), Peer::start(&database, &settings));
    one.sees(&other.address, "alive").await;
    other.sees(&one.address, "alive").await;
    let looked = [("DATABASE_URL", &*database), ("REDIS_URL", &url), LISTENS];
    let (code, found) = doctor(one.dir.path(), &looked);
    found.are_wrong(&[]);
    assert_eq!((code, found.verdict()), (Some(0), "ok"), "{:#}", found.0);
    let (here, there) = (format!("reached at {}", one.address), format!("is at {}", other.address));
    for wanted in [
        "settings: they can be used",
        "data directory: ",
        "operator token: only its owner",
        "open files: ",
        ", is ready",
        "ports: HTTP is at 127.0.0.1:",
        "PostgreSQL: version ",
        "PostgreSQL: what it has said to be stored is on its disk",
        "schema: it is the one of this program",
        "log: 0 events of epoch ",
        "keys: they open",
        "read models: all of them",
        "outbox: nothing waits",
        "Redis: ",
        "cluster: Redis knows ",
        &here,
        &there,
    ] {
        found.says("ok", wanted);
    }
    // For people, without colours where nobody sees them.
    let mut command = synctv(&["doctor", "--data-dir"]);
    command.arg(one.dir.path()).env("DATABASE_URL", &database).env("SYNCTV_RATE_LIMITS", "on");
    let output = command.output().expect("the binary runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("ok       PostgreSQL      version ") && text.ends_with("nothing is wrong\n"), "{text}");
    assert!(!text.contains('\u{1b}'), "{text}");
    // Nothing was changed by looking: the nodes know of no third one.
    assert_eq!((one.members().len(), other.members().len()), (1, 1));
    // Without the server, what is left can be looked at as well.
    one.server.terminate();
    let (code, found) = doctor(one.dir.path(), &looked);
    assert_eq!((code, found.verdict()), (Some(0), "warning"), "{:#}", found.0);
    found.says("warning", "server: none runs with ");
    found.says("ok", &there);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_reached_is_wrong() {
    let (database, dir) = (Cluster::shared().database().await, TempDir::new());
    let mut redis = Redis::start().await;
    redis.kill();
    let url = redis.url();
    let (code, found) = doctor(dir.path(), &[("DATABASE_URL", &database), ("REDIS_URL", &url)]);
    found.are_wrong(&["Redis: it does not answer: "]);
    assert_eq!(code, Some(1));
    let stranger = database.replace("synctv@", "stranger:s3cret@");
    let (code, found) = doctor(dir.path(), &[("DATABASE_URL", &stranger)]);
    found.are_wrong(&["PostgreSQL: PostgreSQL does not answer: "]);
    assert!(code == Some(1) && !found.0.to_string().contains("s3cret"), "{:#}", found.0);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let taken = taken.local_addr().map(|address| (address.to_string(), taken)).expect("an address");
    for (setting, name) in [("SYNCTV_METRICS_LISTEN", "--metrics-listen"), ("SYNCTV_RTMP_LISTEN", "--rtmp-listen")] {
        let (_, found) = doctor(dir.path(), &[("DATABASE_URL", &database), (setting, &taken.0)]);
        found.are_wrong(&[&format!("of {name} cannot be had")]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_database_is_left_as_it_is() {
    let (database, dir) = (Cluster::shared().database().await, TempDir::new());
    let (code, found) = doctor(dir.path(), &[("DATABASE_URL", &database)]);
    assert_eq!(code, Some(0), "{:#}", found.0);
    found.says("warning", "schema: it lacks steps 1, 2, ");
    assert_eq!(number(&database, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").await, 0);
    assert_eq!(std::fs::read_dir(dir.path()).expect("it is there").count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_forgets_or_that_nobody_may_write_is_wrong() {
    let cluster = Cluster::private();
    let (database, dir) = (cluster.database().await, TempDir::new());
    let name = database.split('?').next().and_then(|url| url.rsplit('/').next()).expect("a name");
    let database = database.as_str();
    for sql in ["ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()"] {
        run(database, sql).await;
    }
    run(database, &format!("ALTER DATABASE {name} SET synchronous_commit = off")).await;
    let looked = [("DATABASE_URL", database)];
    eventually("the settings are in force", async || {
        let (code, found) = doctor(dir.path(), &looked);
        let wanted = "PostgreSQL: fsync = off, full_page_writes = off, synchronous_commit = off: ";
        (code == Some(1) && found.of("wrong").iter().any(|wrong| wrong.starts_with(wanted))).then_some(())
    })
    .await;
    for sql in ["ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()"] {
        run(database, sql).await;
    }
    run(database, &format!("ALTER DATABASE {name} RESET ALL")).await;
    run(database, &format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await;
    let (_, found) = doctor(dir.path(), &looked);
    found.says("wrong", "PostgreSQL: it refuses to be written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn settings_and_files_that_do_not_fit_are_wrong() {
    let (database, dir) = (Cluster::shared().database().await, TempDir::new());
    let (code, found) = doctor(dir.path(), &[("SYNCTV_JWT_SECRET", "short")]);
    found.are_wrong(&["settings: jwt_secret: needs 32 characters or more"]);
    assert_eq!((code, found.verdict()), (Some(1), "wrong"));
    let (_, found) = doctor(dir.path(), &[("DATABASE_URL", &database), ("SYNCTV_CLUSTER_PEERS", "127.0.0.1:1")]);
    found.says("warning", "other nodes are named, and this one speaks to none");
    let nodes = [("DATABASE_URL", &*database), RTMP, ("SYNCTV_CLUSTER_LISTEN", "127.0.0.1:0")];
    let alone = "segments of live streams are kept where only this node reads them";
    doctor(dir.path(), &nodes).1.says("warning", alone);
    let shared = [&nodes[..], &[("SYNCTV_LIVE_STORE", "file:/shared")]].concat();
    let (_, found) = doctor(dir.path(), &shared);
    assert!(!found.0.to_string().contains(alone), "{:#}", found.0);

    let world = World::new().await;
    let allow = |name: &str, mode| {
        let path = world.dir.path().join(name);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("it is ours");
    };
    allow("operator.token", 0o644);
    allow("", 0o777);
    let looked = [("DATABASE_URL", &*world.database)];
    let (_, found) = doctor(world.dir.path(), &looked);
    found.are_wrong(&["data directory: others than its owner can write", "operator token: "]);
    allow("operator.token", 0o600);
    allow("", 0o755);
    doctor(world.dir.path(), &looked).1.are_wrong(&[]);
    let keys = [looked[0], ("SYNCTV_CREDENTIAL_KEY", "another key than the one of this log")];
    doctor(world.dir.path(), &keys).1.are_wrong(&["keys: SYNCTV_CREDENTIAL_KEY is not the key"]);
    let certificates = ["CERT", "KEY", "CA"].map(|name| (format!("SYNCTV_CLUSTER_TLS_{name}"), "/nowhere.pem"));
    let mut missing = vec![looked[0], LISTENS, ("SYNCTV_CLUSTER_SECRET", "a secret that all nodes of the tests know")];
    missing.extend(certificates.iter().map(|(name, value)| (&**name, *value)));
    doctor(world.dir.path(), &missing).1.are_wrong(&["cluster: /nowhere.pem: "]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_that_was_rewound_an_event_that_stops_and_letters_that_are_dead_are_told() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    caught_up(&world.database).await;
    let looked = [("DATABASE_URL", &*world.database)];
    doctor(world.dir.path(), &looked).1.are_wrong(&[]);
    let at = poison(&world.database, &room).await;
    let stopped = format!("chat_messages stands still at event {at}: ");
    eventually("it stops", async || {
        doctor(world.dir.path(), &looked).1.of("wrong").iter().any(|wrong| wrong.contains(&stopped)).then_some(())
    })
    .await;
    run(
        &world.database,
        "CREATE TABLE IF NOT EXISTS dead_letters (topic text, position bigint, attempts int NOT NULL, error text NOT NULL, \
         first_at timestamptz NOT NULL, last_at timestamptz NOT NULL DEFAULT clock_timestamp(), PRIMARY KEY (topic, position)); \
         INSERT INTO dead_letters VALUES ('webhook/x', 1, 12, 'gone', clock_timestamp())",
    )
    .await;
    doctor(world.dir.path(), &looked).1.says("warning", "outbox: 1 event of webhook/x are given up");

    // A directory that has seen more than the log has.
    let other = TempDir::new();
    let witness = std::fs::read_to_string(world.dir.path().join("log.witness")).expect("it is kept");
    let mut witness: Value = serde_json::from_str(&witness).expect("JSON");
    witness["position"] = json!(1_000);
    std::fs::write(other.path().join("log.witness"), witness.to_string()).expect("it is ours");
    let (code, found) = doctor(other.path(), &looked);
    found.says("wrong", "log: it is older than what this node has seen (position 1000 of epoch ");
    assert_eq!(code, Some(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_do_not_belong_together_or_are_not_reached_are_wrong() {
    const SECRET: (&str, &str) = ("SYNCTV_CLUSTER_SECRET", "a secret that all nodes of the tests know");
    let (database, other) = (Cluster::shared().database().await, Cluster::shared().database().await);
    // A name that leads nowhere is told to others.
    let one = Peer::start(&database, &[SECRET, ("SYNCTV_ADVERTISE_HOST", "nowhere.invalid")]);
    let foreign = Peer::start(&other, &[SECRET]);
    let unknown = Peer::start(&database, &[("SYNCTV_CLUSTER_SECRET", "another secret, which the first has not")]);
    let differing = Peer::start(&database, &[SECRET, ("SYNCTV_JWT_SECRET", "a key for tokens that only one has")]);
    let free =
        std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").to_string();
    let peers = [&*foreign.address, &unknown.address, &differing.address, &free].join(",");
    let looked = [("DATABASE_URL", &*database), SECRET, LISTENS, ("SYNCTV_CLUSTER_PEERS", &peers)];
    let (code, found) = doctor(one.dir.path(), &looked);
    assert_eq!((code, found.of("wrong").len()), (Some(1), 5), "{:#}", found.0);
    for wanted in [
        format!("cluster: nobody reaches this node at {}, which it tells others: ", one.address),
        "the same DATABASE_URL".to_owned(),
        format!("the node at {}: it does not accept this node's signature", unknown.address),
        "has another jwt_secret than this one".to_owned(),
        format!("the node at {free} is not reached: "),
    ] {
        found.says("wrong", &wanted);
    }
    let gone = [looked[0], SECRET, LISTENS, ("SYNCTV_CLUSTER_DNS", "nodes.invalid:7946")];
    doctor(one.dir.path(), &gone).1.says("wrong", "the name nodes.invalid:7946 is not found");
    assert_eq!(server_status(one.dir.path()).0, Some(0));
}

#[test]
fn an_embedded_database_is_looked_at_with_and_without_its_server() {
    let home = Home::new(None);
    let told = |dir: &Path| {
        let mut command = home.command(&["doctor", "--json", "--listen", "127.0.0.1:0", "--data-dir"]);
        let output = command.arg(dir).output().expect("the binary runs");
        (output.status.code(), Findings(serde_json::from_slice(&output.stdout).expect("JSON")))
    };
    let (code, found) = told(&home.data().join("not-made-yet"));
    assert_eq!(code, Some(0), "{:#}", found.0);
    found.says("ok", "PostgreSQL: none is set, and none was made yet");
    assert!(!home.data().join("not-made-yet").exists());
    let server = home.serve();
    let looked = |verdict, server| {
        let (code, found) = told(&home.data());
        found.are_wrong(&[]);
        assert_eq!(code, Some(0));
        found.says("ok", "log: 0 events of epoch ");
        found.says(verdict, server);
    };
    looked("ok", ", is ready");
    assert!(server.terminate().success());
    looked("warning", "server: none runs");
    assert_eq!(home.postmaster(), None, "what was started to look is still there");
}
