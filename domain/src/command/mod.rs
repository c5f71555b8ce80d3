//! What may be asked of a room.

mod chat;
mod expect;
mod invite;
mod list;
mod live;
mod member;
mod parse;
mod playback;
mod playlist;
mod ready;
mod room;
mod secret;

pub use chat::{ChatEdit, ChatPost, ChatReact, ChatRedact};
pub use expect::Expect;
pub use invite::{CreateInvite, RevokeInvite};
pub use list::Command;
pub use live::{CheckLive, CreateLiveKey, EndLive, RevokeLiveKey, StartLive};
pub use member::{Join, Judged, OverridePermissions, Pardoned, SetRole};
pub use parse::ParseError;
pub use playback::{Hold, Next, Pause, Play, Previous, Release, Seek, SelectItem, SetMode, SetRate};
pub use playlist::{PlaylistAdd, PlaylistMove, PlaylistRemove, PlaylistUpdate};
pub use ready::{ReadyMark, ReadySettle, ReadyStart};
pub use room::{AcceptTransfer, CreateRoom, SetJoinRule, Transfer, UpdateSettings};
pub use secret::{Password, Secret};
