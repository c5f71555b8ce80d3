//! Limits that nodes count together in Redis, and what becomes of them without it.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use synctv_commands::{Limit, Limiter, LocalLimiter, Quota, Rate};
use synctv_redis::{Fallbacks, RedisLimiter};

use crate::support::{Guest, METRICS, Redis, Server, TempDir, World, eventually, left, random, rounds, synctv};

const ON: (&str, &str) = ("SYNCTV_RATE_LIMITS", "on");
/// Messages of one actor at once.
const CHAT: u64 = 30;
/// Redis gets 50 ms; five times what is left of 200 ms for the rest, because the machine is busy.
const NOTICED: Duration = Duration::from_secs(1);
const FOUR_WAITS: Duration = Duration::from_millis(200);

fn chat() -> Value {
    json!({ "type": "chat.post", "text": "x" })
}

/// Says something: what is left, and how long it took.
async fn say(guest: &Guest, room: &str) -> (Option<u64>, Duration) {
    let (began, path) = (Instant::now(), format!("/v1/rooms/{room}/commands"));
    let answer = guest.request(Method::POST, &path).json(&chat()).send().await.expect("an answer");
    assert!([200, 429].contains(&answer.status().as_u16()), "{}", answer.status());
    (left(&answer, "chat"), began.elapsed())
}

#[tokio::test]
async fn two_servers_count_together() {
    let redis = Redis::start().await;
    let url = redis.url();
    let settings = [ON, ("REDIS_URL", &*url), ("SYNCTV_REDIS_PREFIX", "tv")];
    let world = World::with(&settings).await;
    let dir = TempDir::new();
    let other = Server::spawn(synctv(&[]).env("DATABASE_URL", &world.database).envs(settings), dir.path());
    for server in [&world.server, &other] {
        let connected = async || server.log().contains("redis.connected").then_some(());
        eventually("Redis at both", connected).await;
    }
    let ann = world.guest("Ann").await;
    let (room, there) = (ann.room().await, ann.at(&other.url));
    let began = Instant::now();
    let mut counted = Vec::new();
    for _ in 0..5 {
        counted.push(say(&ann, &room).await.0.expect("it is counted"));
        counted.push(say(&there, &room).await.0.expect("it is counted"));
    }
    // One comes back each second.
    let back = began.elapsed().as_secs() + 1;
    for (number, left) in (1..).zip(&counted) {
        assert!((CHAT - number..=CHAT - number + back).contains(left), "{counted:?}");
    }
    let keys = redis.say(&["KEYS", "*"]);
    let own = |key: &str| key.starts_with("tv:rl:") || key.starts_with("tv:ev:");
    assert!(keys.lines().count() >= 1 && keys.lines().all(own), "{keys}");
    for secret in [ann.id.trim_start_matches("gst_"), room.trim_start_matches("room_"), "127.0.0.1"] {
        assert!(!keys.contains(secret), "{keys}");
    }
    let chats: Vec<&str> = keys.lines().filter(|key| key.starts_with("tv:rl:chat:")).collect();
    let [key] = &chats[..] else { panic!("one actor has spoken: {keys}") };
    assert!((1..=31).contains(&redis.say(&["TTL", key]).parse::<i64>().expect("a number")), "it is forgotten in time");
}

#[tokio::test]
async fn redis_that_dies_or_hangs_or_lies_holds_up_nobody() {
    let mut redis = Redis::start().await;
    let url = redis.url();
    let world = World::with(&[ON, METRICS, ("REDIS_URL", &*url)]).await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let fallbacks = async || world.server.scrape().await.value("synctv_rate_limit_fallbacks_total");
    let lost = || world.server.log().matches("redis.lost").count();
    let in_use = async |redis: &Redis| {
        redis.say(&["FLUSHALL"]);
        eventually("counts in Redis", async || {
            say(&ann, &room).await;
            redis.say(&["KEYS", "synctv:rl:chat:*"]).starts_with("synctv").then_some(())
        })
        .await;
    };
    for number in 1..=2 {
        in_use(&redis).await;
        let before = fallbacks().await;
        if number == 1 {
            redis.kill();
        } else {
            redis.signal("STOP");
        }
        let mut took = Vec::new();
        for _ in 0..10 {
            took.push(say(&ann, &room).await.1);
        }
        took.sort();
        assert!(took[9] < NOTICED, "{took:?}");
        // Only the first one waited: each of its four counts would take 50 ms.
        assert!(took[0] < FOUR_WAITS, "{took:?}");
        assert!(fallbacks().await > before);
        assert_eq!(lost(), number, "it is told once: {}", world.server.log());
        if number == 1 { redis.again().await } else { redis.signal("CONT") }
    }
    in_use(&redis).await;
    let key = redis.say(&["KEYS", "synctv:rl:chat:*"]);
    // A clock that was set back: at most one interval is waited for.
    redis.say(&["SET", &key, "9000000000000000"]);
    let answer = ann.command(&room, chat()).await;
    assert_eq!(answer.body["limit"], "chat", "{:#}", answer.body);
    assert!(answer.body["retry_after_ms"].as_u64().is_some_and(|ms| ms <= 1000), "{:#}", answer.body);
    for lie in [&["SET", &*key, "rubbish"][..], &["SET", &key, "-1"], &["FLUSHALL"]] {
        redis.say(lie);
        assert_eq!(say(&ann, &room).await.0, Some(CHAT - 1), "{lie:?}");
    }
    let (_, before) = (redis.say(&["FLUSHALL"]), fallbacks().await);
    redis.say(&["LPUSH", &key, "a list"]);
    say(&ann, &room).await;
    assert!(fallbacks().await > before);
}

