//! What every way in shares.
//!
//! An adapter translates between its wire and [`Edge`]: who is calling, what they may ask and how often, and what became of
//! it. Failures are [`Problem`]s with stable codes. [`session`] is a connection of a member to a room, whatever it speaks.

mod audit_tail;
mod command;
mod crowd;
mod directory;
mod edge;
pub mod forwarded;
mod guard;
mod guests;
mod health;
pub mod limits;
mod log;
mod meter;
mod metrics;
mod operator;
pub mod paging;
mod performed;
mod place;
mod problem;
pub mod rate_fields;
mod reached;
pub mod session;
mod sockets;
mod tokens;
mod trusted;
pub mod typed;

pub use audit_tail::{AuditTail, Tailed};
pub use command::{parse as parse_command, typed_of};
pub use crowd::{Crowd, Seat};
pub use directory::RoomsWanted;
pub use edge::{Build, Edge};
pub use guard::{Door, Guard, Peer};
pub use guests::{Guest, Token};
pub use health::{Degraded, Health, Reason};
pub use log::{LogWanted, cursor_reset, time};
pub use meter::{Asked, Limited, Meter};
pub use metrics::{Commands, Metrics, Open, Transport};
pub use operator::OperatorToken;
pub use place::Place;
pub use problem::Problem;
pub use sockets::Sockets;
pub use tokens::{Identity, SocketTicket, Tokens, bearer, socket_until, unauthenticated, watch_until};
pub use trusted::Trusted;
