//! Nodes over one log.

use std::time::Duration;

use futures::future::try_join_all;

use crate::delivery::{Process, Settings};
use crate::failure::Failure;
use crate::redis::PrivateRedis;

const FED: &str = "synctv_feed_connected";
const PATIENCE: Duration = Duration::from_secs(30);

/// Processes beside each other over one database and, if there is one, one Redis.
pub struct Cluster<'a> {
    pub nodes: Vec<Process>,
    database: &'a str,
    redis: Option<String>,
}

impl<'a> Cluster<'a> {
    /// As many nodes, which hear of each other.
    pub async fn start(database: &'a str, redis: Option<&PrivateRedis>, count: usize) -> Result<Self, Failure> {
        let mut cluster = Self { nodes: Vec::new(), database, redis: redis.map(PrivateRedis::url) };
        for _ in 0..count {
            let node = cluster.node("127.0.0.1:0")?;
            cluster.nodes.push(node);
        }
        for node in &cluster.nodes {
            cluster.hears(node).await?;
        }
        Ok(cluster)
    }

    fn node(&self, listen: &str) -> Result<Process, Failure> {
        Process::serve(&Settings { database: self.database, redis: self.redis.as_deref(), listen, extra: &[] })
    }

    /// Until events of others arrive there by themselves, if they ever do.
    async fn hears(&self, node: &Process) -> Result<(), Failure> {
        let fed = async {
            while self.redis.is_some() && node.metric(FED).await? < 1.0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Ok(())
        };
        let late = || Failure::Delivery("a node does not hear of others".to_owned());
        tokio::time::timeout(PATIENCE, fed).await.map_err(|_| late())?
    }

    /// Stops a node as an operator does, and starts another in its place, on the same address.
    pub async fn restart(&mut self, number: usize) -> Result<(), Failure> {
        let node = self.nodes.remove(number);
        let address = node.host.clone();
        node.stop().await?;
        let node = self.node(&address)?;
        self.hears(&node).await?;
        self.nodes.insert(number, node);
        Ok(())
    }

    /// Leases are given back: the next nodes need not wait for their end.
    pub async fn stop(self) -> Result<(), Failure> {
        try_join_all(self.nodes.into_iter().map(Process::stop)).await.map(drop)
    }

    /// CPU time of all nodes so far, s.
    pub fn cpu_s(&self) -> f64 {
        self.nodes.iter().map(Process::cpu_s).sum()
    }
}
