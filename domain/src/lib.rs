//! The pure model of a room: what may be asked ([`Command`]), what happened ([`Event`]), the folded
//! state ([`Room`]) and the two functions between them, [`decide()`] and [`Room::apply`].
//!
//! Nothing here does I/O, reads a clock, draws a random number or waits: time, ids and entropy come
//! in with [`Context`], so the same inputs give the same events on every node.

pub mod actor;
pub mod command;
pub mod decide;
pub mod events;
pub mod ids;
mod object;
pub mod order;
pub mod personal;
pub mod rejection;
pub mod room;
pub mod text;
pub mod time;

pub use actor::{Actor, ActorId, ActorKind};
pub use command::{Command, CreateRoom, Expect, ParseError};
pub use decide::{Company, Context, Decision, Proof, decide};
pub use events::{DecodeError, Event, Recorded};
pub use ids::{CommandId, CredentialId, EventId, InvalidId, InviteId, ItemId, LiveKeyId, MessageId, RoomId, WebhookId};
pub use order::{Position, Seq};
pub use personal::Personal;
pub use rejection::{InviteFault, Rejection};
pub use room::permission::{self, ByRole, Effect, Overrides, Permission, PermissionSet, Step, Trace};
pub use room::{
    Ban, Barrier, Capabilities, CapabilitiesPatch, Control, DefaultRole, Delivery, Hold, Invite, Item, JoinRule, Knock,
    Live, LiveEnd, LiveKey, Member, Mode, Motion, Mute, Offer, PermissionsPatch, Playback, ReadyCheck, ReleasedBy,
    Role, Room, RoomView, Seed, Settings, Versions, Visibility,
};
pub use text::{ChatText, DisplayName, InvalidText, MediaUrl, Reaction, Reason, RoomName, Title};
pub use time::{InvalidTime, InviteUses, MediaMs, OutOfRange, RatePermille, RoomSize, ServerMs, Timestamp};
