//! The HTTP surface.
//!
//! Routes translate between the wire and [`synctv_commands::Rooms`]; every failure becomes a problem document with a
//! stable code.

mod assets;
mod auth;
mod client;
mod crowd;
mod cursor;
mod docs;
mod edge;
mod extract;
mod forwarded;
mod headers;
mod health;
mod limits;
mod meter;
mod metrics;
mod operator;
mod origins;
mod paging;
mod performed;
mod problem;
mod rate_fields;
mod reached;
mod router;
mod routes;
mod shape;
mod socket;
mod sockets;
mod sse;
mod state;
mod tokens;
mod trusted;

pub use crowd::{Crowd, Seat};
pub use edge::{Door, Edge};
pub use health::Health;
pub use metrics::Metrics;
pub use operator::OperatorToken;
pub use origins::Origins;
pub use problem::Problem;
pub use router::router;
pub use sockets::Sockets;
pub use state::{Build, Http};
pub use tokens::Tokens;
pub use trusted::Trusted;
