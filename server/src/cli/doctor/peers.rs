//! The other nodes: whether they are found, and belong together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use synctv_commands::{Clock, Ids};
use synctv_grpc::cluster::{Cluster, Greeted, Unwelcome};
use synctv_grpc::management::Status;
use synctv_postgres::{Incarnation, PgClock, PgPool, RandomIds, peer_secrets};
use synctv_redis::Examined;
use tokio::task::JoinSet;

use super::check::Checks;
use super::serves;
use crate::cluster::{About, advertised, resolved};
use crate::config::Config;
use crate::node::BUILD;

const CLUSTER: &str = "cluster";

/// Clocks of nodes follow PostgreSQL's; further apart one of them does not, ms.
const APART: i64 = 500;

pub(super) async fn look(
    config: &Config,
    pool: &PgPool,
    (status, redis): (Option<&Status>, Option<&Examined>),
    checks: &mut Checks,
) {
    let Some(listen) = config.cluster.listen else {
        return checks.ok(CLUSTER, "this node speaks to no other: SYNCTV_CLUSTER_LISTEN is not set");
    };
    let cluster = match looker(config, pool).await {
        Ok(Some(cluster)) => cluster,
        Ok(None) => return checks.ok(CLUSTER, "no node of this log has listened for others yet"),
        Err(error) => {
            return checks.wrong(CLUSTER, error, "mend SYNCTV_CLUSTER_TLS_CERT, _KEY and _CA, or the database");
        }
    };
    let own = match status.map(|status| &*status.cluster_address) {
        Some(address) if !address.is_empty() => address.to_owned(),
        _ => advertised(config.cluster.advertise_host.as_deref(), listen),
    };
    if serves(status) {
        myself(&cluster, &own, status, checks).await;
    }
    let found = found(config, status, redis, checks).await;
    let others: BTreeSet<String> = found.into_iter().filter(|address| *address != own).collect();
    if others.is_empty() {
        return checks.ok(CLUSTER, "no other node was found");
    }
    all(&cluster, others, status, checks).await;
}

/// Asks, and is no node itself.
async fn looker(config: &Config, pool: &PgPool) -> Result<Option<Arc<Cluster>>, String> {
    let failed = |error: &dyn std::error::Error| error.to_string();
    let given = (config.cluster.secret.as_deref(), config.jwt_secret.as_deref());
    let secrets = peer_secrets(pool, given.0, given.1).await.map_err(|error| failed(&error))?;
    let Some((secret, jwt)) = secrets else { return Ok(None) };
    let incarnation = Incarnation::existing(pool).await.map_err(|error| failed(&error))?;
    let clock: Arc<dyn Clock> = Arc::new(PgClock::start(pool).await.map_err(|error| failed(&error))?);
    let name = format!("doctor-{}", RandomIds::new(Arc::clone(&clock)).ulid());
    let (incarnation, called) = (&incarnation, (&*name, &*name));
    let about = About { config, secrets: (&secret, &jwt), incarnation, clock: &clock, called };
    about.cluster(String::new()).map(Some).map_err(|error| failed(&error))
}

/// Whether this node is reached where it tells others that it is.
async fn myself(cluster: &Cluster, own: &str, status: Option<&Status>, checks: &mut Checks) {
    let todo = "set SYNCTV_ADVERTISE_HOST to a name or an address that others reach, and let them through to that port";
    let id = status.map_or("", |status| &status.node_id);
    match cluster.look(own).await {
        Ok(greeted) if greeted.hello.node_id == id => {
            checks.ok(CLUSTER, format!("this node is reached at {own}, which it tells others"));
        }
        Ok(greeted) => {
            let says = format!("at {own}, which this node tells others, is node {}", greeted.hello.node_id);
            checks.wrong(CLUSTER, says, todo);
        }
        Err(Unwelcome::Refused(_, why, _)) => checks.wrong(CLUSTER, format!("at {own}: {why}"), todo),
        Err(Unwelcome::Stranger(why) | Unwelcome::Failed(why)) => {
            checks.wrong(CLUSTER, format!("nobody reaches this node at {own}, which it tells others: {why}"), todo);
        }
    }
}

