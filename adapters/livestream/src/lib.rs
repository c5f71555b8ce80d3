//! Live streams: RTMP in, HTTP-FLV and HLS out.

pub mod desk;
pub mod hls;
pub mod hub;
pub mod media;
pub mod rtmp;
pub mod studio;
