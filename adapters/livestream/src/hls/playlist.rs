//! The list of segments, as RFC 8216 wants it.

use std::collections::VecDeque;
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use synctv_domain::Timestamp;

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
}

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
}

impl Playlist {
    /// An empty one, of `most` segments.
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
        }
    }

    /// The same, when another publication goes on with it.
    #[must_use]
    pub fn resumed(self, most: usize) -> Self {
        Self { most, interrupted: !self.segments.is_empty(), ended: false, ..self }
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

    /// Adds a segment; the one that left the list, if one did. Who has read the list may still ask for it.
    pub fn push(&mut self, mut segment: Listed) -> Option<Listed> {
        segment.discontinuous |= std::mem::take(&mut self.interrupted);
        self.target.get_or_insert(target(segment.duration));
        self.segments.push_back(segment);
        if self.segments.len() <= self.most {
            return None;
        }
        let gone = self.segments.pop_front()?;
        self.sequence += 1;
        self.discontinuities += u64::from(gone.discontinuous);
        Some(gone)
    }

    /// Nothing is added any more.
    pub fn end(&mut self) {
        self.ended = true;
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
            "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:{}\n#EXT-X-MEDIA-SEQUENCE:{}\n#EXT-X-DISCONTINUITY-SEQUENCE:{}\n",
            self.target.unwrap_or(SHORTEST),
            self.sequence,
            self.discontinuities
        );
        for (number, segment) in self.segments.iter().enumerate() {
            if segment.discontinuous {
                text.push_str("#EXT-X-DISCONTINUITY\n");
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
}
