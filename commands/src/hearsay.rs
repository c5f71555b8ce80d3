//! What nodes tell each other of the members who are connected to them.

use std::fmt::{self, Display, Formatter};

use async_trait::async_trait;
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use synctv_domain::{ActorId, RoomId};
use ulid::Ulid;

use crate::presence::{PresenceState, Report};

/// Nodes speak in so many channels, each room in one of them.
pub const CHANNELS: u8 = 4;

/// A node from its start to its end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub Ulid);

impl Display for NodeId {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Serialize for NodeId {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for NodeId {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Ulid::from_string(&text).map(Self).map_err(D::Error::custom)
    }
}

/// What was told, and its place in the order of what all nodes told: later than everything its node had heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latest<T>(pub T, pub u64);

/// The latest that a member told on the connections to one node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stance {
    /// Where they are. None: connected, and has said no more.
    #[serde(rename = "p", skip_serializing_if = "Option::is_none")]
    pub presence: Option<Latest<PresenceState>>,
    /// Whether they type.
    #[serde(rename = "t", skip_serializing_if = "Option::is_none")]
    pub typing: Option<Latest<bool>>,
    /// How they follow.
    #[serde(rename = "r", skip_serializing_if = "Option::is_none")]
    pub report: Option<Latest<Report>>,
    /// For how long a player that followed has been waiting for media, ms. No clock: those of nodes may differ.
    #[serde(rename = "s", skip_serializing_if = "Option::is_none")]
    pub stalled_ms: Option<u64>,
}

/// Members of one room; None: no longer connected to the node that says so.
pub type InRoom = (RoomId, Vec<(ActorId, Option<Stance>)>);

/// What a node says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// It is here, and has told of so many connections of a member to a room in this channel.
    Here {
        /// How many.
        members: usize,
    },
    /// What became of some.
    Changed(Vec<InRoom>),
    /// All of them, in one or more parts that follow each other.
    Whole {
        /// Who asked, and under which number.
        answers: Vec<(NodeId, u64)>,
        /// The first part.
        first: bool,
        /// The last part.
        last: bool,
        /// The part.
        rooms: Vec<InRoom>,
    },
    /// Wants to be told everything.
    Ask {
        /// By whom. None: by everybody.
        of: Option<NodeId>,
        /// Comes back with the answer, and is never used twice.
        number: u64,
    },
    /// It ends: its members are no longer connected to it.
    Gone,
}

/// One message of a node to all others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Saying {
    /// Whose.
    pub node: NodeId,
    /// Where.
    pub channel: u8,
    /// Grows by one with every message of this node in this channel, also when one gets lost.
    pub number: u64,
    /// What.
    pub what: What,
}

/// A message that was heard before, or has been overtaken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("heard before, or overtaken")]
pub struct Old;

/// A node's part in the talk of all nodes. Whoever carries it may lose messages, and tell them twice or in another order.
#[async_trait]
pub trait Hearsay: Send + Sync {
    /// From now on everything that others say is heard.
    fn listens(&self);
    /// Waits until there is something to say. One carrier asks.
    async fn to_say(&self) -> Vec<Saying>;
    /// Somebody who knows the nodes' secret said this.
    ///
    /// # Errors
    /// When it is old: it changes nothing.
    fn heard(&self, saying: Saying) -> Result<(), Old>;
    /// The last that this node says.
    fn farewell(&self) -> Vec<Saying>;
}
