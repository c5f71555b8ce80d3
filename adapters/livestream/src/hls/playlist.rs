//! The list of segments, as RFC 8216 wants it.

use std::collections::VecDeque;
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use synctv_domain::Timestamp;

use super::coding::Coding;

/// A segment in the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Where it is, seen from the list.
    pub name: String,
    /// How long it is, ms.
    pub duration: i64,
    /// It does not go on where the one before ended.
    pub discontinuous: bool,
    /// When it was made.
    pub at: Timestamp,
    /// Where that is by which it is decoded, seen from the list; None: it is MPEG-TS.
    #[serde(default)]
    pub map: Option<String>,
    /// How large it is, bytes.
    #[serde(default)]
    pub size: u64,
    /// How it is coded.
    #[serde(default)]
    pub coding: Coding,
}

/// Of the format: fractions of seconds, and fragments of MP4.
const PACKETS: u8 = 3;
const FRAGMENTS: u8 = 7;
/// So many segments more are listed, if they are short.
const SHORT: usize = 32;
/// Of the target duration, s.
const SHORTEST: i64 = 2;

/// The target duration where the first segment is so long, ms.
pub(super) fn target(duration: i64) -> i64 {
    (duration + 999).div_euclid(1000).max(SHORTEST)
}

/// The last segments of a stream.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Playlist {
    /// No segment is longer than this when rounded, s; the first segment decides, and it never changes.
    target: Option<i64>,
    most: usize,
    /// The number of the first segment, and how many interruptions came before it.
    sequence: u64,
    discontinuities: u64,
    segments: VecDeque<Listed>,
    /// The next segment does not go on where the last one ended.
    interrupted: bool,
    ended: bool,
    /// The most that a second took, bits.
    #[serde(default)]
    peak: u64,
}

