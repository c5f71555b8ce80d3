//! What players are told of how a stream is coded.

use serde::{Deserialize, Serialize};

use crate::media::{AudioConfig, VideoConfig};

/// How a segment is coded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coding {
    /// What RFC 6381 calls the codings: `avc1.64001F`, `mp4a.40.2`.
    pub codecs: Vec<String>,
    /// Width and height, if they are known.
    pub resolution: Option<(u16, u16)>,
}

impl Coding {
    pub(super) fn of(video: Option<&VideoConfig>, audio: Option<&AudioConfig>) -> Self {
        Self {
            codecs: video.map(VideoConfig::name).into_iter().chain(audio.map(AudioConfig::name)).collect(),
            resolution: video.and_then(VideoConfig::size),
        }
    }
}
