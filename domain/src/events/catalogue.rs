//! The closed list of events; names and versions are stored and never change meaning.

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::upcast::upcast;
use super::{
    ChatEdited, ChatPosted, ChatReacted, ChatRedacted, InviteCreated, InviteRevoked, LiveKeyCreated, LiveKeyRevoked,
    LiveStarted, LiveStopped, MemberApproved, MemberBanned, MemberJoined, MemberKicked, MemberKnocked, MemberLeft,
    MemberMuted, MemberPermissionsOverridden, MemberRejected, MemberRoleSet, MemberUnbanned, MemberUnmuted,
    PlaybackHeld, PlaybackItemSelected, PlaybackModeSet, PlaybackReleased, PlaylistAdded, PlaylistCleared,
    PlaylistMoved, PlaylistRemoved, PlaylistUpdated, ProjectionEventSkipped, ReadyCancelled, ReadyMarked, ReadyStarted,
    RoomClosed, RoomCreated, RoomGuestsExpelled, RoomJoinRuleSet, RoomReopened, RoomSettingsUpdated,
    RoomTransferOffered, RoomTransferred,
};
use crate::room::Motion;

/// Why a stored payload cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// No event has this name.
    #[error("unknown event {name}")]
    UnknownEvent {
        /// The stored name.
        name: String,
    },
    /// The version is newer than this program, or no chain of steps leads from it.
    #[error("{name} has no readable version {version}")]
    UnknownVersion {
        /// The stored name.
        name: String,
        /// The stored version.
        version: u16,
    },
    /// The payload is not what the name and version promise.
    #[error("the payload of {name} v{version} is malformed: {message}")]
    Malformed {
        /// The stored name.
        name: String,
        /// The stored version.
        version: u16,
        /// What the parser met.
        message: String,
    },
}

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident($payload:ty) = $name:literal, $version:literal;)+) => {
        /// One thing that happened, in a room unless said otherwise.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Event {
            $($(#[$doc])* $variant($payload),)+
        }

        impl Event {
            /// Every event with its current version.
            pub const NAMES: &[(&str, u16)] = &[$(($name, $version)),+];

            /// The stored name, for example `room.created`.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => $name,)+
                }
            }

            /// The version this program writes.
            #[must_use]
            pub fn version(&self) -> u16 {
                match self {
                    $(Self::$variant(_) => $version,)+
                }
            }

            fn from_current(name: &str, payload: &str) -> Option<serde_json::Result<Self>> {
                match name {
                    $($name => Some(serde_json::from_str(payload).map(Self::$variant)),)+
                    _ => None,
                }
            }
        }

        impl Serialize for Payload<'_> {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                match self.0 {
                    $(Event::$variant(payload) => payload.serialize(to),)+
                }
            }
        }
    };
}

