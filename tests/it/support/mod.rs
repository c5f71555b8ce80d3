//! What the tests stand on: real PostgreSQL, the real binary, people who use it.

mod bare_call;
mod client;
mod cluster;
mod crowd;
mod cutter;
mod database;
mod fields;
mod fleet;
mod follower;
pub mod frames;
mod grpc;
mod home;
mod ledger;
pub mod live;
mod managed;
mod metrics;
mod models;
mod network;
mod operator;
mod party;
mod passage;
mod peers;
mod reader;
mod receiver;
mod redis;
mod redis_cluster;
mod redis_sentinel;
mod redis_tls;
mod rounds;
mod server;
mod socket;
mod subscriber;
mod tap;
mod typed;
mod wait;
mod webhooks;
mod wire;
mod writer;

use serde_json::Value;

pub use bare_call::{Connection, Head, Received, framed, prefixed, rest};
pub use client::{Answer, Guest, Sent, Stream, client, client_at, send, try_send};
pub use cluster::{Cluster, head, open, programs};
pub use crowd::Crowd;
pub use cutter::Cutter;
pub use database::{APPEND, Held, SOON, blocked, grow, later, number, poison, rows, run, stored, terminate, waiting};
pub use fields::{field, left};
pub use fleet::{Fleet, NODES};
pub use follower::{Follower, KINDS, Kind};
pub use grpc::{Failure, Grpc, asked, code_of};
pub use home::{Frozen, Home, runs};
pub use ledger::{Address, Entry, compare, write};
pub use managed::{Stop, channel, ended, management, outcome, server_status};
pub use metrics::METRICS;
pub use models::{MODELS, caught_up, digests, grow_rooms, projections};
pub use network::{Cable, Network};
pub use operator::{count, projection, said, say, shown, start, told};
pub use party::Party;
pub use passage::{Passage, To};
pub use peers::{LISTENS, Peer};
pub use reader::read_until;
pub use receiver::{Delivery, Receiver, Reply};
pub use redis::Redis;
pub use redis_cluster::RedisCluster;
pub use redis_sentinel::{RedisSentinel, SERVICE};
pub use redis_tls::Authority;
pub use rounds::{random, rounds};
pub use server::{BINARY, Server, TempDir, memory, program, signal, synctv, verb};
pub use socket::{Closed, Socket};
pub use typed::{Ended, Typed, replied};
pub use wait::{eventually, within};
pub use webhooks::{Hook, outbox, topic_status, webhook};
pub use wire::{exchange, status};

/// A server over a database of its own in the shared cluster.
pub struct World {
    pub server: Server,
    pub database: String,
    pub dir: TempDir,
}

impl World {
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With settings as variables.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let database = Cluster::shared().database().await;
        let dir = TempDir::new();
        let mut command = synctv(&[]);
        command.env("DATABASE_URL", &database).envs(settings.iter().copied());
        Self { server: Server::spawn(&mut command, dir.path()), database, dir }
    }

    /// A second server over the same database.
    pub fn beside(&self) -> (Server, TempDir) {
        let dir = TempDir::new();
        (Server::start(&self.database, dir.path()), dir)
    }

    /// Kills the server and starts another one, in which no room does anything by itself.
    pub fn restart(&mut self) {
        self.server.halt();
        self.server = Server::start(&self.database, self.dir.path());
    }

    /// Somebody who shows the operator's token.
    pub async fn auditor(&self) -> Guest {
        let token = std::fs::read_to_string(self.dir.path().join("operator.token")).expect("it was written");
        let mut auditor = Guest::new(&self.server.url, "Auditor").await;
        token.trim().clone_into(&mut auditor.token);
        auditor
    }

    pub async fn guest(&self, name: &str) -> Guest {
        Guest::new(&self.server.url, name).await
    }

    /// Destroys the key of somebody's personal fields: the verb's exit code and what it says.
    pub fn erase(&self, subject: &str) -> (Option<i32>, Value) {
        let mut command = synctv(&["subject", "erase", subject, "--json", "--data-dir"]);
        let output =
            command.arg(self.dir.path()).env("DATABASE_URL", &self.database).output().expect("the binary runs");
        (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default())
    }
}

/// Asserts that `synctv log verify` finds nothing.
#[track_caller]
pub fn assert_verified(database: &str) {
    let empty = TempDir::new();
    let output = synctv(&["log", "verify", "--json", "--data-dir"])
        .arg(empty.path())
        .env("DATABASE_URL", database)
        .output()
        .expect("the binary runs");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{text}");
}
