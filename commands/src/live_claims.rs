//! Which node has which live stream: the rows beside the events.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use synctv_domain::{ActorId, LiveKeyId, Position, RoomId, Seq};

use crate::limits::Limit;
use crate::rate::Rate;

/// Wrong keys from one address, and for one room; and attempts to begin with one key that is or was good: each stream is two events for ever.
pub const LIVE_LIMITS: [Limit; 3] = [
    Limit { name: "live_starts", rate: Rate { burst: 30, every: Duration::from_secs(4) } },
    Limit { name: "live_key_address", rate: Rate { burst: 20, every: Duration::from_secs(3) } },
    Limit { name: "live_key_room", rate: Rate { burst: 60, every: Duration::from_secs(5) } },
];
/// How long a row is good that is not renewed.
pub const LIVE_TERM: Duration = Duration::from_secs(15);

/// Rows cannot be read or written now.
#[derive(Clone, Debug, thiserror::Error)]
#[error("claims of live streams cannot be read or written: {0}")]
pub struct ClaimError(pub String);

/// A publication.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveClaim {
    /// Where.
    pub room: RoomId,
    /// The position of the event that began it: later ones have greater ones.
    pub token: Position,
    /// The seq of that event.
    pub started: Seq,
    /// Who publishes.
    pub by: ActorId,
    /// The key that was shown.
    pub key: LiveKeyId,
}

/// What a node says about a publication with each renewal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveReport {
    /// Who watches, HLS apart.
    pub viewers: u64,
    /// Bits in a second, of late.
    pub bits_per_second: u64,
    /// Frames of pictures in a thousand seconds, of late.
    pub frames_per_kilosecond: u64,
    /// From the last frame that needs no other to the one before, ms.
    pub gop_ms: u64,
    /// How often a viewer was so late that it went on elsewhere.
    pub skips: u64,
}

/// A publication that is still this node's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveHeld {
    /// Where.
    pub room: RoomId,
    /// Of which publication.
    pub token: Position,
}

/// A row whose term is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LiveLapsed {
    /// Where.
    pub room: RoomId,
    /// Of which publication; 0: one that was about to begin.
    pub token: Position,
    /// The event that began it.
    pub started: Seq,
}

/// The rows.
#[async_trait]
pub trait LiveClaims: Send + Sync {
    /// Somebody is about to publish: should this node die before it says more, the row lapses.
    async fn announce(&self, room: RoomId) -> Result<(), ClaimError>;
    /// This node has a publication, unless a later one has a row: whether it has.
    async fn take(&self, claim: &LiveClaim) -> Result<bool, ClaimError>;
    /// For another term: which of them are still this node's.
    async fn renew(&self, held: &[(LiveHeld, LiveReport)]) -> Result<Vec<LiveHeld>, ClaimError>;
    /// Those of this node that an operator wants to end.
    async fn kicked(&self) -> Result<Vec<RoomId>, ClaimError>;
    /// A publication has ended.
    async fn release(&self, held: LiveHeld) -> Result<(), ClaimError>;
    /// Whether some node has the room, as far as rows say; None: there is no row.
    async fn is_held(&self, room: RoomId) -> Result<Option<bool>, ClaimError>;
    /// Rows whose term is over.
    async fn lapsed(&self) -> Result<Vec<LiveLapsed>, ClaimError>;
    /// Removes a row whose term is over.
    async fn forget(&self, lapsed: &LiveLapsed) -> Result<(), ClaimError>;
}
