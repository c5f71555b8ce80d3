//! Events on their way to subscribers, for every transport.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use bytes::Bytes;
use synctv_domain::{ActorId, RoomId, Seq};

use crate::append::Epoch;
use crate::error::LogError;

/// Who may not see what follows an event, if it still is so when the event is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Barrier {
    /// Everybody may go on.
    None,
    /// This actor stopped being a member.
    Left(ActorId),
    /// The room was closed.
    Closed,
}

/// One durable event as it goes over the wire, encoded once for all readers of a transport.
#[derive(Debug)]
pub struct Frame {
    /// The room's seq.
    pub seq: Seq,
    /// What it changes about who may read on.
    pub barrier: Barrier,
    /// `<epoch>:<seq>`
    id: String,
    json: String,
    sse: OnceLock<Bytes>,
    socket: OnceLock<Bytes>,
}

impl Frame {
    /// Of the event's JSON.
    #[must_use]
    pub fn new(epoch: &str, seq: Seq, barrier: Barrier, json: String) -> Self {
        let id = format!("{epoch}:{}", seq.0);
        Self { seq, barrier, id, json, sse: OnceLock::new(), socket: OnceLock::new() }
    }

    /// As a server-sent event, with its id.
    pub fn sse(&self) -> &Bytes {
        self.sse.get_or_init(|| format!("id: {}\ndata: {}\n\n", self.id, self.json).into())
    }

    /// As a text message of the socket.
    pub fn socket(&self) -> &Bytes {
        self.socket.get_or_init(|| format!("{{\"event\":{}}}", self.json).into())
    }
}

/// What comes next.
#[derive(Debug)]
pub enum Delivery {
    /// The next events, in order, at least one.
    Frames(Vec<Arc<Frame>>),
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
    /// Follows a room from the event after `after`. The log was seen to hold `head` at least.
    async fn subscribe(&self, room: RoomId, after: Seq, head: Seq) -> Result<Box<dyn Subscription>, LogError>;
}
