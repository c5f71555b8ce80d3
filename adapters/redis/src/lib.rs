//! What nodes share through Redis.
//!
//! Redis is a hint: when it does not answer, every node goes on by itself, and nothing fails.

mod connection;
mod limiter;
mod link;
mod redis;
mod relay;

pub use self::redis::Redis;
pub use limiter::{Fallbacks, RedisLimiter};
pub use link::UrlError;
pub use relay::{Feed, Metrics as RelayMetrics, Relay};
