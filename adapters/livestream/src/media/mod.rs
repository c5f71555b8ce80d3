//! Sound and pictures, as publishers send them and FLV keeps them.

mod aac;
mod av1;
mod avc;
mod bits;
mod clock;
mod codec;
mod config;
mod content;
mod flac;
mod frame;
mod hevc;
mod opus;
mod tag;
mod units;
mod vp9;

pub use aac::AacConfig;
pub use av1::Av1Config;
pub use avc::AvcConfig;
pub use clock::Clock;
pub use codec::Codec;
pub use config::{AudioConfig, VideoConfig};
pub use content::Content;
pub use flac::FlacConfig;
pub use frame::{Frame, Role, Track};
pub use hevc::HevcConfig;
pub use opus::OpusConfig;
pub use tag::{Tag, TagKind, put, tags};
pub use vp9::Vp9Config;
