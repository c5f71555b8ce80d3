//! Where the nodes are: each says so every few seconds, and is forgotten when it does not.

use std::time::Duration;

use redis::Script;
use tokio::time::{sleep, timeout};

use crate::redis::Redis;

/// How often a node says that it is there, and looks who else is.
const EVERY: Duration = Duration::from_secs(2);
/// For how long that is good.
const TERM: Duration = Duration::from_secs(6);
/// An answer that takes longer is none.
const DEADLINE: Duration = Duration::from_secs(1);

/// The nodes that share a Redis and a prefix, in one key `{prefix}:nodes`.
#[derive(Clone)]
pub struct Registry {
    redis: Redis,
    key: String,
    address: String,
}

impl Registry {
    /// Of the node at this address.
    #[must_use]
    pub fn new(redis: Redis, address: String) -> Self {
        let key = key(&redis);
        Self { redis, key, address }
    }

    /// Says that this node is there, and tells who is. Runs until dropped.
    pub async fn keep(&self, found: impl Fn(Vec<String>)) {
        let script = Script::new(include_str!("registry.lua"));
        loop {
            let (number, mut connection) = self.redis.link.connected().await;
            let mut call = script.key(&self.key);
            call.arg(&self.address).arg(millis(TERM));
            match timeout(DEADLINE, call.invoke_async::<Vec<String>>(&mut connection)).await {
                Ok(Ok(addresses)) => found(addresses),
                Ok(Err(error)) => self.redis.link.failed(number, &error),
                Err(_) => self.redis.link.lose(number, "no answer within a second"),
            }
            sleep(EVERY).await;
        }
    }

    /// Says that this node is no longer there.
    pub async fn leave(&self) {
        let Some((_, mut connection)) = self.redis.link.connection() else { return };
        let mut gone = redis::cmd("ZREM");
        let gone = gone.arg(&self.key).arg(&self.address);
        // Otherwise it is forgotten within seconds.
        let _ = timeout(DEADLINE, gone.query_async::<()>(&mut connection)).await;
    }
}

/// One key, so that it is whole in a Redis Cluster as well.
pub(crate) fn key(redis: &Redis) -> String {
    format!("{}:nodes", redis.prefix)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
