//! The personal fields of an event, each with its subject.

use super::Event;
use crate::actor::ActorId;
use crate::personal::Personal;

impl Event {
    /// Calls `f` with the subject and the field, for every personal field of the event.
    pub fn for_each_personal(&mut self, f: &mut dyn FnMut(ActorId, &mut Personal)) {
        match self {
            Self::MemberJoined(event) => f(event.member, &mut event.display_name),
            Self::MemberKicked(event) => optional(event.member, event.reason.as_mut(), f),
            Self::MemberKnocked(event) => {
                f(event.member, &mut event.display_name);
                optional(event.member, event.message.as_mut(), f);
            }
            Self::MemberApproved(event) => optional(event.member, event.reason.as_mut(), f),
            Self::MemberRejected(event) => optional(event.member, event.reason.as_mut(), f),
            Self::MemberBanned(event) => optional(event.member, event.reason.as_mut(), f),
            Self::MemberUnbanned(event) => optional(event.member, event.reason.as_mut(), f),
            Self::MemberMuted(event) => optional(event.member, event.reason.as_mut(), f),
            Self::MemberUnmuted(event) => optional(event.member, event.reason.as_mut(), f),
            Self::ChatPosted(event) => f(event.author, &mut event.text),
            Self::ChatEdited(event) => f(event.author, &mut event.text),
            Self::ChatRedacted(event) => optional(event.author, event.reason.as_mut(), f),
            // Spelled out so that a new event cannot be forgotten here.
            Self::RoomCreated(_)
            | Self::RoomSettingsUpdated(_)
            | Self::RoomClosed(_)
            | Self::RoomReopened(_)
            | Self::RoomJoinRuleSet(_)
            | Self::RoomTransferOffered(_)
            | Self::RoomTransferred(_)
            | Self::RoomGuestsExpelled(_)
            | Self::MemberPermissionsOverridden(_)
            | Self::InviteCreated(_)
            | Self::InviteRevoked(_)
            | Self::MemberLeft(_)
            | Self::MemberRoleSet(_)
            | Self::PlaylistAdded(_)
            | Self::PlaylistUpdated(_)
            | Self::PlaylistMoved(_)
            | Self::PlaylistRemoved(_)
            | Self::PlaylistCleared(_)
            | Self::PlaybackPlayed(_)
            | Self::PlaybackPaused(_)
            | Self::PlaybackSeeked(_)
            | Self::PlaybackRateSet(_)
            | Self::PlaybackModeSet(_)
            | Self::PlaybackItemSelected(_)
            | Self::PlaybackHeld(_)
            | Self::PlaybackReleased(_)
            | Self::ReadyStarted(_)
            | Self::ReadyMarked(_)
            | Self::ReadyCancelled(_)
            | Self::ChatReacted(_)
            | Self::LiveKeyCreated(_)
            | Self::LiveKeyRevoked(_)
            | Self::LiveStarted(_)
            | Self::LiveStopped(_)
            | Self::ProjectionEventSkipped(_) => {}
        }
    }
}

fn optional(subject: ActorId, field: Option<&mut Personal>, f: &mut dyn FnMut(ActorId, &mut Personal)) {
    if let Some(field) = field {
        f(subject, field);
    }
}
