//! Whom an event takes their membership.

use std::slice;

use super::Event;
use crate::actor::ActorId;

impl Event {
    /// Who is no member after it.
    #[must_use]
    pub fn departed(&self) -> &[ActorId] {
        match self {
            Self::MemberLeft(event) => slice::from_ref(&event.member),
            Self::MemberKicked(event) => slice::from_ref(&event.member),
            Self::MemberBanned(event) if event.was_member => slice::from_ref(&event.member),
            Self::RoomGuestsExpelled(event) => &event.members,
            _ => &[],
        }
    }
}
