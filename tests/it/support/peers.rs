//! Nodes of one log that know each other.

use std::path::Path;

use serde_json::Value;

use super::managed::server_status;
use super::server::{Server, TempDir, synctv};
use super::wait::eventually;

/// What has a server listen for other nodes.
pub const LISTENS: (&str, &str) = ("SYNCTV_CLUSTER_LISTEN", "127.0.0.1:0");

/// A server that listens for others.
pub struct Peer {
    pub server: Server,
    pub dir: TempDir,
    /// Where they reach it.
    pub address: String,
}

impl Peer {
    /// With settings as variables.
    pub fn start(database: &str, settings: &[(&str, &str)]) -> Self {
        let dir = TempDir::new();
        let mut command = synctv(&[]);
        command.env("DATABASE_URL", database).envs([LISTENS]).envs(settings.iter().copied());
        Self::over(Server::spawn(&mut command, dir.path()), dir)
    }

    /// One that was started with a directory.
    pub fn over(server: Server, dir: TempDir) -> Self {
        let ready = line(&server, "cluster.ready").expect("it listens");
        let address = ready["advertised"].as_str().expect("a text").to_owned();
        Self { server, dir, address }
    }

    /// The members that it tells of.
    pub fn members(&self) -> Vec<Value> {
        members(self.dir.path())
    }

    /// The one at an address.
    pub fn member(&self, address: &str) -> Option<Value> {
        self.members().into_iter().find(|member| member["address"] == address)
    }

    /// Waits until it says this of the node at an address.
    pub async fn sees(&self, address: &str, state: &str) -> Value {
        let there = async || self.member(address).filter(|member| member["state"] == state);
        eventually(&format!("{address} is {state}"), there).await
    }

    /// Waits for a line of its log.
    pub async fn logs(&self, wanted: &str) -> Value {
        eventually(wanted, async || line(&self.server, wanted)).await
    }
}

fn members(dir: &Path) -> Vec<Value> {
    server_status(dir).1["members"].as_array().cloned().unwrap_or_default()
}

/// The first line of the log whose message begins so.
fn line(server: &Server, wanted: &str) -> Option<Value> {
    let log = server.log();
    let lines = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines.into_iter().find(|line| line["message"].as_str().is_some_and(|text| text.starts_with(wanted)))
}
