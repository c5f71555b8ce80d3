//! Payloads of `invite.*`.

use serde::{Deserialize, Serialize};

use crate::ids::InviteId;
use crate::room::Role;
use crate::time::{InviteUses, Timestamp};

/// `invite.created`; its token was told to its maker alone
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteCreated {
    /// The invite.
    pub invite_id: InviteId,
    /// What its users become; absent: what every joiner does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// How often it can be used; absent: any number of times.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<InviteUses>,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// `invite.revoked`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteRevoked {
    /// The invite that is worth nothing any more.
    pub invite_id: InviteId,
}
