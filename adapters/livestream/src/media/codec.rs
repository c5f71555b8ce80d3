//! How sound and pictures are coded.

use std::fmt;

/// A coding that is known by name, or the four letters of one that is passed on all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// H.264.
    H264,
    /// H.265.
    Hevc,
    /// AV1.
    Av1,
    /// VP9.
    Vp9,
    /// AAC.
    Aac,
    /// MP3.
    Mp3,
    /// Opus.
    Opus,
    /// FLAC.
    Flac,
    /// Another one.
    Other([u8; 4]),
}

impl Codec {
    /// By the letters of enhanced RTMP.
    pub(super) fn named(letters: [u8; 4]) -> Self {
        match &letters {
            b"avc1" => Self::H264,
            b"hvc1" => Self::Hevc,
            b"av01" => Self::Av1,
            b"vp09" => Self::Vp9,
            b"mp4a" => Self::Aac,
            b".mp3" => Self::Mp3,
            b"Opus" => Self::Opus,
            b"fLaC" => Self::Flac,
            _ => Self::Other(letters),
        }
    }

    /// By the number that FLV has for pictures.
    pub(super) fn of_video(number: u8) -> Self {
        match number {
            7 => Self::H264,
            12 => Self::Hevc,
            13 => Self::Av1,
            other => Self::Other([b'v', b'i', b'd', b'0' + other.min(9)]),
        }
    }

    /// By the number that FLV has for sound.
    pub(super) fn of_audio(number: u8) -> Self {
        match number {
            2 | 14 => Self::Mp3,
            10 => Self::Aac,
            other => Self::Other([b'a', b'u', b'd', b'0' + other.min(9)]),
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::H264 => "H.264",
            Self::Hevc => "H.265",
            Self::Av1 => "AV1",
            Self::Vp9 => "VP9",
            Self::Aac => "AAC",
            Self::Mp3 => "MP3",
            Self::Opus => "Opus",
            Self::Flac => "FLAC",
            Self::Other(letters) => return write!(f, "{}", letters.escape_ascii()),
        })
    }
}
