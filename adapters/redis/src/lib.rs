//! What nodes share through Redis.
//!
//! Redis is a hint: when it does not answer, every node goes on by itself, and nothing fails.

mod address;
mod cluster;
mod connection;
mod ephemera;
mod examine;
mod kind;
mod limiter;
mod link;
mod redis;
mod registry;
mod relay;
mod seal;
mod sentinels;
mod tls;
mod unusable;
mod wanderer;
mod way;

pub use self::redis::Redis;
pub use ephemera::{Ephemera, Refused};
pub use examine::{Examined, examine};
pub use limiter::{Fallbacks, RedisLimiter};
pub use registry::Registry;
pub use relay::{Feed, Metrics as RelayMetrics, Relay};
pub use tls::Certificates;
pub use unusable::Unusable;
