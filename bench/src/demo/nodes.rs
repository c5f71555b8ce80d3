//! The nodes, and where they are.

use std::process::Command;
use std::sync::{Arc, PoisonError, RwLock};

use crate::delivery::{Process, Settings, beside};
use crate::failure::Failure;

/// How many there are.
pub const NODES: usize = 3;

/// `127.0.0.1:port` of every node; one that was started again has another port.
#[derive(Clone)]
pub struct Places(Arc<RwLock<Vec<String>>>);

impl Places {
    pub fn get(&self, node: usize) -> String {
        self.0.read().unwrap_or_else(PoisonError::into_inner)[node % NODES].clone()
    }

    fn set(&self, node: usize, host: &str) {
        host.clone_into(&mut self.0.write().unwrap_or_else(PoisonError::into_inner)[node]);
    }
}

/// They end with the value.
pub struct Nodes {
    processes: Vec<Option<Process>>,
    pub places: Places,
    database: String,
    redis: String,
}

impl Nodes {
    pub async fn start(database: &str, redis: &str) -> Result<Self, Failure> {
        let places = Places(Arc::new(RwLock::new(vec![String::new(); NODES])));
        let (database, redis) = (database.to_owned(), redis.to_owned());
        let mut nodes = Self { processes: (0..NODES).map(|_| None).collect(), places, database, redis };
        for node in 0..NODES {
            nodes.again(node).await?;
        }
        Ok(nodes)
    }

    /// Starts a node, and waits until it serves.
    pub async fn again(&mut self, node: usize) -> Result<(), Failure> {
        let (database, redis) = (self.database.clone(), self.redis.clone());
        let start = move || {
            Process::serve(&Settings { database: &database, redis: Some(&redis), listen: "127.0.0.1:0", extra: &[] })
        };
        let process = tokio::task::spawn_blocking(start).await??;
        self.places.set(node, &process.host);
        self.processes[node] = Some(process);
        Ok(())
    }

    /// Tells a node to stop, and waits until its process has ended.
    pub async fn stop(&mut self, node: usize) -> Result<(), Failure> {
        match self.processes[node].take() {
            Some(process) => process.stop().await,
            None => Ok(()),
        }
    }
}

/// Whether `synctv log verify` finds the log whole.
pub fn verified(database: &str) -> Result<bool, Failure> {
    let program = beside("synctv")?;
    let failed = |source| Failure::File { path: program.clone(), source };
    let mut command = Command::new(&program);
    command.args(["log", "verify", "--json", "--data-dir", "/nowhere"]).env("DATABASE_URL", database);
    Ok(command.output().map_err(failed)?.status.success())
}
