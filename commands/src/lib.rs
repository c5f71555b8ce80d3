//! The write side.
//!
//! A command goes to the [`lane`] of its room, is decided by the pure domain against the folded room, and is answered
//! only when what it was decided on is durable. [`Rooms`] is the one entrance, for every transport.

mod admission;
mod aggregate;
mod append;
mod audit;
mod carried;
mod cloud_event;
mod delivery;
mod error;
mod fingerprint;
mod frontier;
mod hearsay;
pub mod lane;
mod lanes;
mod limits;
mod live_claims;
mod load;
mod ports;
mod presence;
mod rate;
mod request;
mod rooms;
mod secretive;
mod shown;
mod signed_token;
mod store;
mod webhooks;

pub use admission::{Admission, PASSWORD_LIMITS};
pub use aggregate::{Instruction, RoomAggregate, RoomEvent};
pub use append::{Append, Appended, Epoch, Fingerprint, NewEvent, Outcome, Submission};
pub use audit::{LogEntry, LogFilter, LogPage, LogQuery, StoredEvent};
pub use carried::{Batch, Carried, Carrier, Hearing, Outbox, Seen, Unseal};
pub use cloud_event::CloudEvent;
pub use delivery::{Barrier, Burst, Coding, Delivery, Frame, Frames, Subscription, Subscriptions};
pub use error::{CommandError, LogError, ReadError};
pub use fingerprint::Fingerprints;
pub use frontier::Frontier;
pub use hearsay::{CHANNELS, Hearsay, InRoom, Latest, NodeId, Old, Saying, Stance, What};
pub use limits::{Limit, Limiter, LocalLimiter, Unlimited, network};
pub use live_claims::{ClaimError, LIVE_LIMITS, LIVE_TERM, LiveClaim, LiveClaims, LiveHeld, LiveLapsed, LiveReport};
pub use load::load_room;
pub use ports::{
    Audience, Clock, EventLog, FanOut, Folded, Ids, LogHead, LogReader, LogTail, OneTime, Passwords, RoomLock,
    StreamCheck, Subjects,
};
pub use presence::{Attendance, Ephemeral, Presence, PresenceState, Report, Signal};
pub use rate::{Quota, Rate};
pub use request::{Caller, IfMatch, Reply, Request, Revealed};
pub use rooms::{Outside, RoomAt, Rooms, Settings};
pub use shown::{Redacted, Shown, shown};
pub use signed_token::SignedTokens;
pub use store::{RoomContext, RoomStore};
pub use webhooks::{Claim, Deliveries, Outbound, Settlement, Target, Waiting, WaitingPage, WebhookSecret};
