//! This node among the others of its log: who it is, and how it finds them.

mod address;
mod discovery;
mod metrics;

use std::sync::Arc;

use synctv_commands::Clock;
use synctv_domain::{Room, Timestamp};
use synctv_grpc::cluster::{Cluster, Identity, Key, Tls, TlsError};
use synctv_postgres::Incarnation;
use synctv_redis::{Redis, Registry};
use tokio::task::JoinSet;

pub(crate) use self::address::advertised;
pub(crate) use self::discovery::{REDIS, resolved};
pub(crate) use self::metrics::Members;
use crate::config::Config;
use crate::listeners::Bound;
use crate::node::BUILD;

/// What a node says about itself is made of this.
pub(crate) struct About<'a> {
    pub(crate) config: &'a Config,
    /// What nodes know each other by, and what signs tokens.
    pub(crate) secrets: (&'a [u8], &'a [u8]),
    pub(crate) incarnation: &'a Incarnation,
    pub(crate) clock: &'a Arc<dyn Clock>,
    /// Its name, and what tells this start from every other.
    pub(crate) called: (&'a str, &'a str),
}

impl About<'_> {
    /// Reached at this address; at none, if it only looks.
    pub(crate) fn cluster(&self, address: String) -> Result<Arc<Cluster>, TlsError> {
        let config = self.config;
        let key = Key::new(self.secrets.0);
        let redis = match &config.redis_url {
            Some(_) => format!("with the prefix {}", config.redis_prefix),
            None => "none".to_owned(),
        };
        let settings = vec![
            ("jwt_secret", key.digest("jwt_secret", self.secrets.1)),
            ("redis", key.digest("redis", redis.as_bytes())),
        ];
        let identity = Identity {
            node_id: self.called.0.to_owned(),
            instance: self.called.1.to_owned(),
            version: BUILD.version,
            schema: Room::SCHEMA,
            log_id: self.incarnation.log_id(),
            epoch: self.incarnation.epochs(),
            address,
            started_at: Timestamp(self.clock.now().0.saturating_mul(1000)),
            settings,
            clock: Arc::clone(self.clock),
        };
        let tls = config.cluster.tls.as_ref().map(Tls::load).transpose()?;
        Ok(Cluster::new(identity, key, tls))
    }
}

/// Listens, greets and finds. Ends with the tasks.
pub(crate) fn start(
    cluster: &Arc<Cluster>,
    (listener, listens): Bound,
    config: &Config,
    redis: Option<&Redis>,
    tasks: &mut JoinSet<()>,
) -> Option<Registry> {
    let address = cluster.address().to_owned();
    tracing::info!(address = %listens, advertised = %address, tls = config.cluster.tls.is_some(), "cluster.ready");
    tasks.spawn(Arc::clone(cluster).serve(listener));
    tasks.spawn(Arc::clone(cluster).keep());
    discovery::start(cluster, config, tasks);
    let registry = redis.map(|redis| Registry::new(redis.clone(), address));
    if let Some(registry) = registry.clone() {
        let cluster = Arc::clone(cluster);
        tasks.spawn(async move { registry.keep(|found| cluster.found(REDIS, found)).await });
    }
    registry
}
