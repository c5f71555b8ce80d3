//! Fields of `live.*`.

use serde::{Deserialize, Serialize};

use crate::ids::LiveKeyId;
use crate::order::Seq;
use crate::room::LiveEnd;
use crate::time::Timestamp;

/// `live.create_key`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateLiveKey {
    /// Until when it is good; thirty days unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// `live.revoke_key`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeLiveKey {
    /// Which.
    pub key_id: LiveKeyId,
}

/// `live.start`: a node takes a publisher who showed a key, for whoever made it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StartLive {
    /// The key that was shown.
    pub key_id: LiveKeyId,
}

/// `live.end`: a node's publisher has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EndLive {
    /// The event that began it.
    pub started: Seq,
    /// Why.
    pub reason: LiveEnd,
}

/// `live.check`: the room itself looks whether its stream may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CheckLive {}
