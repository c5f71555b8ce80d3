//! The HTTP surface.
//!
//! Routes translate between the wire and [`synctv_commands::Rooms`]; every failure becomes a problem document with a
//! stable code.

mod assets;
mod auth;
mod client;
mod docs;
mod extract;
mod headers;
mod ingest;
mod measure;
mod operator;
mod origins;
mod paging;
mod problem;
mod router;
mod routes;
mod seat;
mod shape;
mod socket;
mod sse;
mod state;

pub use ingest::Ingest;
pub use origins::Origins;
pub use problem::Refusal;
pub use router::router;
pub use state::Http;
