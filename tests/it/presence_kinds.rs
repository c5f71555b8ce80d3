//! People at different servers see each other over every kind of Redis.

use crate::redis_kinds::Pair;
use crate::support::{Guest, METRICS, RedisCluster, RedisSentinel, SERVICE, Socket, rounds};

/// Ann at one server, Bob at another, who see each other.
async fn meet(pair: &Pair) -> ([Guest; 2], [Socket; 2]) {
    let [one, other] = pair.servers();
    let (ann, bob) = (Guest::new(&one.url, "Ann").await, Guest::new(&other.url, "Bob").await);
    let room = ann.room().await;
    bob.join(&room).await;
    let (mut here, mut there) = (ann.socket(&room).await, bob.socket(&room).await);
    here.sees(&bob, "online").await;
    there.sees(&ann, "online").await;
    ([ann, bob], [here, there])
}

#[tokio::test]
async fn in_a_cluster_nothing_that_is_said_of_people_overtakes_anything() {
    let cluster = RedisCluster::start().await;
    let pair = Pair::new(&[METRICS, ("REDIS_URL", &cluster.url())]).await;
    for _ in 0..rounds(4, 20) {
        let ([ann, bob], [mut here, mut there]) = meet(&pair).await;
        for state in ["active", "away"].repeat(5) {
            there.presence(state).await;
            here.sees(&bob, state).await;
            here.presence(state).await;
            there.sees(&ann, state).await;
        }
    }
    for server in pair.servers() {
        let scrape = server.scrape().await;
        for reason in ["epoch", "forged", "malformed", "old"] {
            assert_eq!(scrape.value(&format!("synctv_ephemera_refused_total{{reason=\"{reason}\"}}")), 0.0, "{reason}");
        }
    }
}

#[tokio::test]
async fn people_see_each_other_again_after_a_failover() {
    let mut redis = RedisSentinel::start("s3cret", "an0ther").await;
    let url = format!("redis+sentinel://:s3cret@{}/{SERVICE}?sentinel_password=an0ther", redis.hosts());
    let pair = Pair::new(&[("REDIS_URL", &url)]).await;
    let ([ann, bob], [mut here, mut there]) = meet(&pair).await;
    redis.servers[0].kill();
    there.presence("away").await;
    here.sees(&bob, "away").await;
    here.presence("active").await;
    there.sees(&ann, "active").await;
}
