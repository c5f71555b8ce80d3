//! What is told about a server: the shapes of `synctv.management.v1` in JSON.

use serde::{Deserialize, Serialize};
use synctv_domain::Timestamp;
use synctv_edge::Reason;

use crate::cluster::Member;

/// What a server is doing, in the order in which it does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It waits for its database, or prepares it.
    #[default]
    Starting,
    /// It serves.
    Serving,
    /// It takes no new connections; what is under way is finished.
    Draining,
    /// Connections are closed; what it holds is given back.
    Closing,
    /// Nothing is left to do.
    Stopped,
}

/// How a server is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Status {
    /// Of the program.
    pub version: String,
    /// The number of the process.
    pub pid: u32,
    /// For how long it runs, ms.
    pub uptime_ms: i64,
    /// What it is doing.
    pub phase: Phase,
    /// Whether it can append and read.
    pub ready: bool,
    /// The code of why not; empty while it is.
    pub not_ready: String,
    /// By PostgreSQL's clock, once that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Timestamp>,
    /// Its name among the nodes of one log, while it serves.
    pub node_id: String,
    /// Where it serves, while it does.
    pub http_address: String,
    /// Where the log ends, while the database answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
    /// Open connections, of any kind.
    pub connections: i64,
    /// Open WebSockets.
    pub sockets: i64,
    /// Open streams.
    pub streams: i64,
    /// Rooms held in memory.
    pub rooms: i64,
    /// Read models that do not show what happened.
    pub degraded_projections: Vec<DegradedProjection>,
    /// Where other nodes reach it, if it speaks to any.
    pub cluster_address: String,
    /// The other nodes of its log.
    pub members: Vec<Member>,
}

/// The last event of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Head {
    /// The incarnation of the log.
    pub epoch: String,
    /// Its number among the events of all rooms.
    pub position: i64,
}

/// A read model that does not show what happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DegradedProjection {
    /// Its name.
    pub projection: String,
    /// What is the matter with it.
    pub reason: Reason,
    /// The event that stopped it, or the last one that is in it.
    pub position: i64,
    /// How late it is, s.
    pub lag_seconds: f64,
    /// For people.
    pub detail: String,
}

/// How far a stop is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Progress {
    /// What is being done.
    pub phase: Phase,
    /// Connections that are still open, of any kind.
    pub connections: i64,
    /// WebSockets that are still open.
    pub sockets: i64,
    /// Streams that are still open.
    pub streams: i64,
    /// Since it was asked to stop, ms.
    pub elapsed_ms: i64,
    /// How long connections have to end by themselves, ms since it was asked to stop.
    pub deadline_ms: i64,
}
