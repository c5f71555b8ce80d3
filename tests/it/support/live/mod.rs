//! Live streams: who publishes them, and who watches.

mod encoder;
mod ffmpeg;
mod film;
mod player;
mod stage;

pub use encoder::{Encoder, OnAir, Said, shake_hands};
pub use ffmpeg::{Publisher, RATE, Show, clip, numbers, numbers_until_cut, played, probed};
pub use film::{Film, TagKind, Viewer};
pub use player::Player;
pub use stage::{RTMP, Stage, StreamKey, stopped, told};
