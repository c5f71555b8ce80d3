//! How a Redis is set up, for whoever wonders what is wrong with it. Nothing is changed.

use std::time::Duration;

use redis::{RedisError, Value};
use tokio::time::{Instant, timeout};

use crate::redis::Redis;
use crate::registry;

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(3);

/// What a Redis says about itself.
#[derive(Clone, Debug, Default)]
pub struct Examined {
    /// Of the program.
    pub version: String,
    /// What it does when it is full; empty: it does not tell.
    pub maxmemory_policy: String,
    /// Bytes that it may use; 0: without end.
    pub maxmemory: u64,
    /// Bytes that it uses.
    pub used_memory: u64,
    /// `master` or `slave`.
    pub role: String,
    /// How long a question took, ms: the best of a few.
    pub round_trip_ms: f64,
    /// Its clock, ms since 1970.
    pub time_ms: i64,
    /// Addresses of the nodes that said there that they are.
    pub nodes: Vec<String>,
}

/// Asks it, over a connection of its own.
///
/// # Errors
/// When it does not answer, as a sentence without its address.
pub async fn examine(redis: &Redis) -> Result<Examined, String> {
    let asked = timeout(PATIENCE, ask(redis)).await;
    asked.map_err(|_| format!("no answer within {} s", PATIENCE.as_secs()))?.map_err(|error| error.to_string())
}

async fn ask(redis: &Redis) -> Result<Examined, RedisError> {
    let mut connection = redis.link.dedicated().await?;
    let mut best = f64::MAX;
    for _ in 0..5 {
        let began = Instant::now();
        redis::cmd("PING").query_async::<()>(&mut connection).await?;
        best = best.min(began.elapsed().as_secs_f64() * 1000.0);
    }
    let (seconds, micros): (i64, i64) = redis::cmd("TIME").query_async(&mut connection).await?;
    let nodes = redis::cmd("ZRANGEBYSCORE").arg(registry::key(redis)).arg(seconds * 1000).arg("+inf").to_owned();
    let nodes: Vec<String> = nodes.query_async(&mut connection).await?;
    // Some services do not let everybody ask; what they do not tell stays empty.
    let info = redis::cmd("INFO").query_async::<Value>(&mut connection).await.ok();
    let info = info.and_then(|info| redis::from_redis_value::<String>(info).ok()).unwrap_or_default();
    let told = |name: &str| {
        let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        line.unwrap_or_default().trim().to_owned()
    };
    Ok(Examined {
        version: told("redis_version"),
        maxmemory_policy: told("maxmemory_policy"),
        maxmemory: told("maxmemory").parse().unwrap_or(0),
        used_memory: told("used_memory").parse().unwrap_or(0),
        role: told("role"),
        round_trip_ms: best,
        time_ms: seconds * 1000 + micros / 1000,
        nodes,
    })
}
