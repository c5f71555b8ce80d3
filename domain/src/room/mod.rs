//! The folded room and, per concern, its state, its decisions and its fold.

mod apply;
pub(crate) mod chat;
pub(crate) mod lifecycle;
pub(crate) mod live;
pub(crate) mod membership;
pub mod permission;
pub(crate) mod playback;
pub(crate) mod playlist;
pub(crate) mod ready;
mod role;
mod settings;
mod state;
mod versions;
mod view;

pub use live::{Live, LiveEnd, LiveKey};
pub use membership::{Ban, Invite, Knock, Member, Mute, Offer};
pub use playback::{Hold, Mode, Motion, Playback, ReleasedBy, Seed};
pub use playlist::{Delivery, Item};
pub use ready::ReadyCheck;
pub use role::{DefaultRole, Role};
pub use settings::{
    Barrier, Capabilities, CapabilitiesPatch, Control, JoinRule, PermissionsPatch, Settings, Visibility,
};
pub use state::Room;
pub use versions::Versions;
pub use view::RoomView;
