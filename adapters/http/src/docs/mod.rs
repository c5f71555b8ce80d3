//! The two documents about this surface: OpenAPI for HTTP, AsyncAPI for the socket and the streams.
//!
//! Routes describe themselves where they are. What comes from the domain is described by the tables here, which the
//! tests compare with the domain.

mod asyncapi;
mod catalogue;
mod commands;
mod events;
mod listings;
pub(crate) mod names;
mod objects;
mod openapi;
pub(crate) mod params;
pub(crate) mod refusals;
mod scalars;
mod shape;
mod socket;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::LazyLock;

use axum::body::Bytes;

/// The OpenAPI document.
pub(crate) static OPENAPI: LazyLock<Bytes> = LazyLock::new(|| openapi::document().to_string().into());

/// The AsyncAPI document.
pub(crate) static ASYNCAPI: LazyLock<Bytes> = LazyLock::new(|| asyncapi::document().to_string().into());
