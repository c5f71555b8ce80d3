//! When each concern of a room last changed.

use serde::{Deserialize, Serialize};

use super::Room;
use crate::command::Expect;
use crate::order::Seq;
use crate::rejection::Rejection;

/// The seq of the last event that touched each concern; 0 if none did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Versions {
    /// Name, visibility, default role, settings, open or closed.
    pub settings: Seq,
    /// Members and their roles.
    pub members: Seq,
    /// The playlist.
    pub playlist: Seq,
    /// Motion, mode and duration.
    pub playback: Seq,
    /// Messages.
    pub chat: Seq,
}

impl Room {
    /// Checks what a command was based on.
    ///
    /// # Errors
    /// [`Rejection::StaleVersion`] for the first concern that has another version.
    pub fn check(&self, expect: &Expect) -> Result<(), Rejection> {
        let versions = self.versions();
        let concerns = [
            ("settings", expect.settings, versions.settings),
            ("members", expect.members, versions.members),
            ("playlist", expect.playlist, versions.playlist),
            ("playback", expect.playback, versions.playback),
        ];
        for (concern, expected, current) in concerns {
            if let Some(expected) = expected.filter(|expected| *expected != current) {
                return Err(Rejection::StaleVersion { concern, expected, current });
            }
        }
        Ok(())
    }
}
