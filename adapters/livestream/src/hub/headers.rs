//! What comes before the first frame of who begins to watch.

use bytes::{BufMut, Bytes, BytesMut};
use rml_amf0::Amf0Value;

use crate::media::{Codec, Frame, Role, TagKind, Track, put};

/// Bytes of an FLV before its first tag.
pub const BEGINNING: usize = 13;
/// Descriptions are of no time: FFmpeg takes one that has any for subtitles.
pub(super) const UNTIMED: i64 = 0;
/// What describes how a track is decoded is a few hundred bytes; nothing longer is taken for it.
const LONGEST: usize = 16 << 10;

/// What describes a stream, as of some moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Headers {
    /// What the publisher says about it.
    described: Vec<(String, Amf0Value)>,
    audio: Option<Known>,
    video: Option<Known>,
}

/// What is known of a track.
#[derive(Clone, Debug, PartialEq)]
struct Known {
    codec: Codec,
    /// How it is decoded, for those codings that say so apart.
    header: Option<Bytes>,
}

impl Headers {
    /// What the publisher says about the stream, from now on. What is no description is left out.
    #[must_use]
    pub fn described(&self, values: Vec<Amf0Value>) -> Option<Self> {
        let properties = values.into_iter().find_map(|value| match value {
            Amf0Value::Object(properties) => Some(properties),
            _ => None,
        })?;
        let plain = |value: &Amf0Value| match value {
            Amf0Value::Number(number) => number.is_finite(),
            Amf0Value::Boolean(_) => true,
            Amf0Value::Utf8String(text) => text.len() <= 256,
            _ => false,
        };
        // Those are of a file, or said by us.
        let taken = |name: &str| !["duration", "filesize", "hasAudio", "hasVideo"].contains(&name);
        let mut described: Vec<_> =
            properties.into_iter().filter(|(name, value)| taken(name) && name.len() <= 64 && plain(value)).collect();
        described.sort_by(|(one, _), (other, _)| one.cmp(other));
        described.truncate(64);
        Some(Self { described, ..self.clone() })
    }

    /// With what a frame says about its track; None: nothing new.
    #[must_use]
    pub fn with(&self, frame: &Frame) -> Option<Self> {
        let known = self.track(frame.track);
        let header = match frame.role {
            Role::Header if frame.body.len() > LONGEST => return None,
            Role::Header => Some(frame.body.clone()),
            _ if known.is_some() => return None,
            _ => None,
        };
        let told = Known { codec: frame.codec, header };
        if known == Some(&told) {
            return None;
        }
        let mut next = self.clone();
        match frame.track {
            Track::Audio => next.audio = Some(told),
            Track::Video => next.video = Some(told),
        }
        Some(next)
    }

    fn track(&self, track: Track) -> Option<&Known> {
        match track {
            Track::Audio => self.audio.as_ref(),
            Track::Video => self.video.as_ref(),
        }
    }

    /// How a track is coded, once there is one.
    #[must_use]
    pub fn codec(&self, track: Track) -> Option<Codec> {
        self.track(track).map(|known| known.codec)
    }

    /// What was said about a track before its first frame.
    #[must_use]
    pub fn header(&self, track: Track) -> Option<&Bytes> {
        self.track(track)?.header.as_ref()
    }

    /// Whether the stream has such a track, or will have as the publisher says.
    #[must_use]
    pub fn has(&self, track: Track) -> bool {
        let name = match track {
            Track::Audio => "audiocodecid",
            Track::Video => "videocodecid",
        };
        // Some name what there is not, as none.
        let some = |value: &Amf0Value| match value {
            Amf0Value::Number(number) => *number != 0.0,
            Amf0Value::Utf8String(text) => !text.is_empty(),
            _ => false,
        };
        self.track(track).is_some() || self.described.iter().any(|(known, value)| known == name && some(value))
    }

    /// What an FLV begins with.
    #[must_use]
    pub fn beginning(&self, time: i64) -> Bytes {
        let mut bytes = BytesMut::new();
        let flags = u8::from(self.has(Track::Audio)) << 2 | u8::from(self.has(Track::Video));
        bytes.extend_from_slice(&[b'F', b'L', b'V', 1, flags, 0, 0, 0, 9, 0, 0, 0, 0]);
        put(&mut bytes, TagKind::Script, UNTIMED, &self.script());
        for track in [Track::Video, Track::Audio] {
            if let Some(header) = self.header(track) {
                put(&mut bytes, track.into(), time, header);
            }
        }
        bytes.freeze()
    }

    /// What the publisher says, and which tracks there are: without that players wait for one that never comes.
    pub(super) fn script(&self) -> Vec<u8> {
        let mut bytes = vec![2];
        text(&mut bytes, "onMetaData");
        bytes.push(8);
        bytes.put_u32(u32::try_from(self.described.len()).unwrap_or(0) + 2);
        for (name, track) in [("hasAudio", Track::Audio), ("hasVideo", Track::Video)] {
            text(&mut bytes, name);
            bytes.extend([1, u8::from(self.has(track))]);
        }
        for (name, value) in &self.described {
            text(&mut bytes, name);
            match value {
                Amf0Value::Number(number) => {
                    bytes.push(0);
                    bytes.put_f64(*number);
                }
                Amf0Value::Boolean(is) => bytes.extend([1, u8::from(*is)]),
                Amf0Value::Utf8String(said) => {
                    bytes.push(2);
                    text(&mut bytes, said);
                }
                _ => bytes.push(5),
            }
        }
        bytes.extend([0, 0, 9]);
        bytes
    }
}

/// A text and its length, which fits.
fn text(to: &mut Vec<u8>, text: &str) {
    to.put_u16(u16::try_from(text.len()).unwrap_or(0));
    to.extend_from_slice(text.as_bytes());
}
