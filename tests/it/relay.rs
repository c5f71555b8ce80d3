//! Events from node to node through Redis.

use serde_json::json;

use crate::support::{METRICS, Redis, Server, TempDir, World, assert_verified, eventually, number, synctv};

/// Two servers over one log and one Redis.
struct Pair {
    redis: Redis,
    world: World,
    other: Server,
    _dir: TempDir,
}

impl Pair {
    async fn new() -> Self {
        let redis = Redis::start().await;
        let url = redis.url();
        let settings = [METRICS, ("REDIS_URL", &*url), ("SYNCTV_REDIS_PREFIX", "tv")];
        let world = World::with(&settings).await;
        let dir = TempDir::new();
        let other = Server::spawn(synctv(&[]).env("DATABASE_URL", &world.database).envs(settings), dir.path());
        let pair = Self { redis, world, other, _dir: dir };
        for server in [&pair.world.server, &pair.other] {
            server.reaches("synctv_feed_connected", 1.0).await;
        }
        pair
    }

    async fn count(&self, sql: &str) -> i64 {
        number(&self.world.database, sql).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_stores_is_in_redis_under_its_position_and_leaves_the_outbox() {
    let pair = Pair::new().await;
    let ann = pair.world.guest("Ann").await;
    let room = ann.room().await;
    for index in 0..20 {
        let there = ann.at([&pair.world.server.url, &pair.other.url][index % 2]);
        there.command(&room, json!({ "type": "chat.post", "text": format!("words {index}") })).await.ok();
    }
    eventually("an empty outbox", async || (pair.count("SELECT count(*) FROM outbox").await == 0).then_some(())).await;
    let keys = pair.redis.say(&["KEYS", "tv:ev:*"]);
    let [key] = &keys.lines().collect::<Vec<_>>()[..] else { panic!("one room is in one stream: {keys}") };
    assert!(key.ends_with('}') && key.contains(":8:{"), "{key}");
    let entries = pair.redis.say(&["XRANGE", key, "-", "+"]);
    let ids: Vec<&str> = entries.lines().filter(|line| line.ends_with("-0")).collect();
    let events = pair.count("SELECT count(*) FROM events").await;
    assert_eq!(ids, (1..=events).map(|position| format!("{position}-0")).collect::<Vec<_>>());
    assert!(!entries.contains("words") && !entries.contains("Ann"), "what is personal stays sealed: {entries}");
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_of_one_node_hear_of_the_other_through_redis() {
    let pair = Pair::new().await;
    let ann = pair.world.guest("Ann").await;
    let room = ann.room().await;
    let mut stream = ann.at(&pair.other.url).follow(&room, "0").await;
    const NEW: &str = "synctv_feed_entries_total{result=\"new\"}";
    for index in 0..50 {
        ann.command(&room, json!({ "type": "chat.post", "text": format!("{index}") })).await.ok();
    }
    assert_eq!(stream.seqs_until(52).await, (1..=52).collect::<Vec<_>>());
    let heard = pair.other.scrape().await.value(NEW);
    assert!(heard >= 40.0, "{heard} of 50 came through Redis");
    assert_verified(&pair.world.database);
}
