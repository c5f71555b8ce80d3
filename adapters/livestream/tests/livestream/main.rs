//! The laws of live streams, without a network.

mod amf;
mod chunk;
mod clock;
mod encoder;
mod hub;
mod publisher;
