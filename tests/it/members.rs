//! Nodes of one log find each other, and know who is there.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{
    BINARY, Cluster, LISTENS, METRICS, Peer, Redis, RedisCluster, Server, TempDir, eventually, outcome, server_status,
    synctv, within,
};

/// Who is not heard of for so long is gone.
const GONE: Duration = Duration::from_secs(6);
/// What a busy machine adds.
const SLACK: Duration = Duration::from_secs(6);

/// Everybody hears from everybody else.
async fn all_know_all(peers: &[&Peer]) {
    for one in peers {
        for other in peers.iter().filter(|other| other.address != one.address) {
            one.sees(&other.address, "alive").await;
        }
        assert_eq!(one.members().len(), peers.len() - 1, "{:#?}", one.members());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_find_each_other_by_one_of_them_and_a_killed_one_is_gone() {
    let database = Cluster::shared().database().await;
    let first = Peer::start(&database, &[("SYNCTV_NODE_ID", "first"), METRICS]);
    let seed = [("SYNCTV_CLUSTER_PEERS", &*first.address)];
    let (second, third) = (Peer::start(&database, &seed), Peer::start(&database, &seed));
    all_know_all(&[&first, &second, &third]).await;
    let member = second.sees(&first.address, "alive").await;
    assert_eq!((&member["node_id"], &member["found_by"]), (&json!("first"), &json!(["peers", "told"])));
    assert_eq!(member["version"], env!("CARGO_PKG_VERSION"));
    assert!(member["clock_distance_ms"].as_i64().is_some_and(|ms| ms.abs() < 2_000), "{member:#}");
    assert!(member["round_trip_ms"].as_f64().is_some_and(|ms| (0.0..1_500.0).contains(&ms)), "{member:#}");
    assert_eq!(member["differing_settings"], json!([]));
    let scrape = first.server.reaches("synctv_cluster_members{state=\"alive\"}", 2.0).await;
    assert_eq!(scrape.value("synctv_cluster_members{state=\"unreachable\"}"), 0.0);

    let killed = Instant::now();
    third.server.kill();
    for one in [&first, &second] {
        let gone = async || one.member(&third.address).filter(|member| member["state"] != "alive");
        let member = within(GONE + SLACK, "it is gone", gone).await;
        assert_eq!(member["state"], "unreachable", "{member:#}");
        assert!(!member["reason"].as_str().expect("a text").is_empty(), "{member:#}");
    }
    assert!(killed.elapsed() >= GONE / 3, "it was given up after a single greeting");
    first.sees(&second.address, "alive").await;
    let told = synctv(&["status", "--data-dir"]).arg(first.dir.path()).output().expect("the binary runs");
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("1 other node is alive") && told.contains("unreachable: "), "{told}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_find_each_other_by_redis_and_stay_together_without_it() {
    let (database, mut redis) = (Cluster::shared().database().await, Redis::start().await);
    let url = redis.url();
    let settings = [("REDIS_URL", &*url)];
    let peers = [(); 3].map(|()| Peer::start(&database, &settings));
    all_know_all(&[&peers[0], &peers[1], &peers[2]]).await;
    let [first, second, third] = peers;
    // One that leaves is not looked for any more; one that is killed is forgotten.
    let there = async |count: &str| (redis.say(&["ZCARD", "synctv:nodes"]) == count).then_some(());
    third.server.terminate();
    within(SLACK, "it has left", async || there("2").await).await;
    let ttl: i64 = redis.say(&["PTTL", "synctv:nodes"]).parse().expect("a number");
    assert!((1..=6_000).contains(&ttl), "{ttl}");
    redis.kill();
    let lost = first.logs("redis.lost").await;
    assert_eq!(lost["level"], "WARN");
    let without = Instant::now();
    while without.elapsed() < GONE + GONE / 2 {
        assert_eq!(first.member(&second.address).expect("it is known")["state"], "alive");
    }
    redis.again().await;
    let fourth = Peer::start(&database, &settings);
    first.sees(&fourth.address, "alive").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_find_each_other_by_a_cluster_of_redis() {
    let (database, redis) = (Cluster::shared().database().await, RedisCluster::start().await);
    let url = redis.url();
    let (first, second) =
        (Peer::start(&database, &[("REDIS_URL", &*url)]), Peer::start(&database, &[("REDIS_URL", &*url)]));
    all_know_all(&[&first, &second]).await;
    let mut doctor = synctv(&["doctor", "--json", "--data-dir"]);
    doctor.arg(first.dir.path()).envs([("DATABASE_URL", &*database), ("REDIS_URL", &*url), LISTENS]);
    let (code, found) = outcome(&mut doctor);
    let known = |check: &Value| {
        let says = check["says"].as_str().unwrap_or_default();
        says.starts_with("Redis knows ") && says.contains(&first.address) && says.contains(&second.address)
    };
    assert!(code == Some(0) && found["checks"].as_array().expect("a list").iter().any(known), "{found:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_find_each_other_by_the_addresses_of_a_name() {
    let database = Cluster::shared().database().await;
    // A name with several addresses, as that of a headless service; each server looks it up in a file of its own.
    let names = TempDir::new();
    let hosts = names.path().join("hosts");
    std::fs::write(&hosts, "127.0.0.1 localhost\n127.77.0.1 nodes.test\n").expect("it is ours");
    let port = free_port();
    let start = |ip: &str| {
        let dir = TempDir::new();
        let script = format!("mount --bind {} /etc/hosts && exec \"$0\" \"$@\"", hosts.display());
        let mut command = std::process::Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", &script, BINARY]);
        command.env("DATABASE_URL", &database).env("SYNCTV_CLUSTER_LISTEN", format!("{ip}:{port}"));
        command.env("SYNCTV_CLUSTER_DNS", format!("nodes.test:{port}")).env("SYNCTV_RATE_LIMITS", "off");
        Peer::over(Server::spawn(&mut command, dir.path()), dir)
    };
    let (first, second) = (start("127.77.0.1"), start("127.77.0.2"));
    all_know_all(&[&first, &second]).await;
    let third = start("127.77.0.3");
    let names = "127.0.0.1 localhost\n127.77.0.1 nodes.test\n127.77.0.2 nodes.test\n127.77.0.3 nodes.test\n";
    std::fs::write(&hosts, names).expect("it is ours");
    all_know_all(&[&first, &second, &third]).await;
    let by_name = async || first.member(&third.address).filter(|member| member["found_by"] == json!(["dns", "told"]));
    within(SLACK, "the name is asked for again", by_name).await;
}

fn free_port() -> u16 {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    free.local_addr().expect("an address").port()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_name_is_for_one_live_node() {
    let database = Cluster::shared().database().await;
    let named = [("SYNCTV_NODE_ID", "one")];
    let mut first = Peer::start(&database, &named);
    let refused = async |dir: &TempDir| {
        let mut command = synctv(&["serve", "--listen", "127.0.0.1:0", "--data-dir"]);
        command.arg(dir.path()).env("DATABASE_URL", &database).envs(named);
        tokio::task::spawn_blocking(move || command.output().expect("the binary runs")).await.expect("it ends")
    };
    let dir = TempDir::new();
    let output = refused(&dir).await;
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("another live node of this log is called one"), "{told}");
    // What it is at work on is told by its name.
    let listed = async || {
        let mut list = synctv(&["projection", "list", "--json", "--data-dir"]);
        let (_, told) = outcome(list.arg(dir.path()).env("DATABASE_URL", &database));
        told["projections"].as_array().expect("a list").iter().all(|one| one["owner"] == "one").then_some(())
    };
    eventually("it has all the work", listed).await;
    // Who was killed has the name back after a moment.
    first.server.halt();
    let mut command = synctv(&[]);
    command.env("DATABASE_URL", &database).envs([named[0], LISTENS]);
    let again = Peer::over(Server::spawn(&mut command, first.dir.path()), TempDir::new());
    assert!(!again.server.log().contains("node.same_name"));
}

#[tokio::test]
async fn without_a_listener_nobody_is_spoken_to() {
    let database = Cluster::shared().database().await;
    let first = Peer::start(&database, &[]);
    let dir = TempDir::new();
    let mut command = synctv(&[]);
    command.env("DATABASE_URL", &database).env("SYNCTV_CLUSTER_PEERS", &first.address).envs([METRICS]);
    let alone = Server::spawn(&mut command, dir.path());
    let (code, status) = server_status(dir.path());
    assert_eq!((code, &status["members"], &status["cluster_address"]), (Some(0), &json!([]), &json!("")));
    assert_eq!(alone.scrape().await.value("synctv_cluster_members{state=\"alive\"}"), 0.0);
    assert!(!alone.log().contains("cluster."), "{}", alone.log());
    assert_eq!(first.members(), Vec::<Value>::new());
}
