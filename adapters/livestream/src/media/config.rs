//! How tracks are decoded, whatever their coding.

use bytes::Bytes;

use super::{AacConfig, Av1Config, AvcConfig, Codec, FlacConfig, HevcConfig, OpusConfig, Vp9Config, av1, vp9};

/// How pictures are decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum VideoConfig {
    /// H.264.
    Avc(AvcConfig),
    /// H.265.
    Hevc(HevcConfig),
    /// AV1.
    Av1(Av1Config),
    /// VP9.
    Vp9(Vp9Config),
}

impl VideoConfig {
    /// From the content of a header; None: it is none, cut, or of another coding.
    #[must_use]
    pub fn parse(codec: Codec, header: &Bytes) -> Option<Self> {
        match codec {
            Codec::H264 => AvcConfig::parse(header).map(Self::Avc),
            Codec::Hevc => HevcConfig::parse(header).map(Self::Hevc),
            Codec::Av1 => Av1Config::parse(header).map(Self::Av1),
            Codec::Vp9 => Vp9Config::parse(header).map(Self::Vp9),
            _ => None,
        }
    }

    /// The coding.
    #[must_use]
    pub fn codec(&self) -> Codec {
        match self {
            Self::Avc(_) => Codec::H264,
            Self::Hevc(_) => Codec::Hevc,
            Self::Av1(_) => Codec::Av1,
            Self::Vp9(_) => Codec::Vp9,
        }
    }

    /// What RFC 6381 calls it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Avc(config) => config.name(),
            Self::Hevc(config) => config.name(),
            Self::Av1(config) => config.name(),
            Self::Vp9(config) => config.name(),
        }
    }

    /// Width and height, if they can be told.
    #[must_use]
    pub fn size(&self) -> Option<(u16, u16)> {
        match self {
            Self::Avc(config) => config.size,
            Self::Hevc(config) => config.size,
            Self::Av1(config) => config.size,
            Self::Vp9(config) => config.size,
        }
    }

    /// Learns from a picture that needs no other what the header did not tell.
    pub fn learn(&mut self, picture: &[u8]) {
        match self {
            Self::Av1(config) if config.size.is_none() => config.size = av1::size_in(picture),
            Self::Vp9(config) if config.size.is_none() => config.size = vp9::size(picture),
            _ => {}
        }
    }

    /// Whether headers say the same, whatever was learned since.
    #[must_use]
    pub fn is_as(&self, other: &Self) -> bool {
        self.codec() == other.codec() && self.record() == other.record()
    }

    fn record(&self) -> &Bytes {
        match self {
            Self::Avc(config) => &config.record,
            Self::Hevc(config) => &config.record,
            Self::Av1(config) => &config.record,
            Self::Vp9(config) => &config.record,
        }
    }

    /// Whether nothing of a picture is cut, as far as that can be seen.
    #[must_use]
    pub fn is_whole(&self, picture: &[u8]) -> bool {
        match self {
            Self::Avc(config) => config.is_whole(picture),
            Self::Hevc(config) => config.is_whole(picture),
            Self::Av1(_) | Self::Vp9(_) => true,
        }
    }
}

/// How sound is decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AudioConfig {
    /// AAC.
    Aac(AacConfig),
    /// Opus.
    Opus(OpusConfig),
    /// FLAC.
    Flac(FlacConfig),
}

impl AudioConfig {
    /// From the content of a header; None: it is none, cut, or of another coding.
    #[must_use]
    pub fn parse(codec: Codec, header: &Bytes) -> Option<Self> {
        match codec {
            Codec::Aac => AacConfig::parse(header).map(Self::Aac),
            Codec::Opus => OpusConfig::parse(header).map(Self::Opus),
            Codec::Flac => FlacConfig::parse(header).map(Self::Flac),
            _ => None,
        }
    }

    /// The coding.
    #[must_use]
    pub fn codec(&self) -> Codec {
        match self {
            Self::Aac(_) => Codec::Aac,
            Self::Opus(_) => Codec::Opus,
            Self::Flac(_) => Codec::Flac,
        }
    }

    /// What RFC 6381 calls it.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Aac(config) => config.name(),
            Self::Opus(_) => "opus".to_owned(),
            Self::Flac(_) => "fLaC".to_owned(),
        }
    }

    /// Samples a second of what is coded, Hz.
    #[must_use]
    pub fn rate(&self) -> u32 {
        match self {
            Self::Aac(config) => config.rate(),
            Self::Opus(_) => OpusConfig::RATE,
            Self::Flac(config) => config.rate,
        }
    }

    /// Samples in a frame; None: it is none.
    #[must_use]
    pub fn samples(&self, frame: &[u8]) -> Option<u32> {
        match self {
            Self::Aac(config) => Some(config.samples()),
            Self::Opus(_) => OpusConfig::samples(frame),
            Self::Flac(_) => FlacConfig::samples(frame),
        }
    }
}
