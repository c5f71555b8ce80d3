//! What a room, or somebody for one member, allows and denies beyond what a role has.

use serde::{Deserialize, Deserializer, Serialize};

use super::PermissionSet;
use crate::room::Role;

/// Rights added and taken away; what is in both is taken away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Overrides {
    /// Added.
    pub allow: PermissionSet,
    /// Taken away.
    pub deny: PermissionSet,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Fields {
    allow: PermissionSet,
    deny: PermissionSet,
}

impl<'de> Deserialize<'de> for Overrides {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Fields { allow, deny } = crate::object::object(from)?;
        Ok(Self { allow, deny })
    }
}

impl Overrides {
    /// Whether they say nothing.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.allow.is_empty() && self.deny.is_empty()
    }

    /// The rights about which the two do not say the same.
    pub(in crate::room) fn differing(self, other: Self) -> PermissionSet {
        (self.allow ^ other.allow) | (self.deny ^ other.deny)
    }
}

/// One value for each role that somebody can be given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ByRole<T: Default> {
    /// Of admins.
    pub admin: T,
    /// Of moderators.
    pub moderator: T,
    /// Of members.
    pub member: T,
    /// Of guests.
    pub guest: T,
}

impl<T: Default + Copy> ByRole<T> {
    /// The value of a role; None: of the owner, who has everything.
    #[must_use]
    pub fn get(&self, role: Role) -> Option<T> {
        match role {
            Role::Owner => None,
            Role::Admin => Some(self.admin),
            Role::Moderator => Some(self.moderator),
            Role::Member => Some(self.member),
            Role::Guest => Some(self.guest),
        }
    }

    /// The place of a role's value.
    pub(in crate::room) fn slot(&mut self, role: Role) -> Option<&mut T> {
        match role {
            Role::Owner => None,
            Role::Admin => Some(&mut self.admin),
            Role::Moderator => Some(&mut self.moderator),
            Role::Member => Some(&mut self.member),
            Role::Guest => Some(&mut self.guest),
        }
    }
}
