//! Putting the parts together.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{
    Admission, Carrier, Clock, EventLog, Fingerprints, Ids, LogError, Outside, Rate, Rooms, Settings, SignedTokens,
};
use synctv_edge::{Door, Edge, Health, Metrics, OperatorToken, Sockets, Tokens};
use synctv_grpc::cluster::{Cluster, TlsError};
use synctv_livestream::studio::Studio;
use synctv_livestream::{hub, studio};
use synctv_postgres::{
    DatabaseError, Incarnation, Measures, PgClock, PgDeliveries, PgLeases, PgLiveClaims, PgLog, PgLogReader, PgOneTime,
    PgPages, PgPasswords, PgPool, PgProjections, PgProjector, PgReadModels, RandomIds, Rebuilder, SecretError, Secrets,
    Vault, cluster_secret,
};
use synctv_projections::{Leases, LogPages, Projector};
use synctv_realtime::{Hub, Sizes};
use synctv_redis::{Fallbacks, Refused, Registry, RelayMetrics, Unusable};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::cluster::{self, About, Members, advertised};
use crate::config::{Config, RateLimits};
use crate::ears::Ears;
use crate::limits;
use crate::listeners::Bound;
use crate::live::{LiveError, segments};
use crate::metrics::{Exporter, LiveStreams};
use crate::node::BUILD;
use crate::relay;
use crate::talk::Talk;
use crate::witness;

/// How often the log is looked at for what other nodes wrote.
const FOLLOW_EVERY: Duration = Duration::from_millis(100);

/// How often a node says that it is here to work.
const ANNOUNCE_EVERY: Duration = Duration::from_secs(1);
/// How long a node that was killed still has its name, and a moment more.
const NAMED: Duration = Duration::from_secs(8);
/// Connections that keep read models up to date.
const PROJECTING: u32 = 3;
/// Connections of deliveries to webhooks.
const DELIVERING: u32 = 3;
/// Readers of a rebuild: those who use the server come first.
const REBUILDING: usize = 1;
/// How often a member may steer what all see.
const STEERING: Rate = Rate { burst: 10, every: Duration::from_millis(200) };

