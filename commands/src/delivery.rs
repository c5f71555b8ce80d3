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

/// Consecutive events, encoded once for all who read from there over the same transport.
#[derive(Debug)]
pub struct Burst {
    epoch: Arc<str>,
    frames: Vec<Arc<Frame>>,
    sse: OnceLock<Encoded>,
    socket: OnceLock<Encoded>,
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
        Self { epoch, frames, sse: OnceLock::new(), socket: OnceLock::new() }
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

    fn encode(&self, add: impl Fn(&mut Vec<u8>, &Frame)) -> Encoded {
        let (mut bytes, mut starts) = (Vec::new(), Vec::with_capacity(self.frames.len()));
        for frame in &self.frames {
            starts.push(bytes.len());
            add(&mut bytes, frame);
        }
        Encoded { bytes: bytes.into(), starts }
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

    /// As server-sent events, each with its id `<epoch>:<seq>`.
    #[must_use]
    pub fn sse(&self) -> Bytes {
        let add = |bytes: &mut Vec<u8>, frame: &Frame| {
            let (epoch, seq) = (&self.burst.epoch, frame.seq.0);
            bytes.extend_from_slice(format!("id: {epoch}:{seq}\ndata: ").as_bytes());
            bytes.extend_from_slice(frame.json.as_bytes());
            bytes.extend_from_slice(b"\n\n");
        };
        self.burst.sse.get_or_init(|| self.burst.encode(add)).slice(self.range.clone())
    }

    /// As text messages of a server's WebSocket, in their framing (RFC 6455 §5.2), which is the same for all readers.
    #[must_use]
    pub fn socket(&self) -> Bytes {
        let add = |bytes: &mut Vec<u8>, frame: &Frame| {
            let (open, close) = (b"{\"event\":", b"}");
            text_header(bytes, open.len() + frame.json.len() + close.len());
            bytes.extend_from_slice(open);
            bytes.extend_from_slice(frame.json.as_bytes());
            bytes.extend_from_slice(close);
        };
        self.burst.socket.get_or_init(|| self.burst.encode(add)).slice(self.range.clone())
    }
}

/// The header of a whole, unmasked text message of this many bytes.
fn text_header(bytes: &mut Vec<u8>, length: usize) {
    const FINAL_TEXT: u8 = 0x81;
    bytes.push(FINAL_TEXT);
    match (u8::try_from(length), u16::try_from(length)) {
        (Ok(length), _) if length < 126 => bytes.push(length),
        (_, Ok(length)) => {
            bytes.push(126);
            bytes.extend_from_slice(&length.to_be_bytes());
        }
        _ => {
            bytes.push(127);
            bytes.extend_from_slice(&(length as u64).to_be_bytes());
        }
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
        assert_eq!(&frames.sse()[..], b"id: e:8\ndata: 2\n\nid: e:9\ndata: 3\n\n");
        assert_eq!(&frames.socket()[..], b"\x81\x0b{\"event\":2}\x81\x0b{\"event\":3}");
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
        assert_eq!(frames.pieces().flat_map(|(piece, _)| piece.sse()).collect::<Vec<u8>>(), frames.sse().to_vec());
    }

    #[test]
    fn lengths_take_one_three_or_nine_bytes() {
        for (length, header) in [
            (0, &[0x81, 0][..]),
            (125, &[0x81, 125]),
            (126, &[0x81, 126, 0, 126]),
            (65_535, &[0x81, 126, 0xff, 0xff]),
            (65_536, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]),
        ] {
            let mut bytes = Vec::new();
            text_header(&mut bytes, length);
            assert_eq!(bytes, header, "{length}");
        }
    }
}
