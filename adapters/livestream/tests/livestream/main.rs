//! The laws of live streams, without a network.

mod amf;
mod chunk;
mod clock;
mod cmaf;
mod encoder;
mod fragments;
mod hls;
mod hub;
mod listing;
mod paced;
mod publisher;
mod record;
mod seaweed;
mod stores;
mod transcoder;
mod transport;