/// What each way of finding nodes finds.
async fn found(
    config: &Config,
    status: Option<&Status>,
    redis: Option<&Examined>,
    checks: &mut Checks,
) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = config.cluster.peers.iter().cloned().collect();
    if !config.cluster.peers.is_empty() {
        checks.ok(CLUSTER, format!("SYNCTV_CLUSTER_PEERS names {}", config.cluster.peers.join(", ")));
    }
    if let Some(name) = &config.cluster.dns {
        match resolved(name).await {
            Ok(addresses) => {
                checks.ok(CLUSTER, format!("the name {name} has {}", addresses.join(", ")));
                all.extend(addresses);
            }
            Err(error) => {
                let says = format!("the name {name} is not found: {error}");
                checks.wrong(CLUSTER, says, "mend SYNCTV_CLUSTER_DNS, or the name; of Kubernetes, a headless service");
            }
        }
    }
    if let Some(redis) = redis {
        let nodes = if redis.nodes.is_empty() { "no node".to_owned() } else { redis.nodes.join(", ") };
        checks.ok(CLUSTER, format!("Redis knows {nodes}"));
        all.extend(redis.nodes.iter().cloned());
    }
    all.extend(status.into_iter().flat_map(|status| status.members.iter().map(|member| member.address.clone())));
    all
}

/// Greets everybody at once.
async fn all(cluster: &Arc<Cluster>, addresses: BTreeSet<String>, status: Option<&Status>, checks: &mut Checks) {
    let mut asked = JoinSet::new();
    for address in addresses {
        let cluster = Arc::clone(cluster);
        asked.spawn(async move {
            let greeted = cluster.look(&address).await;
            (address, greeted)
        });
    }
    let answers: BTreeMap<_, _> = asked.join_all().await.into_iter().collect();
    let mut versions: BTreeSet<String> = [BUILD.version.to_owned()].into();
    for (address, answer) in answers {
        match answer {
            // By another name of its own.
            Ok(greeted) if status.is_some_and(|status| status.node_id == greeted.hello.node_id) => {}
            Ok(greeted) => {
                versions.insert(greeted.hello.version.clone());
                member(&address, &greeted, checks);
            }
            Err(Unwelcome::Refused(_, why, _)) => checks.wrong(CLUSTER, why, "it takes no part until then"),
            Err(Unwelcome::Stranger(why)) => checks.wrong(
                CLUSTER,
                format!("the node at {address}: {why}"),
                "give both the same SYNCTV_CLUSTER_SECRET and DATABASE_URL, or take it off the list",
            ),
            Err(Unwelcome::Failed(why)) => checks.wrong(
                CLUSTER,
                format!("the node at {address} is not reached: {why}"),
                "start it, let this one through to it, or take it off the list",
            ),
        }
    }
    if versions.len() > 1 {
        let versions = versions.into_iter().collect::<Vec<_>>().join(", ");
        checks.warning(CLUSTER, format!("versions {versions} are at work"), "finish the rolling upgrade");
    }
}

fn member(address: &str, Greeted { hello, rtt, distance_ms, differing }: &Greeted, checks: &mut Checks) {
    let ms = rtt.as_secs_f64() * 1000.0;
    checks.ok(CLUSTER, format!("node {} is at {address}, version {}, in {ms:.1} ms", hello.node_id, hello.version));
    if !differing.is_empty() {
        let says = format!("node {} has another {} than this one", hello.node_id, differing.join(", "));
        checks.wrong(CLUSTER, says, "give all nodes the same; redis: REDIS_URL on all or none, and the same prefix");
    }
    if distance_ms.abs() > APART {
        let says = format!("node {} is {distance_ms:+} ms from PostgreSQL's time", hello.node_id);
        checks.warning(CLUSTER, says, "look at its connection to the database, and for clock. in its log");
    }
}
