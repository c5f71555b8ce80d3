//! Events on their way to subscribers, for every transport.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use bytes::Bytes;
use synctv_domain::{ActorId, RoomId, Seq};

use crate::append::Epoch;
use crate::error::LogError;

/// Who may not see what follows an event, if it still is so when the event is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Barrier {
    /// Everybody may go on.
    None,
    /// These actors stopped being members.
    Left(Arc<[ActorId]>),
    /// The room was closed.
    Closed,
}

impl Barrier {
    /// Whether it says something about this actor.
    #[must_use]
    pub fn concerns(&self, actor: ActorId) -> bool {
        match self {
            Self::None => false,
            Self::Left(gone) => gone.contains(&actor),
            Self::Closed => true,
        }
    }
}

/// One durable event.
#[derive(Debug)]
pub struct Frame {
    /// The room's seq.
    pub seq: Seq,
    /// What it changes about who may read on.
    pub barrier: Barrier,
    /// The event.
    pub json: String,
}

/// What events are encoded for; each encoding of a burst is made once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coding {
    /// Server-sent events.
    Sse,
    /// Frames of a WebSocket that hold text.
    Text,
    /// Frames of a WebSocket that hold messages of the typed protocol.
    Binary,
    /// Messages of the typed protocol.
    Message,
}

/// Consecutive events, encoded once for all who read from there over the same transport.
#[derive(Debug)]
pub struct Burst {
    epoch: Arc<str>,
    frames: Vec<Arc<Frame>>,
    encoded: [OnceLock<Encoded>; 4],
}

/// All frames one after the other, and where each one begins.
#[derive(Debug)]
struct Encoded {
    bytes: Bytes,
    starts: Vec<usize>,
}

impl Burst {
    /// At least one frame, without a hole.
    #[must_use]
    pub fn new(epoch: Arc<str>, frames: Vec<Arc<Frame>>) -> Self {
        Self { epoch, frames, encoded: [const { OnceLock::new() }; 4] }
    }

    /// The seq of its first event.
    #[must_use]
    pub fn first(&self) -> Seq {
        self.frames[0].seq
    }

    /// The seq of its last event.
    #[must_use]
    pub fn last(&self) -> Seq {
        self.frames[self.frames.len() - 1].seq
    }

    fn encoded(&self, coding: Coding, add: impl Fn(&mut Vec<u8>, &str, &Frame)) -> &Encoded {
        self.encoded[coding as usize].get_or_init(|| {
            let (mut bytes, mut starts) = (Vec::new(), Vec::with_capacity(self.frames.len()));
            for frame in &self.frames {
                starts.push(bytes.len());
                add(&mut bytes, &self.epoch, frame);
            }
            Encoded { bytes: bytes.into(), starts }
        })
    }
}

impl Encoded {
    fn slice(&self, range: Range<usize>) -> Bytes {
        let start = |index: usize| self.starts.get(index).copied().unwrap_or(self.bytes.len());
        self.bytes.slice(start(range.start)..start(range.end))
    }
}

/// What a reader is given: a burst, from its own place on.
#[derive(Clone, Debug)]
pub struct Frames {
    burst: Arc<Burst>,
    range: Range<usize>,
}

