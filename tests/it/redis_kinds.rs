//! Limits that nodes count together in whatever kind of Redis they are given.

use serde_json::{Value, json};

use crate::support::{
    Authority, Guest, Redis, RedisCluster, RedisSentinel, SERVICE, Server, TempDir, World, eventually, left, synctv,
};

/// Messages of one actor at once; one more each second.
const CHAT: u64 = 30;

/// Two servers over one database and one Redis.
pub struct Pair {
    pub world: World,
    pub other: Server,
    _dir: TempDir,
}

impl Pair {
    /// When both are connected.
    pub async fn new(settings: &[(&str, &str)]) -> Self {
        let settings = [&[("SYNCTV_RATE_LIMITS", "on"), ("SYNCTV_REDIS_PREFIX", "tv")], settings].concat();
        let world = World::with(&settings).await;
        let dir = TempDir::new();
        let other = Server::spawn(synctv(&[]).env("DATABASE_URL", &world.database).envs(settings), dir.path());
        let pair = Self { world, other, _dir: dir };
        for server in pair.servers() {
            eventually("Redis at both", async || (told(server, "redis.connected") > 0).then_some(())).await;
        }
        pair
    }

    pub fn servers(&self) -> [&Server; 2] {
        [&self.world.server, &self.other]
    }

    /// Somebody new says something at one server and then at the other, three times: what is left after each.
    pub async fn count(&self) -> Vec<u64> {
        let ann = self.world.guest("Ann").await;
        let (room, there) = (ann.room().await, ann.at(&self.other.url));
        let mut counted = Vec::new();
        for _ in 0..3 {
            counted.push(say(&ann, &room).await);
            counted.push(say(&there, &room).await);
        }
        counted
    }

    /// Whether both count in the same place.
    pub async fn counts_together(&self) -> bool {
        let counted = self.count().await;
        assert!(counted.iter().all(|left| *left < CHAT), "{counted:?}");
        // Apart, each would have taken three away, of which one comes back in a second.
        counted[5] < CHAT - 3
    }
}

/// Says something, which is never refused: what is left.
async fn say(guest: &Guest, room: &str) -> u64 {
    let request = guest.request(reqwest::Method::POST, &format!("/v1/rooms/{room}/commands"));
    let answer = request.json(&json!({ "type": "chat.post", "text": "x" })).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    left(&answer, "chat").expect("it is counted")
}

/// How often a server has logged this.
pub fn told(server: &Server, what: &str) -> usize {
    server.log().matches(what).count()
}

/// All keys begin as they should, and there are counts among them.
#[track_caller]
fn assert_prefixed<'a>(keys: impl IntoIterator<Item = &'a str>) {
    let keys: Vec<_> = keys.into_iter().collect();
    let begin = |with| keys.iter().filter(move |key| key.starts_with(with)).count();
    assert!(begin("tv:rl:") > 0 && begin("tv:") == keys.len(), "{keys:?}");
}

#[tokio::test]
async fn servers_count_together_in_a_cluster() {
    let cluster = RedisCluster::start().await;
    // One of its nodes is enough to find it.
    let url = format!("redis+cluster://{}", cluster.nodes[1].host());
    let pair = Pair::new(&[("REDIS_URL", &url)]).await;
    eventually("common counts", async || pair.counts_together().await.then_some(())).await;
    let found = async || {
        pair.count().await;
        let keys = cluster.keys("*");
        keys.iter().all(|keys| !keys.is_empty()).then_some(keys)
    };
    let keys = eventually("keys at every master", found).await;
    assert_prefixed(keys.iter().flatten().map(String::as_str));
    for server in pair.servers() {
        assert_eq!((told(server, "redis.connected"), told(server, "redis.lost")), (1, 0), "{}", server.log());
    }
}

#[tokio::test]
async fn servers_count_together_where_sentinels_point() {
    let redis = RedisSentinel::start("s3cret", "an0ther").await;
    let url = format!("redis+sentinel://:s3cret@{}/{SERVICE}/2?sentinel_password=an0ther", redis.hosts());
    let pair = Pair::new(&[("REDIS_URL", &url)]).await;
    eventually("common counts", async || pair.counts_together().await.then_some(())).await;
    assert_prefixed(redis.servers[0].say(&["-n", "2", "KEYS", "*"]).lines());
    assert_eq!(redis.servers[0].say(&["KEYS", "*"]), "");
}

#[tokio::test]
async fn servers_count_together_over_tls_with_certificates_of_their_own() {
    let authority = Authority::new();
    let (settings, asking) = (authority.settings("yes"), authority.asking());
    let [settings, asking] = [&settings, &asking].map(|texts| texts.iter().map(String::as_str).collect::<Vec<_>>());
    let redis = Redis::with(&settings, &asking).await;
    let cluster = RedisCluster::with(0, &settings, &asking).await;
    let (ca, (certificate, key)) = (authority.ca(), authority.issue("node"));
    let [ca, certificate, key] = [&ca, &certificate, &key].map(|path| path.to_str().expect("plain"));
    for url in [format!("rediss://{}", redis.host()), format!("rediss+cluster://{}", cluster.hosts())] {
        let files = [("SYNCTV_REDIS_CA", ca), ("SYNCTV_REDIS_CERT", certificate), ("SYNCTV_REDIS_KEY", key)];
        let pair = Pair::new(&[&[("REDIS_URL", &*url)], &files[..]].concat()).await;
        eventually("common counts", async || pair.counts_together().await.then_some(())).await;
    }
    assert_prefixed(redis.say(&["KEYS", "*"]).lines());
    assert_prefixed(cluster.keys("*").iter().flatten().map(String::as_str));
}

