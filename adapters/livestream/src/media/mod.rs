//! Sound and pictures, as publishers send them and FLV keeps them.

mod aac;
mod avc;
mod clock;
mod codec;
mod frame;
mod tag;

pub use aac::AacConfig;
pub use avc::AvcConfig;
pub use clock::Clock;
pub use codec::Codec;
pub use frame::{Frame, Role, Track};
pub use tag::{Tag, TagKind, put, tags};
