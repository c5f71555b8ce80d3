//! A frame of sound or pictures, and what it is for.

use bytes::Bytes;

use super::Codec;

/// What a frame is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Track {
    /// Sound.
    Audio,
    /// Pictures.
    Video,
}

/// What a frame is needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Says how the others are decoded.
    Header,
    /// Can be decoded without earlier ones.
    Key,
    /// Needs the ones before it.
    Delta,
    /// Anything else: the end of a sequence, what describes colours.
    Other,
}

/// A frame, in the form that FLV and RTMP share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Of which track.
    pub track: Track,
    /// What it is for.
    pub role: Role,
    /// How it is coded.
    pub codec: Codec,
    /// When it is decoded, ms; wraps.
    pub timestamp: u32,
    /// How it is coded, and the coded data.
    pub body: Bytes,
}

/// Instead of a number, in pictures: four letters follow.
pub(super) const ENHANCED: u8 = 0x80;
/// … and in sound.
pub(super) const ENHANCED_AUDIO: u8 = 9;

impl Frame {
    /// Sound; None, if it is too short to be any.
    #[must_use]
    pub fn audio(timestamp: u32, body: Bytes) -> Option<Self> {
        let first = *body.first()?;
        let (codec, packet) = match first >> 4 {
            ENHANCED_AUDIO => (Codec::named(letters(&body)?), first & 0xF),
            10 => (Codec::Aac, *body.get(1)?),
            number => (Codec::of_audio(number), 1),
        };
        let role = match packet {
            0 => Role::Header,
            1 => Role::Key,
            _ => Role::Other,
        };
        Some(Self { track: Track::Audio, role, codec, timestamp, body })
    }

    /// A picture; None, if it is too short to be any.
    #[must_use]
    pub fn video(timestamp: u32, body: Bytes) -> Option<Self> {
        const KEY: u8 = 1;
        let first = *body.first()?;
        let (codec, packet) = if first & ENHANCED == 0 {
            let codec = Codec::of_video(first & 0xF);
            // The others have no header of their own.
            let packet = if matches!(codec, Codec::Other(_)) { 1 } else { *body.get(1)? };
            (codec, packet)
        } else {
            (Codec::named(letters(&body)?), first & 0xF)
        };
        let role = match packet {
            0 => Role::Header,
            1 | 3 if first >> 4 & 7 == KEY => Role::Key,
            1 | 3 => Role::Delta,
            _ => Role::Other,
        };
        Some(Self { track: Track::Video, role, codec, timestamp, body })
    }
}

/// The name of a coding, behind the first byte.
fn letters(body: &[u8]) -> Option<[u8; 4]> {
    body.get(1..5)?.try_into().ok()
}
