//! Payloads of `live.*`.

use serde::{Deserialize, Serialize};

use crate::actor::ActorId;
use crate::ids::LiveKeyId;
use crate::room::LiveEnd;
use crate::time::Timestamp;

/// `live.key_created`; the key was told to its maker alone
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveKeyCreated {
    /// The key.
    pub key_id: LiveKeyId,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// `live.key_revoked`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveKeyRevoked {
    /// The key that is worth nothing any more.
    pub key_id: LiveKeyId,
}

/// `live.started`; its position is the token by which a later stream is told from this one
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveStarted {
    /// Who publishes: whoever made the key.
    pub by: ActorId,
    /// The key that was shown.
    pub key_id: LiveKeyId,
}

/// `live.stopped`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveStopped {
    /// Why.
    pub reason: LiveEnd,
}