impl Frames {
    /// Those of `burst` from `next` on; None when it does not hold that one.
    #[must_use]
    pub fn from(burst: &Arc<Burst>, next: Seq) -> Option<Self> {
        let skipped = usize::try_from(next.0 - burst.first().0).ok()?;
        (skipped < burst.frames.len()).then(|| Self { burst: Arc::clone(burst), range: skipped..burst.frames.len() })
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &Frame> {
        self.burst.frames[self.range.clone()].iter().map(|frame| &**frame)
    }

    /// How many: at least one.
    #[must_use]
    pub fn count(&self) -> usize {
        self.range.len()
    }

    /// The seq of the last one.
    #[must_use]
    pub fn last(&self) -> Seq {
        self.burst.frames[self.range.end - 1].seq
    }

    /// The first ones.
    #[must_use]
    pub fn up_to(mut self, count: usize) -> Self {
        self.range.end = self.range.end.min(self.range.start + count);
        self
    }

    /// Pieces of which only the last frame may be a barrier; its barrier comes with each.
    pub fn pieces(&self) -> impl Iterator<Item = (Self, &Barrier)> {
        let frames = &self.burst.frames[self.range.clone()];
        frames.split_inclusive(|frame| frame.barrier != Barrier::None).scan(self.range.start, |start, piece| {
            let range = *start..*start + piece.len();
            *start = range.end;
            Some((Self { burst: Arc::clone(&self.burst), range }, &piece.last()?.barrier))
        })
    }

    /// All of them, one after the other. `add` adds one, of that epoch, and is the same whenever this coding is asked for.
    #[must_use]
    pub fn encoded(&self, coding: Coding, add: impl Fn(&mut Vec<u8>, &str, &Frame)) -> Bytes {
        self.burst.encoded(coding, add).slice(self.range.clone())
    }

    /// Each of them by itself.
    pub fn each_encoded(
        &self,
        coding: Coding,
        add: impl Fn(&mut Vec<u8>, &str, &Frame),
    ) -> impl Iterator<Item = Bytes> {
        let encoded = self.burst.encoded(coding, add);
        self.range.clone().map(|index| encoded.slice(index..index + 1))
    }
}

/// What comes next.
#[derive(Debug)]
pub enum Delivery {
    /// The next events.
    Frames(Frames),
    /// The log was replaced by an older one; nothing follows.
    Reset,
}

/// A reader's place in a room: yields every event from there on, each once.
#[async_trait]
pub trait Subscription: Send + Sync {
    /// The room's head, as far as this node knows.
    fn head(&self) -> Seq;
    /// The epoch of what it yields.
    fn epoch(&self) -> &Epoch;
    /// Waits for the next events. Nothing is lost when the future is dropped, and asking again after an error is safe.
    async fn next(&mut self) -> Result<Delivery, LogError>;
}

/// Where subscriptions come from.
#[async_trait]
pub trait Subscriptions: Send + Sync {
    /// Follows a room from the event after `after`.
    async fn subscribe(&self, room: RoomId, after: Seq) -> Result<Box<dyn Subscription>, LogError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn burst(jsons: &[&str], barriers: &[Barrier]) -> Arc<Burst> {
        let frame = |((seq, json), barrier): ((i64, &&str), &Barrier)| {
            Arc::new(Frame { seq: Seq(seq), barrier: barrier.clone(), json: (*json).to_owned() })
        };
        Arc::new(Burst::new("e".into(), (7..).zip(jsons).zip(barriers).map(frame).collect()))
    }

    #[test]
    fn a_reader_gets_what_follows_its_place_in_every_encoding() {
        let burst = burst(&["1", "2", "3"], &[const { Barrier::None }; 3]);
        let frames = Frames::from(&burst, Seq(8)).expect("it holds 8");
        assert_eq!((frames.count(), frames.last()), (2, Seq(9)));
        let add = |bytes: &mut Vec<u8>, epoch: &str, frame: &Frame| {
            bytes.extend_from_slice(format!("{epoch}:{}={} ", frame.seq.0, frame.json).as_bytes());
        };
        assert_eq!(&frames.encoded(Coding::Sse, add)[..], b"e:8=2 e:9=3 ");
        assert_eq!(&frames.encoded(Coding::Text, |bytes, _, _| bytes.push(b'.'))[..], b"..");
        assert_eq!(frames.each_encoded(Coding::Sse, add).collect::<Vec<_>>(), ["e:8=2 ", "e:9=3 "]);
        for outside in [6, 10] {
            assert!(Frames::from(&burst, Seq(outside)).is_none(), "{outside}");
        }
    }

    #[test]
    fn pieces_end_with_each_barrier() {
        let barriers = [Barrier::None, Barrier::Closed, Barrier::Closed, Barrier::None];
        let burst = burst(&["1", "2", "3", "4"], &barriers);
        let frames = Frames::from(&burst, Seq(7)).expect("it holds 7");
        let pieces: Vec<_> = frames
            .pieces()
            .map(|(piece, barrier)| (piece.iter().map(|frame| frame.seq.0).collect(), barrier.clone()))
            .collect();
        let wanted: [(Vec<i64>, Barrier); 3] =
            [(vec![7, 8], Barrier::Closed), (vec![9], Barrier::Closed), (vec![10], Barrier::None)];
        assert_eq!(pieces, wanted);
        let text = |frames: &Frames| frames.encoded(Coding::Sse, |bytes, _, frame| bytes.extend(frame.json.as_bytes()));
        assert_eq!(frames.pieces().flat_map(|(piece, _)| text(&piece)).collect::<Vec<u8>>(), text(&frames).to_vec());
    }
}