/// Why the parts do not fit.
#[derive(Debug, thiserror::Error)]
pub enum WiringError {
    /// Clock, or tables.
    #[error("the database could not be read, or prepared: {0}")]
    Database(#[from] DatabaseError),
    /// Keys.
    #[error(transparent)]
    Secrets(#[from] SecretError),
    /// The address of Redis, or its certificates.
    #[error(transparent)]
    Redis(#[from] Unusable),
    /// The log's row.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The certificates.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Live streams.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// Another node has its name.
    #[error("another live node of this log is called {0}: give each its own SYNCTV_NODE_ID, or none")]
    SameName(String),
}

/// A wired server.
pub(crate) struct App {
    pub(crate) edge: Arc<Edge>,
    pub(crate) door: Door,
    pub(crate) incarnation: Arc<Incarnation>,
    pub(crate) exporter: Exporter,
    pub(crate) leases: Arc<PgLeases>,
    pub(crate) talk: Talk,
    /// Its name among the nodes of the log.
    pub(crate) node: String,
    /// Ends when the server drains and all that was sent was answered.
    pub(crate) delivering: JoinSet<()>,
    /// Live streams.
    pub(crate) studio: Arc<Studio>,
    /// The other nodes, if it speaks to any.
    pub(crate) cluster: Option<Arc<Cluster>>,
    /// Where it is found by them.
    pub(crate) registry: Option<Registry>,
    /// End with the value.
    pub(crate) _background: JoinSet<()>,
}

impl App {
    pub(crate) async fn wire(
        config: &Config,
        (data_dir, operator): (&Path, OperatorToken),
        pool: &PgPool,
        (leaving, draining): (watch::Receiver<bool>, watch::Receiver<bool>),
        listener: Option<Bound>,
    ) -> Result<Self, WiringError> {
        let clock = Arc::new(PgClock::start(pool).await?);
        let ids: Arc<dyn Ids> = Arc::new(RandomIds::new(Arc::clone(&clock) as Arc<dyn Clock>));
        let secrets = Secrets::load(pool, config.jwt_secret.as_deref(), config.credential_key.as_deref()).await?;
        let incarnation = Arc::new(Incarnation::open(pool, (ids.ulid(), ids.ulid()), witness::load(data_dir)).await?);
        let vault = Arc::new(Vault::new(pool.clone(), &secrets.credential, Arc::clone(&incarnation)));
        if incarnation.is_rewound() {
            tracing::error!(
                "log.rewound: the database holds an older log than this node has seen; run `synctv log restored` if that is meant"
            );
        }
        let redis = config.redis()?;
        let relayed = RelayMetrics::default();
        let relay = redis.as_ref().map(|redis| relay::relay(config, redis, &secrets.fingerprint, &relayed));
        let carrier = relay.clone().map(|relay| Arc::new(relay) as Arc<dyn Carrier>);
        let log = Arc::new(PgLog::new(pool.clone(), Arc::clone(&vault), Arc::clone(&incarnation), carrier));
        let reader = PgLogReader::new(pool.clone(), Some(Arc::clone(&vault)), Arc::clone(&incarnation));
        let hub = Hub::new(Arc::clone(&log) as Arc<dyn EventLog>, Sizes::default());
        let settings = Settings {
            deadline: Duration::from_millis(config.command_timeout_ms),
            steering: (config.rate_limits == RateLimits::On).then_some(STEERING),
            ..Settings::default()
        };
        let mut background = JoinSet::new();
        let fallbacks = Fallbacks::default();
        let refused = Refused::default();
        let (fresh, told) = ((ids.ulid(), &*secrets.fingerprint), refused.clone());
        let (presence, talk) = Talk::begin(redis.as_ref(), fresh, Arc::clone(&log) as _, told, &mut background);
        let limiter = limits::limiter(config, redis.as_ref(), &secrets.fingerprint, fallbacks.clone());
        let live_keys = SignedTokens::of_live_keys(&secrets.jwt);
        let admission = Admission {
            passwords: Arc::new(PgPasswords::new(pool.clone(), &secrets.credential)),
            invites: SignedTokens::of_invites(&secrets.jwt),
            live_keys: live_keys.clone(),
            limiter: Arc::clone(&limiter),
        };
        let outside = Outside {
            log: Arc::clone(&log) as _,
            fan_out: Arc::clone(&hub) as _,
            audience: Arc::clone(&presence) as _,
            clock: Arc::clone(&clock) as _,
            ids: Arc::clone(&ids),
        };
        let rooms = Rooms::new(outside, Fingerprints::new(&secrets.fingerprint), admission, &settings);
        synctv_postgres::prepare(pool).await?;
        let instance = ids.ulid().to_string();
        let node = config.cluster.node_id.clone().unwrap_or_else(|| instance.clone());
        let projecting = synctv_postgres::projecting(pool, PROJECTING);
        let leases = Arc::new(PgLeases::new(projecting.clone(), instance.clone()).called(node.clone()));
        if config.cluster.node_id.is_some() {
            take_name(&leases, &node).await?;
        }
        if let Some(redis) = redis.clone() {
            background.spawn(async move { redis.keep().await });
        }
        let ears = Arc::new(Ears { hub: Arc::clone(&hub), rooms: rooms.clone() });
        let outbox = (projecting.clone(), Arc::clone(&leases), Arc::clone(&incarnation));
        relay::start(config, relay, outbox, (Arc::clone(&log) as _, ears), &mut background);
        let pages = Arc::new(PgPages::new(projecting.clone(), Arc::clone(&incarnation)));
        for projector in PgProjector::all(&projecting, &vault) {
            let (pages, leases) = (Arc::clone(&pages) as Arc<dyn LogPages>, Arc::clone(&leases) as Arc<dyn Leases>);
            background.spawn(synctv_projections::run(pages, leases, Arc::new(projector) as Arc<dyn Projector>));
        }
        background.spawn(announce(Arc::clone(&leases)));
        let delivering = synctv_postgres::delivering(pool, DELIVERING);
        let (keys, known) = (Arc::clone(&vault), Arc::clone(&incarnation));
        let deliveries = PgDeliveries::new(delivering, Arc::clone(&leases), keys, known, &secrets.credential);
        let (webhooks, time) = (synctv_webhooks::Metrics::default(), Arc::clone(&clock) as Arc<dyn Clock>);
        let mut delivering = JoinSet::new();
        delivering.spawn(synctv_webhooks::run(Arc::new(deliveries), time, webhooks.clone(), draining.clone()));
        let rebuilder = Rebuilder::new(pool.clone(), Arc::clone(&vault), instance.clone(), REBUILDING);
        background.spawn(synctv_postgres::keep_rebuilding(rebuilder));
        let cluster = match &listener {
            None => None,
            Some((_, listens)) => {
                let called = (&*node, &*instance);
                let secret = cluster_secret(pool, config.cluster.secret.as_deref()).await?;
                let (incarnation, clock) = (&*incarnation, &(Arc::clone(&clock) as _));
                let about = About { config, secrets: (&secret, &secrets.jwt), incarnation, clock, called };
                Some(about.cluster(advertised(config.cluster.advertise_host.as_deref(), *listens))?)
            }
        };
        let studio = Studio::new(
            studio::Outside {
                rooms: rooms.clone(),
                events: Arc::clone(&hub) as _,
                keys: live_keys,
                limiter: Arc::clone(&limiter),
                claims: Arc::new(PgLiveClaims::new(pool.clone(), instance.clone(), node.clone())),
                clock: Arc::clone(&clock) as _,
                segments: segments(config, data_dir)?,
            },
            hub::Settings { hold_ms: config.live.hold_ms(), ..hub::Settings::default() },
        );
        background.spawn(Arc::clone(&studio).keep());
        background.spawn(Arc::clone(&studio).tidy());
        let measures = Measures::new(pool, PgProjections::names());
        let models = Arc::new(PgReadModels::new(pool.clone(), Arc::clone(&vault)));
        let projections = Arc::new(PgProjections::new(pool.clone()));
        let one_time = Arc::new(PgOneTime::new(pool.clone()));
        let (following, pool) = (Arc::clone(&clock), pool.clone());
        background.spawn(async move { following.follow(&pool).await });
        let woken = rooms.clone();
        let moved = move |room, seq| woken.moved(room, seq);
        background.spawn(synctv_realtime::follow(Arc::clone(&log) as _, Arc::clone(&hub), moved, FOLLOW_EVERY));
        let (keys, readers) = (Arc::clone(&vault), Arc::clone(&hub));
        background.spawn(async move { keys.follow_erasures(move || readers.forget()).await });
        background.spawn(reset_on_new_epoch(Arc::clone(&incarnation), Arc::clone(&hub)));
        background.spawn(witness::keep(data_dir.to_owned(), Arc::clone(&incarnation)));
        let tokens = Tokens::new(&secrets.jwt);
        let metrics = Arc::new(Metrics::default());
        let exporter = Exporter::new(measures, &BUILD, &rooms, &hub, &incarnation);
        let exporter = exporter.with(|registry| metrics.register(registry));
        let exporter = exporter.with(|registry| log.metrics().register(registry));
        let exporter = exporter.with(|registry| clock.register(registry));
        let exporter = exporter.with(|registry| fallbacks.register(registry));
        let exporter = exporter.with(|registry| relayed.register(registry));
        let exporter = exporter.with(|registry| refused.register(registry));
        let exporter = exporter.with(|registry| webhooks.register(registry));
        let members = Members::new(cluster.clone());
        let exporter = exporter.with(|registry| registry.register(Box::new(members)));
        let streams = LiveStreams::new(Arc::clone(&studio));
        let exporter = exporter.with(|registry| registry.register(Box::new(streams)));
        let (guard, door) = limits::guard(config, &metrics);
        let edge = Arc::new(Edge {
            rooms,
            models,
            projections,
            health: Health::default(),
            hub,
            log: Arc::new(reader),
            presence,
            one_time,
            sockets: Sockets::default(),
            tail: log,
            subjects: vault,
            clock,
            ids,
            limiter,
            guard,
            tokens,
            operator,
            guest_secs: config.guest_token_secs.into(),
            leaving,
            draining,
            metrics,
            build: BUILD,
        });
        let registry = match (&cluster, listener) {
            (Some(cluster), Some(bound)) => cluster::start(cluster, bound, config, redis.as_ref(), &mut background),
            _ => None,
        };
        let _background = background;
        Ok(Self {
            edge,
            door,
            incarnation,
            exporter,
            leases,
            talk,
            node,
            delivering,
            studio,
            cluster,
            registry,
            _background,
        })
    }
}

/// Waits for the end of a node of this name that was killed.
async fn take_name(leases: &PgLeases, name: &str) -> Result<(), WiringError> {
    let until = Instant::now() + NAMED;
    loop {
        match leases.announce().await {
            Ok(true) => return Ok(()),
            Ok(false) if Instant::now() >= until => return Err(WiringError::SameName(name.to_owned())),
            Ok(false) => tracing::warn!(name, "node.name_taken: waiting for the end of the node that has it"),
            Err(error) if Instant::now() >= until => return Err(LogError::Unavailable(error.to_string()).into()),
            Err(error) => tracing::debug!(%error, "node.unannounced"),
        }
        tokio::time::sleep(ANNOUNCE_EVERY).await;
    }
}

/// Work is shared among the nodes that say that they are here.
async fn announce(leases: Arc<PgLeases>) {
    let mut named = true;
    loop {
        match leases.announce().await {
            Ok(false) if std::mem::replace(&mut named, false) => {
                tracing::error!(
                    "node.same_name: another live node has this one's name; give each its own SYNCTV_NODE_ID"
                );
            }
            Ok(now) => named = now,
            Err(error) => tracing::debug!(%error, "node.unannounced"),
        }
        tokio::time::sleep(ANNOUNCE_EVERY).await;
    }
}

/// Subscribers of the log before a restore start over.
async fn reset_on_new_epoch(incarnation: Arc<Incarnation>, hub: Arc<Hub>) {
    let mut epochs = incarnation.epochs();
    while epochs.changed().await.is_ok() {
        hub.reset();
    }
}
