//! A cluster and sentinels whose masters change under load: nothing fails, and all count together again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::json;
use tokio::task::JoinHandle;

use crate::redis_kinds::{Pair, told};
use crate::support::{Guest, Redis, RedisCluster, RedisSentinel, SERVICE, eventually};

/// People who say something at both servers, in turn, until they are stopped.
struct Load {
    stop: Arc<AtomicBool>,
    tasks: Vec<JoinHandle<usize>>,
}

impl Load {
    async fn start(pair: &Pair) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let mut tasks = Vec::new();
        for _ in 0..3 {
            let guest = pair.world.guest("Ann").await;
            let room = guest.room().await;
            let urls = pair.servers().map(|server| server.url.clone());
            tasks.push(tokio::spawn(talk(guest, room, urls, Arc::clone(&stop))));
        }
        Self { stop, tasks }
    }

    /// How many commands were given, all of which were answered well.
    async fn end(self) -> usize {
        self.stop.store(true, Ordering::Relaxed);
        let mut given = 0;
        for task in self.tasks {
            given += task.await.expect("it does not panic");
        }
        given
    }
}

async fn talk(guest: Guest, room: String, urls: [String; 2], stop: Arc<AtomicBool>) -> usize {
    let mut given = 0;
    while !stop.load(Ordering::Relaxed) {
        let answer = guest.at(&urls[given % 2]).command(&room, json!({ "type": "chat.post", "text": "x" })).await;
        // Whoever asks too often is told so, by Redis or by a node alone; nothing else may happen.
        assert!([200, 429].contains(&answer.status), "{} {:#}", answer.status, answer.body);
        given += 1;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    given
}

/// Until both count together, in Redis.
async fn together(pair: &Pair) {
    let asked = std::time::Instant::now();
    eventually("common counts", async || {
        let together = pair.counts_together().await;
        assert!(together || asked.elapsed().as_secs() < 25, "{}\n{}", pair.servers()[0].log(), pair.servers()[1].log());
        together.then_some(())
    })
    .await;
}

/// Each server has lost Redis as often as this, and told so once each way. A busy machine may be late: once more in an
/// outage, in which lateness could be the outage seen again and again, and as often as it likes without one.
async fn assert_told(pair: &Pair, times: usize) {
    for server in pair.servers() {
        let (lost, late) = (told(server, "redis.lost"), told(server, "no answer within 50 ms"));
        let borne = if times == 0 { late } else { late.min(1) };
        assert!(lost <= times + borne, "{}", server.log());
        let found = async || (told(server, "redis.connected") == told(server, "redis.lost") + 1).then_some(());
        eventually("Redis at the end", found).await;
    }
}

/// Until each server has logged it so often.
async fn until_told(pair: &Pair, what: &str, times: usize) {
    eventually(what, async || pair.servers().iter().all(|server| told(server, what) >= times).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failover_of_sentinels_is_followed() {
    let mut redis = RedisSentinel::start("s3cret", "an0ther").await;
    let url = format!("redis+sentinel://:s3cret@{}/{SERVICE}?sentinel_password=an0ther", redis.hosts());
    let pair = Pair::new(&[("REDIS_URL", &url)]).await;
    together(&pair).await;
    let load = Load::start(&pair).await;
    redis.kill_sentinel();
    redis.servers[0].kill();
    until_told(&pair, "redis.lost", 1).await;
    until_told(&pair, "redis.connected", 2).await;
    together(&pair).await;
    assert_eq!(redis.servers[1].field(&["INFO"], "role"), "master");
    assert!(redis.servers[1].say(&["KEYS", "*"]).contains("tv:rl:"));
    assert!(load.end().await > 0);
    assert_told(&pair, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_master_is_left_for_the_one_that_sentinels_name() {
    let redis = RedisSentinel::start("s3cret", "an0ther").await;
    let url = format!("redis+sentinel://:s3cret@{}/{SERVICE}?sentinel_password=an0ther", redis.hosts());
    let pair = Pair::new(&[("REDIS_URL", &url)]).await;
    together(&pair).await;
    // Frozen, and back only when another one is the master. Nobody uses Redis meanwhile.
    redis.servers[0].signal("STOP");
    until_told(&pair, "redis.lost", 1).await;
    until_told(&pair, "redis.connected", 2).await;
    redis.servers[0].signal("CONT");
    together(&pair).await;
    assert_eq!(redis.servers[1].field(&["INFO"], "role"), "master");
    assert_told(&pair, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_that_no_sentinel_reaches_is_left_for_the_one_that_they_name() {
    let redis = RedisSentinel::start("s3cret", "an0ther").await;
    let url = format!("redis+sentinel://:s3cret@{}/{SERVICE}?sentinel_password=an0ther", redis.hosts());
    let pair = Pair::new(&[("REDIS_URL", &url)]).await;
    together(&pair).await;
    let load = Load::start(&pair).await;
    redis.hide(0);
    until_told(&pair, "the sentinels name another master", 1).await;
    until_told(&pair, "redis.connected", 2).await;
    together(&pair).await;
    // It still answers, and takes itself for the master.
    assert_eq!(redis.servers[0].field(&["INFO"], "role"), "master");
    assert!(redis.servers[1].say(&["KEYS", "*"]).contains("tv:rl:"));
    assert!(load.end().await > 0);
    assert_told(&pair, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_master_of_a_cluster_is_done_without_until_it_is_back() {
    let mut cluster = RedisCluster::start().await;
    let pair = Pair::new(&[("REDIS_URL", &cluster.url())]).await;
    together(&pair).await;
    let load = Load::start(&pair).await;
    cluster.nodes[0].kill();
    until_told(&pair, "redis.lost", 1).await;
    // Each by itself.
    let counted = pair.count().await;
    assert!(counted.iter().all(|left| *left >= 27), "{counted:?}");
    cluster.nodes[0].again().await;
    until_told(&pair, "redis.connected", 2).await;
    together(&pair).await;
    assert!(load.end().await > 0);
    assert_told(&pair, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_that_takes_over_in_a_cluster_is_followed() {
    let mut cluster = RedisCluster::with(1, &[], &[]).await;
    let pair = Pair::new(&[("REDIS_URL", &cluster.url())]).await;
    together(&pair).await;
    let load = Load::start(&pair).await;
    cluster.nodes[0].kill();
    until_told(&pair, "redis.lost", 1).await;
    until_told(&pair, "redis.connected", 2).await;
    together(&pair).await;
    assert_eq!(cluster.nodes[3].field(&["INFO"], "role"), "master");
    assert!(load.end().await > 0);
    assert_told(&pair, 1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slots_that_move_are_followed_and_nothing_is_lost() {
    let cluster = RedisCluster::start().await;
    let pair = Pair::new(&[("REDIS_URL", &cluster.url())]).await;
    together(&pair).await;
    let load = Load::start(&pair).await;
    // The key of somebody who speaks all the time goes once around.
    let found = async || {
        let keys = cluster.keys("tv:rl:chat:*");
        keys.iter().position(|keys| !keys.is_empty()).map(|node| (node, keys[node][0].clone()))
    };
    let (mut from, key) = eventually("a key", found).await;
    let slot = cluster.slot(&key);
    for _ in 0..3 {
        let to = (from + 1) % 3;
        cluster.open(&slot, from, to);
        together(&pair).await;
        cluster.carry(&slot, from, to);
        together(&pair).await;
        cluster.close(&slot, to);
        together(&pair).await;
        from = to;
    }
    assert!(load.end().await > 0);
    assert_told(&pair, 0).await;
}

/// A frozen Redis that is one of many.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_master_of_a_cluster_holds_up_nobody() {
    let cluster = RedisCluster::start().await;
    let pair = Pair::new(&[("REDIS_URL", &cluster.url())]).await;
    together(&pair).await;
    let load = Load::start(&pair).await;
    let frozen: &Redis = &cluster.nodes[2];
    frozen.signal("STOP");
    until_told(&pair, "redis.lost", 1).await;
    let counted = pair.count().await;
    assert!(counted.iter().all(|left| *left >= 27), "{counted:?}");
    frozen.signal("CONT");
    until_told(&pair, "redis.connected", 2).await;
    together(&pair).await;
    assert!(load.end().await > 0);
    assert_told(&pair, 1).await;
}
