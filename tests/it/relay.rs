//! Events from node to node through Redis.

use serde_json::json;

use crate::support::{METRICS, Redis, Server, TempDir, World, assert_verified, eventually, number, poison, synctv};

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
    let lines: Vec<&str> = entries.lines().collect();
    let mut there = Vec::new();
    for fields in lines.windows(3).filter(|fields| fields[1] == "p") {
        let last = fields[2].split(' ').next_back().expect("an entry has events");
        let (place, number) = fields[0].split_once('-').expect("an id");
        // One that came late is behind another.
        assert!(place == last || number != "0", "{fields:?}");
        there.extend(fields[2].split(' ').map(|position| position.parse::<i64>().expect("a position")));
    }
    there.sort_unstable();
    let events = pair.count("SELECT count(*) FROM events").await;
    assert_eq!(there, (1..=events).collect::<Vec<_>>());
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

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_read_holds_up_no_other_room() {
    let pair = Pair::new().await;
    let ann = pair.world.guest("Ann").await;
    let (bad, good) = (ann.room().await, ann.room().await);
    let there = ann.at(&pair.other.url);
    let (_bad, mut stream) = (there.follow(&bad, "0").await, there.follow(&good, "0").await);
    poison(&pair.world.database, &bad).await;
    let unreadable = async || pair.other.log().contains("room.unreadable").then_some(());
    eventually("a word about the room", unreadable).await;
    for index in 0..20 {
        ann.command(&good, json!({ "type": "chat.post", "text": format!("{index}") })).await.ok();
    }
    assert_eq!(stream.seqs_until(22).await, (1..=22).collect::<Vec<_>>());
    pair.other.reaches("synctv_feed_connected", 1.0).await;
    assert_eq!(pair.other.log().matches("room.unreadable").count(), 1, "it is told once");
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_the_outbox_do_not_pile_up_while_redis_is_away() {
    let settings = [("REDIS_URL", "redis://127.0.0.1:1"), ("SYNCTV_CATCHUP_WINDOW_SECS", "1")];
    let world = World::with(&settings).await;
    let ann = world.guest("Ann").await;
    ann.room().await;
    let rows = async || (number(&world.database, "SELECT count(*) FROM outbox").await == 0).then_some(());
    eventually("an empty outbox", rows).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn redis_that_refuses_what_it_is_given_is_not_given_up() {
    let pair = Pair::new().await;
    pair.redis.say(&["CONFIG", "SET", "maxmemory", "1"]);
    let ann = pair.world.guest("Ann").await;
    let room = ann.room().await;
    let mut stream = ann.at(&pair.other.url).follow(&room, "0").await;
    for index in 0..20 {
        ann.command(&room, json!({ "type": "chat.post", "text": format!("{index}") })).await.ok();
    }
    assert_eq!(stream.seqs_until(22).await, (1..=22).collect::<Vec<_>>());
    let told = async || pair.world.server.log().contains("relay.refused").then_some(());
    eventually("a word about Redis", told).await;
    pair.redis.say(&["CONFIG", "SET", "maxmemory", "0"]);
    let empty = async || (pair.count("SELECT count(*) FROM outbox").await == 0).then_some(());
    eventually("an empty outbox", empty).await;
    assert!(!pair.world.server.log().contains("redis.lost"), "{}", pair.world.server.log());
}