#[tokio::test]
async fn a_server_starts_without_its_redis_and_takes_it_up_when_it_is_there() {
    let mut redis = Redis::start().await;
    let url = redis.url();
    redis.kill();
    let world = World::with(&[ON, METRICS, ("REDIS_URL", &*url)]).await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    for number in 1..=5 {
        assert!(say(&ann, &room).await.0 >= Some(CHAT - number));
    }
    assert!(world.server.scrape().await.value("synctv_rate_limit_fallbacks_total") > 0.0);
    redis.again().await;
    eventually("counts in Redis", async || {
        say(&ann, &room).await;
        (!redis.say(&["KEYS", "*"]).is_empty()).then_some(())
    })
    .await;
}

/// A limiter over this Redis, when it is connected.
async fn limiter(redis: &Redis) -> RedisLimiter {
    let shared = synctv_redis::Redis::new(&redis.url(), "t").expect("an address");
    let limiter = RedisLimiter::new(shared.clone(), b"secret", Fallbacks::default());
    let kept = shared;
    tokio::spawn(async move { kept.keep().await });
    let limit = Limit { name: "first", rate: Rate { burst: 1, every: Duration::from_secs(3600) } };
    eventually("a count in Redis", async || {
        limiter.take(&limit, "x").await;
        redis.say(&["KEYS", "t:rl:first:*"]).starts_with("t:rl").then_some(())
    })
    .await;
    limiter
}

#[tokio::test]
async fn redis_and_a_node_by_itself_decide_alike() {
    let redis = Redis::start().await;
    let (shared, local) = (limiter(&redis).await, LocalLimiter::default());
    for round in 0..rounds(20, 300) {
        // So long that nothing comes back meanwhile.
        let every = Duration::from_secs(3600 + random(3600));
        let rate = Rate { burst: u32::try_from(random(12)).expect("small"), every };
        let limit = Limit { name: "agreement", rate };
        for step in 0..60 {
            let key = format!("{round}:{}", random(3));
            if random(4) == 0 {
                shared.give_back(&limit, &key).await;
                local.give_back(&limit, &key).await;
                continue;
            }
            let (one, other) = (shared.take(&limit, &key).await, local.take(&limit, &key).await);
            let granted = |quota: Quota| (quota.remaining, quota.wait.is_none());
            assert_eq!(granted(one), granted(other), "{rate:?}, step {step}");
            let near = |one: Duration, other: Duration| one.abs_diff(other) < Duration::from_secs(30);
            assert!(near(one.reset, other.reset), "{one:?} {other:?}");
            assert!(near(one.wait.unwrap_or_default(), other.wait.unwrap_or_default()), "{one:?} {other:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_crowd_gets_more_of_redis_than_the_burst_and_one_for_each_interval() {
    let redis = Redis::start().await;
    let limiter = limiter(&redis).await;
    let limit = Limit { name: "crowd", rate: Rate { burst: 50, every: Duration::from_millis(20) } };
    for round in 0..rounds(3, 20) {
        let (began, key) = (Instant::now(), format!("{round}"));
        let takes = (0..16).map(|_| async {
            let mut granted = 0;
            for _ in 0..40 {
                granted += u32::from(limiter.take(&limit, &key).await.wait.is_none());
            }
            granted
        });
        let granted: u32 = futures::future::join_all(takes).await.into_iter().sum();
        let most = limit.rate.burst + u32::try_from(began.elapsed().as_millis() / 20).expect("soon") + 1;
        assert!((limit.rate.burst..=most).contains(&granted), "{granted} of {most}");
    }
}
