//! Who counts how often somebody asks, and what guards the listener.

use std::sync::Arc;

use synctv_commands::{Limiter, LocalLimiter, Unlimited};
use synctv_edge::{Crowd, Door, Guard, Metrics};
use synctv_redis::{Fallbacks, Redis, RedisLimiter};

use crate::config::{Config, RateLimits};

/// Nobody; this node; or all nodes in their Redis. `secret` is the same on all of them.
pub(crate) fn limiter(config: &Config, redis: Option<&Redis>, secret: &[u8], fallbacks: Fallbacks) -> Arc<dyn Limiter> {
    match (config.rate_limits, redis) {
        (RateLimits::Off, _) => Arc::new(Unlimited),
        (RateLimits::On, None) => Arc::new(LocalLimiter::default()),
        (RateLimits::On, Some(redis)) => Arc::new(RedisLimiter::new(redis.clone(), secret, fallbacks)),
    }
}

/// What is believed and admitted, and the door of the listener.
pub(crate) fn guard(config: &Config, metrics: &Arc<Metrics>) -> (Guard, Door) {
    let limited = config.rate_limits == RateLimits::On;
    let crowd = || Crowd::new(limited.then_some(config.connections_per_address as usize));
    let trusted = config.trusted_proxies.clone();
    let door = Door::guarded(trusted.clone(), crowd(), Arc::clone(metrics));
    (Guard { trusted, limited, streams: crowd() }, door)
}
