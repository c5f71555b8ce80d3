//! Management of a running server: how it is, and its stop.
//!
//! [`Management`] answers over a [`Node`], which the server is; [`Client`] asks, for the command line. Both know plain
//! [`Status`] and [`Progress`]; what is on the wire is `synctv.management.v1`.

mod client;
mod health;
mod node;
mod opened;
mod service;
mod state;
mod status;

pub use client::{Client, ClientError, Stopping};
pub use node::{Life, Node, Running};
pub use service::Management;
pub use state::{DegradedProjection, Head, Phase, Progress, Status};