/// What the runbook grants to its user.
const GRANTS: &str = "~tv:* &tv:* +@read +@write +@scripting +@pubsub +@connection +@transaction +time";

#[tokio::test]
async fn a_user_of_redis_needs_its_own_keys_and_no_more() {
    let grant = |also: &'static str| {
        let grants = GRANTS.split(' ').chain(also.split_terminator(' '));
        ["ACL", "SETUSER", "tv", "on", ">p@ss/w"].into_iter().chain(grants).collect::<Vec<_>>()
    };
    let (redis, cluster) = (Redis::start().await, RedisCluster::start().await);
    let sentinel = RedisSentinel::start("s3cret", "an0ther").await;
    assert_eq!(redis.say(&grant("")), "OK");
    assert!(cluster.nodes.iter().all(|node| node.say(&grant("+cluster +asking")) == "OK"));
    assert_eq!(sentinel.servers[0].say(&grant("+role")), "OK");
    for rest in [
        format!("://tv:p%40ss%2Fw@{}", redis.host()),
        format!("+cluster://tv:p%40ss%2Fw@{}", cluster.hosts()),
        format!("+sentinel://tv:p%40ss%2Fw@{}/{SERVICE}?sentinel_password=an0ther", sentinel.hosts()),
    ] {
        let pair = Pair::new(&[("REDIS_URL", &format!("redis{rest}"))]).await;
        eventually("common counts", async || pair.counts_together().await.then_some(())).await;
    }
    assert_prefixed(redis.say(&["KEYS", "*"]).lines());
    let denied = [&redis, &sentinel.servers[0]].into_iter().chain(&cluster.nodes).map(|node| node.say(&["ACL", "LOG"]));
    assert_eq!(denied.collect::<String>(), "");
}

/// A server with this Redis serves, and says what is wrong with it, once, without the secret.
async fn assert_told(settings: &[(&str, &str)], why: &str) {
    let world = World::with(&[&[("SYNCTV_RATE_LIMITS", "on")], settings].concat()).await;
    let log = || world.server.log();
    let line = |log: String| log.lines().find(|line| line.contains("redis.unreachable")).map(str::to_owned);
    let line = eventually("a word", async || line(log())).await;
    assert!(line.contains(why), "{line}");
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    for number in 1..=3 {
        // At least: some come back.
        assert!(say(&ann, &room).await >= CHAT - number);
    }
    assert_eq!((told(&world.server, "redis.unreachable"), told(&world.server, "s3cret")), (1, 0), "{}", log());
}

#[tokio::test]
async fn what_is_wrong_with_redis_is_told_and_the_server_serves() {
    let (authority, another) = (Authority::new(), Authority::new());
    let settings = authority.settings("no");
    let asking = authority.asking();
    let [settings, asking] = [&settings, &asking].map(|texts| texts.iter().map(String::as_str).collect::<Vec<_>>());
    let tls = Redis::with(&settings, &asking).await;
    let plain = Redis::with(&["--requirepass", "right"], &["-a", "right"]).await;
    let sentinel = RedisSentinel::start("right", "r1ght").await;
    let ca = |authority: &Authority| authority.ca().to_str().expect("plain").to_owned();
    let (ca, wrong_ca) = (ca(&authority), ca(&another));
    let sentinels = |rest: &str| format!("redis+sentinel://:right@{}/{rest}", sentinel.hosts());
    for (url, ca, why) in [
        (format!("redis://:s3cret@{}", plain.host()), None, "uthentication"),
        (plain.url(), None, "NOAUTH"),
        (format!("redis+cluster://:right@{}", plain.host()), None, "cluster support disabled"),
        (format!("rediss://:s3cret@{}", plain.host()), Some(&ca), "if this port does not speak TLS"),
        (format!("redis://{}", tls.host()), None, "if this port speaks TLS"),
        (format!("rediss://{}", tls.host()), Some(&wrong_ca), "invalid peer certificate"),
        (format!("rediss://{}", tls.host()), None, "invalid peer certificate"),
        (sentinels("main?sentinel_password=s3cret"), None, "uthentication"),
        (sentinels("other?sentinel_password=r1ght"), None, "no such service"),
    ] {
        let ca = ca.map(|ca| ("SYNCTV_REDIS_CA", &**ca));
        let settings: Vec<_> = [("REDIS_URL", &*url)].into_iter().chain(ca).collect();
        assert_told(&settings, why).await;
    }
}

#[test]
fn a_configuration_that_names_no_redis_is_refused_without_the_secret() {
    for url in ["redis+cluster://:s3cret@a,b/2", "redis+sentinel://:s3cret@a", "rediss://:s3cret@a#insecure"] {
        let checked = synctv(&["config", "check"]).env("REDIS_URL", url).output().expect("the binary runs");
        let said = String::from_utf8_lossy(&[checked.stdout, checked.stderr].concat()).into_owned();
        assert_eq!(checked.status.code(), Some(1), "{said}");
        assert!(said.contains("redis_url") && !said.contains("s3cret"), "{said}");
    }
    let shown = synctv(&["config", "check", "--json"]).env("REDIS_URL", "rediss+cluster://:s3cret@a,b").output();
    let shown: Value = serde_json::from_slice(&shown.expect("the binary runs").stdout).expect("JSON");
    assert!(shown.to_string().contains("***") && !shown.to_string().contains("s3cret"), "{shown}");
}
