//! Fields of `invite.*`.

use serde::{Deserialize, Deserializer, Serialize};

use super::member::assignable;
use crate::ids::InviteId;
use crate::room::Role;
use crate::time::{InviteUses, Timestamp};

/// `invite.create`
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CreateInvite {
    /// How often it can be used; any number of times unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<InviteUses>,
    /// Until when it is good; a week unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// What its users become; what every joiner does unless set. Never `owner`.
    #[serde(default, deserialize_with = "optional_role", skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// `invite.revoke`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RevokeInvite {
    /// Which.
    pub invite_id: InviteId,
}

fn optional_role<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Role>, D::Error> {
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Assignable(#[serde(deserialize_with = "assignable")] Role);

    Ok(Option::<Assignable>::deserialize(from)?.map(|Assignable(role)| role))
}
