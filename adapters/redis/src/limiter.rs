//! Limits that the nodes of one log count together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use hmac::{Hmac, Mac};
use prometheus::{IntCounter, Registry};
use redis::Script;
use sha2::Sha256;
use synctv_commands::{Limit, Limiter, LocalLimiter, Quota};
use tokio::time::{Instant, timeout};

use crate::redis::Redis;

/// How long somebody waits for Redis; then this node counts.
const DEADLINE: Duration = Duration::from_millis(50);

/// Redis that has not answered for so long is given up.
const SILENCE: Duration = Duration::from_millis(100);

/// How often this node counted by itself because Redis did not answer.
#[derive(Clone, Debug)]
pub struct Fallbacks(IntCounter);

impl Default for Fallbacks {
    fn default() -> Self {
        let help = "How often this node counted a limit by itself because Redis did not answer";
        Self(IntCounter::new("synctv_rate_limit_fallbacks_total", help).expect("a constant name is valid"))
    }
}

impl Fallbacks {
    /// Makes it part of what is exported.
    ///
    /// # Errors
    /// When it is already.
    pub fn register(&self, registry: &Registry) -> prometheus::Result<()> {
        registry.register(Box::new(self.0.clone()))
    }
}

/// Counts in Redis while that answers within 50 ms, and on this node while it does not. Never fails.
#[derive(Clone)]
pub struct RedisLimiter(Arc<Inner>);

struct Inner {
    redis: Redis,
    local: LocalLimiter,
    take: Script,
    give_back: Script,
    names: Hmac<Sha256>,
    fallbacks: Fallbacks,
    /// Since when it has not answered.
    silent: Mutex<Option<Instant>>,
}

impl RedisLimiter {
    /// Counts in keys `{prefix}:rl:{limit}:{…}`. `secret`, the same on all nodes, hides addresses and ids from who reads the keys.
    #[must_use]
    pub fn new(redis: Redis, secret: &[u8], fallbacks: Fallbacks) -> Self {
        Self(Arc::new(Inner {
            redis,
            local: LocalLimiter::default(),
            take: Script::new(include_str!("take.lua")),
            give_back: Script::new(include_str!("give_back.lua")),
            names: Hmac::new_from_slice(secret).expect("HMAC takes a key of any length"),
            fallbacks,
            silent: Mutex::default(),
        }))
    }
}

impl Inner {
    /// In the Redis of all nodes; None: it does not answer.
    async fn run(&self, script: &Script, limit: &Limit, key: &str) -> Option<(Duration, Duration)> {
        let (number, mut connection) = self.redis.link.connection()?;
        let mut call = script.key(self.name(limit, key));
        call.arg(micros(limit.rate.every)).arg(micros(limit.rate.tolerance()));
        let began = Instant::now();
        let answer = timeout(DEADLINE, call.invoke_async::<(u64, u64)>(&mut connection)).await;
        if answer.is_ok() {
            *self.silent() = None;
        }
        match answer {
            Ok(Ok((ahead, wait))) => return Some((Duration::from_micros(ahead), Duration::from_micros(wait))),
            Ok(Err(error)) => self.redis.link.failed(number, &error),
            // Others share the connection: one late answer is no reason to take it from them.
            Err(_) if self.silent().get_or_insert(began).elapsed() < SILENCE => {}
            Err(_) => self.redis.link.lose(number, "no answer in time"),
        }
        None
    }

    fn silent(&self) -> MutexGuard<'_, Option<Instant>> {
        self.silent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn name(&self, limit: &Limit, key: &str) -> String {
        let names = self.names.clone().chain_update(limit.name).chain_update([0]).chain_update(key);
        let hash = names.finalize().into_bytes();
        let hash = hash[..16].iter().fold(0, |hash, byte| hash << 8 | u128::from(*byte));
        format!("{}:rl:{}:{hash:032x}", self.redis.prefix, limit.name)
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

#[async_trait]
impl Limiter for RedisLimiter {
    async fn take(&self, limit: &Limit, key: &str) -> Quota {
        let inner = &*self.0;
        let Some((ahead, wait)) = inner.run(&inner.take, limit, key).await else {
            inner.fallbacks.0.inc();
            return inner.local.take_now(limit, key);
        };
        limit.rate.quota(ahead, Some(wait).filter(|wait| !wait.is_zero()))
    }

    async fn give_back(&self, limit: &Limit, key: &str) {
        let inner = &*self.0;
        if inner.run(&inner.give_back, limit, key).await.is_none() {
            inner.local.give_back_now(limit, key);
        }
    }
}

#[cfg(test)]
mod tests {
    use synctv_commands::Rate;

    use super::*;

    #[test]
    fn keys_tell_nobody_whose_they_are() {
        let limiter = |secret: &[u8]| {
            let redis = Redis::new("redis://127.0.0.1:1", "p").expect("an address");
            RedisLimiter::new(redis, secret, Fallbacks::default()).0
        };
        let limit = Limit { name: "guests", rate: Rate { burst: 1, every: Duration::from_secs(1) } };
        let name = limiter(b"secret").name(&limit, "203.0.113.7");
        assert!(name.starts_with("p:rl:guests:") && name.len() == 12 + 32 && !name.contains("203"), "{name}");
        assert_eq!(name, limiter(b"secret").name(&limit, "203.0.113.7"));
        assert_ne!(name, limiter(b"secret").name(&limit, "203.0.113.8"));
        assert_ne!(name, limiter(b"another").name(&limit, "203.0.113.7"));
    }

    #[tokio::test]
    async fn without_redis_this_node_counts_by_itself() {
        let fallbacks = Fallbacks::default();
        let redis = Redis::new("redis://127.0.0.1:1", "p").expect("an address");
        let limiter = RedisLimiter::new(redis, b"s", fallbacks.clone());
        let limit = Limit { name: "x", rate: Rate { burst: 2, every: Duration::from_secs(60) } };
        for granted in [true, true, false] {
            assert_eq!(limiter.take(&limit, "a").await.wait.is_none(), granted);
        }
        limiter.give_back(&limit, "a").await;
        assert!(limiter.take(&limit, "a").await.wait.is_none());
        assert_eq!(fallbacks.0.get(), 4);
    }
}
