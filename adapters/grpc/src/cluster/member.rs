//! A node as another one sees it: the shape of `synctv.management.v1` in JSON.

use serde::{Deserialize, Serialize};

/// How a node is, seen from this one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberState {
    /// It was heard of within 6 s.
    Alive,
    /// It is there, and does not belong to this log as it is.
    Refused,
    /// It is not heard of.
    #[default]
    Unreachable,
}

impl MemberState {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Alive, Self::Refused, Self::Unreachable];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Alive => "alive",
            Self::Refused => "refused",
            Self::Unreachable => "unreachable",
        }
    }
}

/// A node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Member {
    /// Its name; empty: it never said one.
    pub node_id: String,
    /// Where it is greeted.
    pub address: String,
    /// Of its program.
    pub version: String,
    /// Of what it makes of events.
    pub schema: i32,
    /// The incarnation of the log that it serves.
    pub epoch: String,
    /// How it is.
    pub state: MemberState,
    /// Why it is not alive, for people.
    pub reason: String,
    /// How long a greeting took, ms.
    pub round_trip_ms: f64,
    /// How far its clock is ahead of this node's, ms; both follow PostgreSQL's.
    pub clock_distance_ms: i64,
    /// Settings that have to be the same on all nodes, and are not the same here and there.
    pub differing_settings: Vec<String>,
    /// How it was found: `peers`, `dns`, `redis`, or by word of other nodes: `told`.
    pub found_by: Vec<String>,
}
