//! Two servers over whatever kind of Redis, whose masters and slots go elsewhere under load: a ledger of what was accepted, and
//! what every subscriber saw.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::redis_kinds::{Pair, told};
use crate::support::{
    Address, Entry, Follower, Guest, KINDS, METRICS, Redis, RedisCluster, RedisSentinel, SERVICE, SOON,
    assert_verified, compare, eventually, number, write,
};

const ROOMS: usize = 3;
const NEW: &str = "synctv_feed_entries_total{result=\"new\"}";

/// Two who write at each server, and followers of every kind at each.
struct Load<'a> {
    pair: &'a Pair,
    rooms: Vec<String>,
    stop: Arc<AtomicBool>,
    writers: Vec<JoinHandle<Vec<Entry>>>,
    /// The last seq of each room, when it is known.
    ends: Arc<[AtomicI64; ROOMS]>,
    followers: Vec<(usize, JoinHandle<Vec<i64>>)>,
}

impl<'a> Load<'a> {
    async fn start(pair: &'a Pair) -> Self {
        let (mut guests, mut rooms) = (Vec::new(), Vec::new());
        for index in 0..4 {
            guests.push(Guest::new(&pair.servers()[index % 2].url, "Ann").await);
        }
        for _ in 0..ROOMS {
            let room = guests[0].room().await;
            for guest in &guests[1..] {
                guest.join(&room).await;
            }
            rooms.push(room);
        }
        let (stop, ends) = (Arc::new(AtomicBool::new(false)), Arc::new([const { AtomicI64::new(0) }; ROOMS]));
        let mut followers = Vec::new();
        for (room, name) in rooms.iter().enumerate() {
            for (guest, kind) in guests.iter().zip(KINDS.into_iter().chain([KINDS[0]])) {
                let (there, ends) = (Address::new(&guest.url), Arc::clone(&ends));
                let last = move || Some(ends[room].load(Ordering::Relaxed)).filter(|last| *last > 0);
                let follower = Follower::new(kind, guest, name).until(there.clone(), there, last);
                followers.push((room, tokio::spawn(follower)));
            }
        }
        let writer = |(index, guest): (usize, &Guest)| {
            let there = Address::new(&guest.url);
            tokio::spawn(write(guest.clone(), rooms.clone(), there, format!("k{index}"), Arc::clone(&stop)))
        };
        let writers = guests.iter().enumerate().map(writer).collect();
        Self { pair, rooms, stop, writers, ends, followers }
    }

    fn database(&self) -> &str {
        &self.pair.world.database
    }

    /// Until so many more events are stored.
    async fn goes_on(&self, events: i64) {
        let head = async || number(self.database(), "SELECT max(position) FROM events").await;
        let before = head().await;
        eventually("more events", async || (head().await >= before + events).then_some(())).await;
    }

    /// How many events each server heard of through Redis.
    async fn heard(&self) -> [f64; 2] {
        let [one, other] = self.pair.servers();
        [one.scrape().await.value(NEW), other.scrape().await.value(NEW)]
    }

    /// Until both hear through Redis, again.
    async fn is_heard(&self) {
        let before = self.heard().await;
        let heard = async || {
            let now = self.heard().await;
            (now[0] > before[0] && now[1] > before[1]).then_some(())
        };
        eventually("events through Redis", heard).await;
    }

    /// Nothing that was accepted is lost or there twice, nothing was refused, and every follower saw all of it, once and in order.
    async fn end(mut self) {
        self.stop.store(true, Ordering::Relaxed);
        let mut entries = Vec::new();
        for writer in std::mem::take(&mut self.writers) {
            entries.extend(writer.await.expect("it does not panic"));
        }
        let refused: Vec<_> = entries.iter().filter(|entry| !entry.accepted()).map(|it| (&it.key, it.code())).collect();
        assert!(refused.is_empty(), "{} of {}: {refused:?}", refused.len(), entries.len());
        compare(self.database(), &entries).await;
        for (room, end) in self.rooms.iter().zip(self.ends.iter()) {
            let head = format!("SELECT max(seq) FROM events WHERE stream_id = '{room}'");
            end.store(number(self.database(), &head).await, Ordering::Relaxed);
        }
        for (room, follower) in std::mem::take(&mut self.followers) {
            let last = self.ends[room].load(Ordering::Relaxed);
            let seen = timeout(SOON, follower).await.unwrap_or_else(|_| panic!("a follower does not get to {last}"));
            assert!(seen.expect("it does not panic").into_iter().eq(1..=last));
        }
        let empty = async || (number(self.database(), "SELECT count(*) FROM outbox").await == 0).then_some(());
        eventually("an empty outbox", empty).await;
        assert_verified(self.database());
        println!("{} commands, {:?} heard of through Redis", entries.len(), self.heard().await);
    }
}

