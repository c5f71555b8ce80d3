//! Events on their way to subscribers, for every transport.

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use synctv_domain::{ActorId, RoomId, Seq};

use crate::append::Epoch;
use crate::error::LogError;

/// One durable event as it goes over the wire, encoded once for all readers.
#[derive(Debug)]
pub struct Frame {
    /// The room's seq.
    pub seq: Seq,
    /// As a server-sent event, with its id.
    pub sse: Bytes,
    /// Whoever stopped being a member by this event: what follows is not for them.
    pub excludes: Option<ActorId>,
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
    /// Follows a room from the event after `after`.
    async fn subscribe(&self, room: RoomId, after: Seq) -> Result<Box<dyn Subscription>, LogError>;
}
