//! How nodes are found: by a list, and by a name. By Redis: [`synctv_redis::Registry`].

use std::io;
use std::sync::Arc;
use std::time::Duration;

use synctv_grpc::cluster::Cluster;
use tokio::net::lookup_host;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::config::Config;

/// What the ways are called.
const PEERS: &str = "peers";
const DNS: &str = "dns";
pub(crate) const REDIS: &str = "redis";

/// How often the name is asked for.
const ASK_EVERY: Duration = Duration::from_secs(3);

pub(super) fn start(cluster: &Arc<Cluster>, config: &Config, tasks: &mut JoinSet<()>) {
    if !config.cluster.peers.is_empty() {
        cluster.found(PEERS, config.cluster.peers.clone());
    }
    if let Some(name) = config.cluster.dns.clone() {
        tasks.spawn(follow(Arc::clone(cluster), name));
    }
}

/// What the name has is what there is. One that is not answered for changes nothing.
async fn follow(cluster: Arc<Cluster>, name: String) {
    let mut told = false;
    loop {
        match resolved(&name).await {
            Ok(addresses) => {
                told = false;
                cluster.found(DNS, addresses);
            }
            Err(error) if !std::mem::replace(&mut told, true) => tracing::warn!(name, %error, "cluster.unresolved"),
            Err(error) => tracing::debug!(name, %error, "cluster.unresolved"),
        }
        sleep(ASK_EVERY).await;
    }
}

/// Every address of `name:port`.
pub(crate) async fn resolved(name: &str) -> io::Result<Vec<String>> {
    Ok(lookup_host(name).await?.map(|address| address.to_string()).collect())
}
