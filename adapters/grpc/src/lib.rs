//! The gRPC surface.
//!
//! Services translate between `synctv.v1` and [`synctv_edge::Edge`], as the HTTP surface does between JSON and the same; every
//! failure carries the stable code of its problem.

mod answer;
mod call;
pub mod cluster;
mod deadline;
mod health;
mod lasting;
mod link;
pub mod management;
mod outlet;
mod reflection;
mod services;
mod sluice;
mod status;
mod whole;

pub use answer::{Grpc, is_grpc};
