//! The laws of live streams, without a network.

mod amf;
mod chunk;
mod clock;
mod encoder;
mod hls;
mod hub;
mod listing;
mod publisher;
mod record;
mod transport;