events! {
    /// The room exists; the first event of its stream.
    RoomCreated(RoomCreated) = "room.created", 1;
    /// Some settings have new values.
    RoomSettingsUpdated(RoomSettingsUpdated) = "room.settings_updated", 1;
    /// The room takes no more commands.
    RoomClosed(RoomClosed) = "room.closed", 1;
    /// The room takes commands again.
    RoomReopened(RoomReopened) = "room.reopened", 1;
    /// One gets in differently.
    RoomJoinRuleSet(RoomJoinRuleSet) = "room.join_rule_set", 1;
    /// The owner would give the room to a member, or to nobody any more.
    RoomTransferOffered(RoomTransferOffered) = "room.transfer_offered", 1;
    /// The room has another owner.
    RoomTransferred(RoomTransferred) = "room.transferred", 1;
    /// All guests were removed.
    RoomGuestsExpelled(RoomGuestsExpelled) = "room.guests_expelled", 1;
    /// Somebody became a member.
    MemberJoined(MemberJoined) = "member.joined", 1;
    /// A member left.
    MemberLeft(MemberLeft) = "member.left", 1;
    /// A member was removed.
    MemberKicked(MemberKicked) = "member.kicked", 1;
    /// A member has another role.
    MemberRoleSet(MemberRoleSet) = "member.role_set", 1;
    /// A member is allowed and denied other rights than their role has.
    MemberPermissionsOverridden(MemberPermissionsOverridden) = "member.permissions_overridden", 1;
    /// Somebody would like to become a member.
    MemberKnocked(MemberKnocked) = "member.knocked", 1;
    /// Somebody who asked is let in.
    MemberApproved(MemberApproved) = "member.approved", 1;
    /// Somebody who asked was sent away.
    MemberRejected(MemberRejected) = "member.rejected", 1;
    /// Somebody was removed, if they were a member, and may not come in.
    MemberBanned(MemberBanned) = "member.banned", 1;
    /// Somebody may come in again.
    MemberUnbanned(MemberUnbanned) = "member.unbanned", 1;
    /// A member may not write.
    MemberMuted(MemberMuted) = "member.muted", 1;
    /// A member may write again.
    MemberUnmuted(MemberUnmuted) = "member.unmuted", 1;
    /// There is an invite.
    InviteCreated(InviteCreated) = "invite.created", 1;
    /// An invite is worth nothing any more.
    InviteRevoked(InviteRevoked) = "invite.revoked", 1;
    /// There is a key to publish a live stream with.
    LiveKeyCreated(LiveKeyCreated) = "live.key_created", 1;
    /// A key is worth nothing any more.
    LiveKeyRevoked(LiveKeyRevoked) = "live.key_revoked", 1;
    /// Somebody publishes a live stream.
    LiveStarted(LiveStarted) = "live.started", 1;
    /// The live stream has ended.
    LiveStopped(LiveStopped) = "live.stopped", 1;
    /// An item is new in the playlist.
    PlaylistAdded(PlaylistAdded) = "playlist.added", 1;
    /// An item has another title or duration.
    PlaylistUpdated(PlaylistUpdated) = "playlist.updated", 1;
    /// An item has another place.
    PlaylistMoved(PlaylistMoved) = "playlist.moved", 1;
    /// An item is gone.
    PlaylistRemoved(PlaylistRemoved) = "playlist.removed", 1;
    /// All items are gone.
    PlaylistCleared(PlaylistCleared) = "playlist.cleared", 1;
    /// Playback starts; carries the resulting motion.
    PlaybackPlayed(Motion) = "playback.played", 1;
    /// Playback stopped; carries the resulting motion.
    PlaybackPaused(Motion) = "playback.paused", 1;
    /// Playback jumped; carries the resulting motion.
    PlaybackSeeked(Motion) = "playback.seeked", 1;
    /// Playback has another rate; carries the resulting motion.
    PlaybackRateSet(Motion) = "playback.rate_set", 1;
    /// What follows an item is chosen differently.
    PlaybackModeSet(PlaybackModeSet) = "playback.mode_set", 1;
    /// Another item, or the same from a given place; carries the resulting motion.
    PlaybackItemSelected(PlaybackItemSelected) = "playback.item_selected", 1;
    /// Playback waits for members who buffer; carries the resulting motion.
    PlaybackHeld(PlaybackHeld) = "playback.held", 1;
    /// Playback goes on after a wait; carries the resulting motion.
    PlaybackReleased(PlaybackReleased) = "playback.released", 1;
    /// Members are asked whether they are ready.
    ReadyStarted(ReadyStarted) = "ready.started", 1;
    /// A member is ready, or not any more.
    ReadyMarked(ReadyMarked) = "ready.marked", 1;
    /// A ready check ended without a start.
    ReadyCancelled(ReadyCancelled) = "ready.cancelled", 1;
    /// A message was written.
    ChatPosted(ChatPosted) = "chat.posted", 1;
    /// A message has another text.
    ChatEdited(ChatEdited) = "chat.edited", 1;
    /// A message was withdrawn.
    ChatRedacted(ChatRedacted) = "chat.redacted", 1;
    /// A reaction was added or taken back.
    ChatReacted(ChatReacted) = "chat.reacted", 1;
    /// An operator let a read model leave an event out; of no room.
    ProjectionEventSkipped(ProjectionEventSkipped) = "projection.event_skipped", 1;
}

/// Serialises the payload of an event without its name.
pub(super) struct Payload<'a>(pub(super) &'a Event);

impl Event {
    /// The payload as JSON text, the same bytes for the same event.
    #[must_use]
    pub fn encode(&self) -> String {
        serde_json::to_string(&Payload(self))
            .expect("payloads are structs of strings, integers and booleans: nothing can fail")
    }

    /// Reads a stored payload, bringing older versions up to the current one first.
    ///
    /// # Errors
    /// [`DecodeError`] for unknown names, unreadable versions and malformed payloads.
    pub fn decode(name: &str, version: u16, payload: &str) -> Result<Self, DecodeError> {
        let Some(&(_, current)) = Self::NAMES.iter().find(|(known, _)| *known == name) else {
            return Err(DecodeError::UnknownEvent { name: name.to_owned() });
        };
        let malformed = |error: serde_json::Error| DecodeError::Malformed {
            name: name.to_owned(),
            version,
            message: error.to_string(),
        };
        let decoded = if version == current {
            Self::from_current(name, payload)
        } else {
            let old: Value = serde_json::from_str(payload).map_err(malformed)?;
            let new = upcast(super::upcast::STEPS, name, version, current, old)?;
            Self::from_current(name, &new.to_string())
        };
        decoded.ok_or_else(|| DecodeError::UnknownEvent { name: name.to_owned() })?.map_err(malformed)
    }
}
