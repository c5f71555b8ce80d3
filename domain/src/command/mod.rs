//! What may be asked of a room.

mod chat;
mod expect;
mod list;
mod member;
mod parse;
mod playback;
mod playlist;
mod ready;
mod room;
mod secret;

pub use chat::{ChatEdit, ChatPost, ChatReact, ChatRedact};
pub use expect::Expect;
pub use list::Command;
pub use member::{Join, Kick, SetRole};
pub use parse::ParseError;
pub use playback::{Hold, Next, Pause, Play, Previous, Release, Seek, SelectItem, SetMode, SetRate};
pub use playlist::{PlaylistAdd, PlaylistMove, PlaylistRemove, PlaylistUpdate};
pub use ready::{ReadyMark, ReadySettle, ReadyStart};
pub use room::{CreateRoom, UpdateSettings};
pub use secret::Secret;