impl Playlist {
    /// An empty one, of `most` segments, unless they are short.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            target: None,
            most,
            sequence: 0,
            discontinuities: 0,
            segments: VecDeque::new(),
            interrupted: false,
            ended: false,
            peak: 0,
        }
    }

    /// The same, when another publication goes on with it.
    #[must_use]
    pub fn resumed(self, most: usize) -> Self {
        Self { most, interrupted: !self.segments.is_empty(), ended: false, peak: 0, ..self }
    }

    /// The length that no segment may round to more than, s; None: it is not decided yet.
    #[must_use]
    pub fn target(&self) -> Option<i64> {
        self.target
    }

    /// Those that are listed.
    pub fn segments(&self) -> impl Iterator<Item = &Listed> {
        self.segments.iter()
    }

    /// The number that the next segment will have, and how many interruptions come before it.
    #[must_use]
    pub fn next(&self) -> (u64, u64) {
        let within = self.segments.iter().filter(|segment| segment.discontinuous).count() as u64;
        (self.sequence + self.segments.len() as u64, self.discontinuities + within)
    }

    /// Adds a segment; those that left the list. Who has read the list may still ask for them.
    ///
    /// All leave that are of the other format: a list of both would be right (RFC 8216, 4.3.2.3), but players that begin in the
    /// one do not get to the other. So a new list begins, which goes on with the numbers.
    pub fn push(&mut self, mut segment: Listed) -> Vec<Listed> {
        let anew = self.segments.back().is_some_and(|last| last.map.is_some() != segment.map.is_some());
        segment.discontinuous |= std::mem::take(&mut self.interrupted) || anew;
        self.target.get_or_insert(target(segment.duration));
        let mut gone: Vec<_> = if anew { self.segments.drain(..).collect() } else { Vec::new() };
        self.segments.push_back(segment);
        while self.may_go() {
            gone.extend(self.segments.pop_front());
        }
        self.sequence += gone.len() as u64;
        self.discontinuities += gone.iter().filter(|segment| segment.discontinuous).count() as u64;
        self.peak = self.peak.max(self.rate()).max(bits_a_second(self.segments.iter()));
        gone
    }

    /// Whether the first segment may leave: what stays has to be three times as long as the target (RFC 8216, 6.2.2).
    fn may_go(&self) -> bool {
        let stays: i64 = self.segments.iter().skip(1).map(|segment| segment.duration).sum();
        let enough = stays >= 3000 * self.target.unwrap_or(SHORTEST) || self.segments.len() > self.most + SHORT;
        self.segments.len() > self.most && enough
    }

    /// Nothing is added any more.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The same, whoever has kept it: it may go on after all, or who wrote it could not end it.
    #[must_use]
    pub fn ending(&self, ended: bool) -> Self {
        Self { ended, ..self.clone() }
    }

    /// How long all of it is, ms.
    #[must_use]
    pub fn length(&self) -> i64 {
        self.segments.iter().map(|segment| segment.duration).sum()
    }

    /// When its last segment was complete.
    #[must_use]
    pub fn complete_at(&self) -> Option<Timestamp> {
        self.segments.back().map(|last| Timestamp(last.at.0 + last.duration * 1000))
    }

    /// Whether there is anything to play.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    /// Its text; `query` is added to the address of each segment.
    #[must_use]
    pub fn text(&self, query: &str) -> String {
        let mut text = format!(
            "#EXTM3U\n#EXT-X-VERSION:{}\n#EXT-X-TARGETDURATION:{}\n#EXT-X-MEDIA-SEQUENCE:{}\n#EXT-X-DISCONTINUITY-SEQUENCE:{}\n",
            self.version(),
            self.target.unwrap_or(SHORTEST),
            self.sequence,
            self.discontinuities
        );
        let mut map = None;
        for (number, segment) in self.segments.iter().enumerate() {
            if segment.discontinuous {
                text.push_str("#EXT-X-DISCONTINUITY\n");
            }
            if segment.map != map {
                map.clone_from(&segment.map);
                let _ = writeln!(text, "#EXT-X-MAP:URI=\"{}{query}\"", map.as_deref().unwrap_or_default());
            }
            if segment.discontinuous || number == 0 {
                let _ = writeln!(text, "#EXT-X-PROGRAM-DATE-TIME:{}", segment.at);
            }
            let (seconds, millis) = (segment.duration / 1000, segment.duration % 1000);
            let _ = writeln!(text, "#EXTINF:{seconds}.{millis:03},\n{}{query}", segment.name);
        }
        if self.ended {
            text.push_str("#EXT-X-ENDLIST\n");
        }
        text
    }

    /// The text of the list of lists, in which this one, at `address`, is the only one: it tells how large and how coded the
    /// segments are. None: there are none yet.
    #[must_use]
    pub fn multivariant(&self, address: &str) -> Option<String> {
        let last = self.segments.back()?;
        let average = bits_a_second(self.segments.iter()).max(1);
        let mut codecs: Vec<&str> = Vec::new();
        for codec in self.segments.iter().flat_map(|segment| &segment.coding.codecs) {
            if !codecs.contains(&codec.as_str()) {
                codecs.push(codec);
            }
        }
        let mut text = format!(
            "#EXTM3U\n#EXT-X-VERSION:{}\n#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={}",
            self.version(),
            self.peak.max(average),
            average
        );
        if !codecs.is_empty() {
            let _ = write!(text, ",CODECS=\"{}\"", codecs.join(","));
        }
        if let Some((width, height)) = last.coding.resolution {
            let _ = write!(text, ",RESOLUTION={width}x{height}");
        }
        let _ = writeln!(text, "\n{address}");
        Some(text)
    }

    fn version(&self) -> u8 {
        if self.segments.iter().any(|segment| segment.map.is_some()) { FRAGMENTS } else { PACKETS }
    }

    /// What the last segments take, of which there are as many as are about as long as the target: between half of it and half
    /// as much again (RFC 8216, 4.1). Bits a second.
    fn rate(&self) -> u64 {
        let target = self.target.unwrap_or(SHORTEST) * 1000;
        let mut length = 0;
        let last = self.segments.iter().rev().take_while(|segment| {
            let before = length;
            length += segment.duration;
            before * 2 < target
        });
        bits_a_second(last)
    }
}

fn bits_a_second<'a>(segments: impl Iterator<Item = &'a Listed>) -> u64 {
    let (size, length) = segments
        .fold((0, 0), |(size, length), segment| (size + segment.size, length + segment.duration.unsigned_abs()));
    if length == 0 { 0 } else { (size * 8000).div_ceil(length) }
}
