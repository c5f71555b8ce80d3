//! The HTTP surface.
//!
//! Routes translate between the wire and [`synctv_commands::Rooms`]; every failure becomes a problem document with a
//! stable code.

mod assets;
mod auth;
mod client;
mod cursor;
mod docs;
mod extract;
mod headers;
mod health;
mod metrics;
mod operator;
mod paging;
mod problem;
mod reached;
mod router;
mod routes;
mod shape;
mod socket;
mod sockets;
mod sse;
mod state;
mod tokens;

pub use health::Health;
pub use metrics::Metrics;
pub use operator::OperatorToken;
pub use problem::Problem;
pub use router::router;
pub use sockets::Sockets;
pub use state::{Build, Http};
pub use tokens::Tokens;
