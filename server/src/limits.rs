//! Who counts how often somebody asks, and what guards the listener.

use std::sync::Arc;

use synctv_commands::{Limiter, LocalLimiter, Unlimited};
use synctv_edge::{Crowd, Door, Guard, Metrics};
use synctv_redis::{Fallbacks, RedisLimiter, UrlError};
use tokio::task::JoinSet;

use crate::config::{Config, RateLimits};

/// Nobody; this node; or all nodes in their Redis. `secret` is the same on all of them.
pub(crate) fn limiter(
    config: &Config,
    secret: &[u8],
    fallbacks: Fallbacks,
    background: &mut JoinSet<()>,
) -> Result<Arc<dyn Limiter>, UrlError> {
    let Some(url) = config.redis_url.as_deref().filter(|_| config.rate_limits == RateLimits::On) else {
        return Ok(match config.rate_limits {
            RateLimits::On => Arc::new(LocalLimiter::default()),
            RateLimits::Off => Arc::new(Unlimited),
        });
    };
    let limiter = RedisLimiter::new(url, &config.redis_prefix, secret, fallbacks)?;
    let kept = limiter.clone();
    background.spawn(async move { kept.keep().await });
    Ok(Arc::new(limiter))
}

/// What is believed and admitted, and the door of the listener.
pub(crate) fn guard(config: &Config, metrics: &Arc<Metrics>) -> (Guard, Door) {
    let limited = config.rate_limits == RateLimits::On;
    let crowd = || Crowd::new(limited.then_some(config.connections_per_address as usize));
    let trusted = config.trusted_proxies.clone();
    let door = Door::guarded(trusted.clone(), crowd(), Arc::clone(metrics));
    (Guard { trusted, limited, streams: crowd() }, door)
}
