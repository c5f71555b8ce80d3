//! Events between nodes: through Redis, if there is one.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{Hearing, Unseal};
use synctv_postgres::{Incarnation, PgLeases, PgOutbox, PgPool};
use synctv_redis::{Feed, Redis, Relay, RelayMetrics};
use tokio::task::JoinSet;

use crate::config::Config;

/// What takes the events of this node to others.
pub(crate) fn relay(config: &Config, redis: &Redis, secret: &[u8], metrics: &RelayMetrics) -> Relay {
    let window = Duration::from_secs(config.catchup_window_secs.into());
    Relay::new(redis.clone(), secret, window, metrics.clone())
}

/// Takes the outbox to Redis and hears of other nodes from there. Rows that nobody takes are removed when they are old.
pub(crate) fn start(
    config: &Config,
    relay: Option<Relay>,
    (pool, leases, incarnation): (PgPool, Arc<PgLeases>, Arc<Incarnation>),
    (unseal, hearing): (Arc<dyn Unseal>, Arc<dyn Hearing>),
    background: &mut JoinSet<()>,
) {
    let window = config.catchup_window_secs;
    let outbox = PgOutbox::pruned(pool.clone(), Arc::clone(&leases), Arc::clone(&incarnation));
    background.spawn(async move { outbox.prune(window).await });
    let Some(relay) = relay else { return };
    let outbox = Arc::new(PgOutbox::relayed(pool, leases, incarnation));
    let feed = Feed::new(relay.clone(), Arc::clone(&outbox) as _, unseal, hearing);
    background.spawn(async move { feed.run().await });
    background.spawn(async move { relay.run(outbox).await });
}
