//! Three servers over one database and one Redis.

use std::process::{Command, ExitStatus};

use super::cluster::Cluster;
use super::ledger::Address;
use super::metrics::METRICS;
use super::redis::Redis;
use super::server::{Server, TempDir, synctv};
use super::wait::eventually;

/// How many nodes a fleet has.
pub const NODES: usize = 3;

/// Makes the command of a node, without `serve`: the program, its surroundings and settings.
type Prepare = Box<dyn Fn(usize) -> Command + Send + Sync>;

/// Nodes that can be killed, frozen, ended and started again, each in its own directory.
pub struct Fleet {
    nodes: Vec<Node>,
    pub database: String,
    pub redis: Redis,
}

struct Node {
    server: Option<Server>,
    dir: TempDir,
    address: Address,
    listen: String,
    prepare: std::sync::Arc<Prepare>,
}

impl Fleet {
    /// Over a database of its own in the shared cluster.
    pub async fn new() -> Self {
        Self::over(Cluster::shared().database().await).await
    }

    /// Over this database.
    pub async fn over(database: String) -> Self {
        Self::with(database, &[]).await
    }

    /// With settings as variables.
    pub async fn with(database: String, settings: &[(&str, &str)]) -> Self {
        let redis = Redis::start().await;
        let own = [("DATABASE_URL", database.clone()), ("REDIS_URL", redis.url())];
        let given = settings.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let all: Vec<(String, String)> = own.into_iter().chain(given).map(|(name, it)| (name.to_owned(), it)).collect();
        let prepare = move |_| {
            let mut command = synctv(&[]);
            command.envs(all.clone());
            command
        };
        Self::made(database, redis, |_| "127.0.0.1:0".to_owned(), Box::new(prepare))
    }

    /// Of whatever `prepare` makes, each listening where `listen` says.
    pub fn made(database: String, redis: Redis, listen: impl Fn(usize) -> String, prepare: Prepare) -> Self {
        let prepare = std::sync::Arc::new(prepare);
        let node = |number| Node {
            server: None,
            dir: TempDir::new(),
            address: Address::new("http://127.0.0.1:1"),
            listen: listen(number),
            prepare: std::sync::Arc::clone(&prepare),
        };
        let mut fleet = Self { nodes: (0..NODES).map(node).collect(), database, redis };
        for number in 0..NODES {
            fleet.start(number);
        }
        fleet
    }

    /// Where the nodes are; follows them when they are started again.
    pub fn places(&self) -> Vec<Address> {
        self.nodes.iter().map(|node| node.address.clone()).collect()
    }

    pub fn url(&self, number: usize) -> String {
        self.nodes[number].address.get()
    }

    pub fn server(&self, number: usize) -> &Server {
        self.nodes[number].server.as_ref().expect("it runs")
    }

    /// Starts a node that does not run, and waits until it serves.
    pub fn start(&mut self, number: usize) {
        let node = &mut self.nodes[number];
        let mut command = (node.prepare)(number);
        command.env(METRICS.0, METRICS.1);
        let started = || Server::spawn_at(&mut command, node.dir.path(), &node.listen);
        let server = tokio::task::block_in_place(started);
        node.address.set(&server.url);
        node.server = Some(server);
    }

    /// SIGKILL.
    pub fn kill(&mut self, number: usize) {
        self.nodes[number].server.take().expect("it runs").kill();
    }

    /// SIGTERM; waits for the end.
    pub async fn terminate(&mut self, number: usize) -> ExitStatus {
        self.signal(number, "TERM");
        self.terminated(number).await
    }

    /// Waits for the end of a node that was told to stop.
    pub async fn terminated(&mut self, number: usize) -> ExitStatus {
        let mut server = self.nodes[number].server.take().expect("it runs");
        eventually(&format!("node {number} ends"), async || server.ended()).await
    }

    /// SIGSTOP, SIGCONT.
    pub fn signal(&self, number: usize, name: &str) {
        self.server(number).signal(name);
    }

    /// Waits until every node is connected to Redis, or was since it was started.
    pub async fn connected(&self) {
        for number in 0..NODES {
            let connected = async || self.server(number).log().contains("redis.connected").then_some(());
            eventually(&format!("node {number} has Redis"), connected).await;
        }
    }

    /// Waits until events arrive through Redis at every node.
    pub async fn fed(&self) {
        for number in 0..NODES {
            self.server(number).reaches("synctv_feed_connected", 1.0).await;
        }
    }

    /// The keys of the streams in Redis.
    pub fn streams(&self) -> Vec<String> {
        self.redis.say(&["KEYS", "synctv:ev:*"]).lines().filter(|key| !key.is_empty()).map(str::to_owned).collect()
    }

    /// How many entries a stream has.
    pub fn count(&self, stream: &str) -> i64 {
        self.redis.say(&["XLEN", stream]).parse().unwrap_or(0)
    }
}