/// Two servers that are not limited.
async fn pair(url: &str) -> Pair {
    let pair = Pair::new(&[METRICS, ("SYNCTV_RATE_LIMITS", "off"), ("REDIS_URL", url)]).await;
    for server in pair.servers() {
        server.reaches("synctv_feed_connected", 1.0).await;
    }
    pair
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slots_of_streams_that_move_under_load_cost_no_event() {
    let cluster = RedisCluster::start().await;
    let pair = pair(&cluster.url()).await;
    let load = Load::start(&pair).await;
    load.is_heard().await;
    let streams: Vec<(usize, String)> = (0..)
        .zip(cluster.keys("tv:ev:*"))
        .flat_map(|(node, keys)| keys.into_iter().map(move |key| (node, key)))
        .collect();
    assert!(!streams.is_empty());
    for (from, key) in &streams {
        let (slot, to) = (cluster.slot(key), (from + 1) % 3);
        cluster.open(&slot, *from, to);
        load.goes_on(50).await;
        cluster.carry(&slot, *from, to);
        // Neither here nor there: it is asked for.
        load.goes_on(50).await;
        load.is_heard().await;
        cluster.close(&slot, to);
        load.goes_on(50).await;
        load.is_heard().await;
        assert!(cluster.keys("tv:ev:*")[to].contains(key), "{key} is at {to}");
    }
    load.end().await;
    for server in pair.servers() {
        assert_eq!(told(server, "relay.poisoned"), 0, "{}", server.log());
        assert_eq!(told(server, "redis.lost"), 0, "{}", server.log());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_of_streams_that_is_lost_under_load_costs_no_event() {
    let mut cluster = RedisCluster::with(1, &[], &[]).await;
    let pair = pair(&cluster.url()).await;
    let load = Load::start(&pair).await;
    load.is_heard().await;
    // Besides those of the load, a room whose stream is there.
    let ann = pair.world.guest("Ann").await;
    let there = async || {
        ann.room().await;
        (!cluster.keys("tv:ev:*")[0].is_empty()).then_some(())
    };
    eventually("a stream", there).await;
    cluster.nodes[0].kill();
    load.goes_on(100).await;
    let follows = async || (cluster.nodes[3].field(&["INFO"], "role") == "master").then_some(());
    eventually("another master", follows).await;
    load.goes_on(100).await;
    load.is_heard().await;
    load.end().await;
    for server in pair.servers() {
        server.reaches("synctv_feed_connected", 1.0).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failover_of_streams_under_load_costs_no_event() {
    let mut redis = RedisSentinel::start("s3cret", "an0ther").await;
    let url = format!("redis+sentinel://:s3cret@{}/{SERVICE}?sentinel_password=an0ther", redis.hosts());
    let pair = pair(&url).await;
    let load = Load::start(&pair).await;
    load.is_heard().await;
    redis.servers[0].kill();
    load.goes_on(100).await;
    for server in pair.servers() {
        eventually("Redis again", async || (told(server, "redis.connected") >= 2).then_some(())).await;
        server.reaches("synctv_feed_connected", 1.0).await;
    }
    load.goes_on(100).await;
    load.is_heard().await;
    assert_eq!(redis.servers[1].field(&["INFO"], "role"), "master");
    load.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_are_read_where_sentinels_point_and_not_where_the_master_was() {
    let redis = RedisSentinel::start("s3cret", "an0ther").await;
    let url = format!("redis+sentinel://:s3cret@{}/{SERVICE}?sentinel_password=an0ther", redis.hosts());
    let pair = pair(&url).await;
    let load = Load::start(&pair).await;
    load.is_heard().await;
    redis.hide(0);
    for server in pair.servers() {
        eventually("another master", async || (told(server, "redis.connected") >= 2).then_some(())).await;
    }
    load.goes_on(100).await;
    load.is_heard().await;
    // It still answers, and takes itself for the master.
    assert_eq!(redis.servers[0].field(&["INFO"], "role"), "master");
    load.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_of_streams_that_is_no_master_any_more_is_left_and_costs_no_event() {
    let redis = Redis::start().await;
    let pair = pair(&redis.url()).await;
    let load = Load::start(&pair).await;
    load.is_heard().await;
    redis.say(&["REPLICAOF", "127.0.0.1", "1"]);
    for server in pair.servers() {
        eventually("it to be left", async || (told(server, "that server is no master any more") > 0).then_some(()))
            .await;
    }
    load.goes_on(100).await;
    redis.say(&["REPLICAOF", "NO", "ONE"]);
    load.is_heard().await;
    load.end().await;
}
