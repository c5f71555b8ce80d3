//! What a command was based on.

use serde::{Deserialize, Serialize};

use crate::order::Seq;

/// The versions a command depends on; an absent one is not checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// Of the settings.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub settings: Option<Seq>,
    /// Of the members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Seq>,
    /// Of the playlist.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub playlist: Option<Seq>,
    /// Of playback.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub playback: Option<Seq>,
}

impl Expect {
    /// Whether nothing is expected.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
