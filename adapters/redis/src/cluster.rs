//! A Redis Cluster.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::cluster_async::ClusterConnection;
use redis::cluster_routing::{MultipleNodeRoutingInfo, ResponsePolicy, RoutingInfo};
use redis::{ErrorKind, RedisError, Value};
use tokio::time::timeout;

use crate::wanderer::Wanderer;
use crate::way::{Host, Way, timed_out};

/// For an answer of one node.
const ANSWER: Duration = Duration::from_millis(500);
/// For connections to all nodes, and answers of all masters.
const PATIENCE: Duration = Duration::from_secs(3);
/// How often a command is sent again, to where the answer before named, or after a short wait.
const REPEATS: u32 = 5;
/// How long such a wait takes, in milliseconds.
const WAITS: (u64, u64) = (10, 100);

/// Found through some of its nodes.
pub(crate) struct Cluster {
    pub(crate) way: Way,
    seeds: Vec<Host>,
    client: ClusterClient,
    /// As they were when last looked at.
    masters: Mutex<Vec<Host>>,
}

impl Cluster {
    /// # Errors
    /// When the certificates are none.
    pub(crate) fn new(way: Way, seeds: Vec<Host>) -> Result<Self, RedisError> {
        let addresses = seeds.iter().map(|seed| way.address(seed)).collect::<Result<Vec<_>, _>>()?;
        let mut builder = ClusterClientBuilder::new(addresses)
            .connection_timeout(ANSWER)
            .response_timeout(ANSWER)
            .overall_response_timeout(Some(2 * ANSWER))
            .retries(REPEATS)
            .min_retry_wait(WAITS.0)
            .max_retry_wait(WAITS.1);
        if let Some(certificates) = &way.tls {
            builder = builder.certs(certificates.clone());
        }
        let client = builder.build()?;
        Ok(Self { way, seeds, client, masters: Mutex::default() })
    }

    pub(crate) fn seeds(&self) -> &[Host] {
        &self.seeds
    }

    /// To all masters, each of which answers, and says that the cluster works.
    pub(crate) async fn connect(&self) -> Result<ClusterConnection, RedisError> {
        let connect = async {
            let mut connection = self.client.get_async_connection().await?;
            let (masters, size) = self.look(&mut connection).await?;
            if masters < size {
                return Err(failed("not all masters can be reached", format!("{masters} of {size}")));
            }
            Ok(connection)
        };
        timeout(PATIENCE, connect).await.unwrap_or_else(|_| Err(timed_out()))
    }

    /// Whether it still works.
    pub(crate) async fn check(&self, mut connection: ClusterConnection) -> Result<(), RedisError> {
        let look = timeout(PATIENCE, self.look(&mut connection)).await;
        look.unwrap_or_else(|_| Err(timed_out())).map(drop)
    }

    /// A connection of one's own, to one node at a time.
    pub(crate) async fn dedicated(&self) -> Result<Wanderer, RedisError> {
        let mut last = timed_out();
        for node in self.nodes() {
            match self.way.connect(&node).await {
                Ok(connection) => return Ok(Wanderer::new(self.way.clone(), node, connection)),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Where to ask: masters, then seeds.
    pub(crate) fn nodes(&self) -> Vec<Host> {
        let mut nodes = self.masters.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let others: Vec<_> = self.seeds.iter().filter(|seed| !nodes.contains(seed)).cloned().collect();
        nodes.extend(others);
        nodes
    }

    /// How many masters answer, and how many have slots.
    async fn look(&self, connection: &mut ClusterConnection) -> Result<(usize, usize), RedisError> {
        let mut ask = redis::cmd("CLUSTER");
        ask.arg("INFO");
        let all = RoutingInfo::MultiNode((MultipleNodeRoutingInfo::AllMasters, Some(ResponsePolicy::Special)));
        let answers = connection.route_command(ask, all).await?;
        let answers: Vec<(String, Value)> = redis::from_redis_value(answers)?;
        let (mut masters, mut size) = (Vec::new(), usize::MAX);
        for (master, answer) in answers {
            let info: String = redis::from_redis_value(answer.extract_error()?)?;
            if field(&info, "cluster_state") != Some("ok") {
                return Err(failed("the cluster does not work", format!("{master} tells so")));
            }
            size = size.min(field(&info, "cluster_size").and_then(|size| size.parse().ok()).unwrap_or(0));
            masters.extend(Host::read(&master));
        }
        let count = masters.len();
        if count > 0 {
            *self.masters.lock().unwrap_or_else(PoisonError::into_inner) = masters;
        }
        Ok((count, size))
    }
}

fn field<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

fn failed(what: &'static str, detail: String) -> RedisError {
    (ErrorKind::ClusterConnectionNotFound, what, detail).into()
}
