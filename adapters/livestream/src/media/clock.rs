//! One timeline of a stream, whatever its publishers count.

use super::Track;

/// A track that goes ahead by more than this, or back by more than that, begins anew, ms.
const AHEAD: i64 = 10_000;
const BACK: i64 = 500;
/// Sound and pictures that are further apart than this have nothing to do with each other, ms.
const APART: i64 = 3000;
/// Between what was before a new beginning and what follows, ms.
const GAP: i64 = 40;

/// Turns what a publisher counts, which wraps at 32 bits, into ms since the stream began, which no track ever goes back in. Sound
/// and pictures share it, so that they stay together, as long as the publisher keeps them together.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    sound: Option<Heard>,
    pictures: Option<Heard>,
    /// The greatest time so far.
    highest: i64,
}

/// What the publisher said last of a track.
#[derive(Clone, Copy, Debug)]
struct Heard {
    counted: u32,
    /// The time of the stream that this was.
    time: i64,
    /// The greatest time of the track.
    highest: i64,
}

impl Heard {
    /// The time of the stream for another time of the publisher.
    fn at(self, counted: u32) -> i64 {
        self.time + i64::from(counted.wrapping_sub(self.counted).cast_signed())
    }
}

impl Clock {
    /// One that goes on where this one is, for another publisher.
    #[must_use]
    pub fn after(self) -> Self {
        let began = self.sound.is_some() || self.pictures.is_some();
        Self { highest: self.highest + if began { GAP } else { 0 }, ..Self::default() }
    }

    /// The time of the stream for a time of the publisher.
    pub fn at(&mut self, track: Track, counted: u32) -> i64 {
        let (own, other) = match track {
            Track::Audio => (self.sound, self.pictures),
            Track::Video => (self.pictures, self.sound),
        };
        let goes_on = own.and_then(|own| {
            let time = own.at(counted);
            (own.highest - BACK..=own.time + AHEAD).contains(&time).then_some(time)
        });
        let highest = own.map_or(0, |own| own.highest);
        let time = match (goes_on, other) {
            (Some(time), _) => time,
            // It began anew, and so did the other one; or it comes later than that.
            (None, Some(other)) if (other.at(counted) - self.highest).abs() <= APART => other.at(counted),
            _ => self.highest + if own.is_some() { GAP } else { 0 },
        };
        let heard = Heard { counted, time, highest: highest.max(time) };
        match track {
            Track::Audio => self.sound = Some(heard),
            Track::Video => self.pictures = Some(heard),
        }
        self.highest = self.highest.max(heard.highest);
        heard.highest
    }

    /// Where the stream is.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.highest
    }
}
