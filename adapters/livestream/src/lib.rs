//! Live streams: RTMP in, HTTP-FLV and HLS out.

pub mod hub;
pub mod media;
