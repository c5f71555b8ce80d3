//! What happened: every event by name and version, its payload, and the recorded form.

mod catalogue;
mod chat;
mod departed;
mod invite;
mod live;
mod member;
mod personal;
mod playback;
mod playlist;
mod projection;
mod ready;
mod recorded;
mod room;
pub mod upcast;

pub use catalogue::{DecodeError, Event};
pub use chat::{ChatEdited, ChatPosted, ChatReacted, ChatRedacted};
pub use invite::{InviteCreated, InviteRevoked};
pub use live::{LiveKeyCreated, LiveKeyRevoked, LiveStarted, LiveStopped};
pub use member::{
    MemberApproved, MemberBanned, MemberJoined, MemberKicked, MemberKnocked, MemberLeft, MemberMuted,
    MemberPermissionsOverridden, MemberRejected, MemberRoleSet, MemberUnbanned, MemberUnmuted, Muted,
};
pub use playback::{PlaybackHeld, PlaybackItemSelected, PlaybackModeSet, PlaybackReleased};
pub use playlist::{PlaylistAdded, PlaylistCleared, PlaylistMoved, PlaylistRemoved, PlaylistUpdated};
pub use projection::ProjectionEventSkipped;
pub use ready::{ReadyCancelled, ReadyEnd, ReadyMarked, ReadyStarted};
pub use recorded::Recorded;
pub use room::{
    RoomClosed, RoomCreated, RoomGuestsExpelled, RoomJoinRuleSet, RoomReopened, RoomSettingsUpdated,
    RoomTransferOffered, RoomTransferred,
};
