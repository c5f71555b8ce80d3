//! A private Redis Cluster for a test.

use std::process::Command;

use super::redis::Redis;
use super::wait::eventually;

const MASTERS: usize = 3;
/// Milliseconds until a node that does not answer counts as gone.
const GONE: &str = "1000";

/// Three masters, and maybe replicas of the first ones; killed with the value.
pub struct RedisCluster {
    pub nodes: Vec<Redis>,
    asking: Vec<String>,
}

impl RedisCluster {
    pub async fn start() -> Self {
        Self::with(0, &[], &[]).await
    }

    /// With so many replicas, settings, and what `redis-cli` has to say.
    pub async fn with(replicas: usize, settings: &[&str], asking: &[&str]) -> Self {
        let cluster = ["--cluster-enabled", "yes", "--cluster-port", "{free}", "--cluster-node-timeout", GONE];
        let settings = [&cluster[..], &["--cluster-replica-validity-factor", "0"], settings].concat();
        let mut nodes = Vec::new();
        for _ in 0..MASTERS + replicas {
            nodes.push(Redis::with(&settings, asking).await);
        }
        let asking = asking.iter().map(|text| (*text).to_owned()).collect();
        let cluster = Self { nodes, asking };
        let hosts: Vec<_> = cluster.nodes[..MASTERS].iter().map(Redis::host).collect();
        let hosts: Vec<_> = hosts.iter().map(String::as_str).collect();
        cluster.manage(&[&["create"], &hosts[..], &["--cluster-yes"]].concat());
        cluster.works(MASTERS).await;
        for number in 0..replicas {
            let (master, replica) = (&cluster.nodes[number], &cluster.nodes[MASTERS + number]);
            let id = master.say(&["CLUSTER", "MYID"]);
            let (new, known) = (replica.host(), master.host());
            cluster.manage(&["add-node", &new, &known, "--cluster-slave", "--cluster-master-id", &id]);
            let linked = async || (replica.field(&["INFO"], "master_link_status") == "up").then_some(());
            eventually("a replica", linked).await;
        }
        cluster.works(MASTERS + replicas).await;
        cluster
    }

    /// Waits until its first nodes, so many, agree that it works.
    pub async fn works(&self, nodes: usize) {
        let ok = |node: &Redis| {
            let field = |name| node.field(&["CLUSTER", "INFO"], name);
            field("cluster_state") == "ok" && field("cluster_size") == MASTERS.to_string()
        };
        eventually("the cluster", async || self.nodes[..nodes].iter().all(ok).then_some(())).await;
    }

    /// `host:port,…` of all masters at the start.
    pub fn hosts(&self) -> String {
        self.nodes[..MASTERS].iter().map(Redis::host).collect::<Vec<_>>().join(",")
    }

    pub fn url(&self) -> String {
        format!("redis+cluster://{}", self.hosts())
    }

    pub fn slot(&self, key: &str) -> String {
        self.nodes[1].say(&["CLUSTER", "KEYSLOT", key])
    }

    /// The keys of each master.
    pub fn keys(&self, pattern: &str) -> Vec<Vec<String>> {
        let keys = |node: &Redis| node.say(&["KEYS", pattern]).lines().map(str::to_owned).collect();
        self.nodes[..MASTERS].iter().map(keys).collect()
    }

    /// From here on new keys of the slot belong to `to`, and old ones where they are.
    pub fn open(&self, slot: &str, from: usize, to: usize) {
        let id = |node: usize| self.nodes[node].say(&["CLUSTER", "MYID"]);
        assert_eq!(self.nodes[to].say(&["CLUSTER", "SETSLOT", slot, "IMPORTING", &id(from)]), "OK");
        assert_eq!(self.nodes[from].say(&["CLUSTER", "SETSLOT", slot, "MIGRATING", &id(to)]), "OK");
    }

    /// Carries the keys that are in the slot now.
    pub fn carry(&self, slot: &str, from: usize, to: usize) {
        for key in self.nodes[from].say(&["CLUSTER", "GETKEYSINSLOT", slot, "1000"]).lines() {
            let (port, node) = (self.nodes[to].port(), &self.nodes[from]);
            let carried = node.say(&["MIGRATE", "127.0.0.1", &port, key, "0", "5000"]);
            assert!(["OK", "NOKEY"].contains(&&*carried), "{key}: {carried}");
        }
    }

    /// All of the slot belongs to `to`.
    pub fn close(&self, slot: &str, to: usize) {
        let id = self.nodes[to].say(&["CLUSTER", "MYID"]);
        let others = (0..MASTERS).filter(|node| *node != to);
        for node in std::iter::once(to).chain(others) {
            assert_eq!(self.nodes[node].say(&["CLUSTER", "SETSLOT", slot, "NODE", &id]), "OK");
        }
    }

    /// `redis-cli --cluster`, until it succeeds.
    #[track_caller]
    fn manage(&self, arguments: &[&str]) {
        let mut command = Command::new("redis-cli");
        command.args(&self.asking).arg("--cluster").args(arguments);
        let output = command.output().expect("redis-cli is installed");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stdout));
    }
}
