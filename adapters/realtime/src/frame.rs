//! An event as it goes over the wire, encoded once for all readers.

use bytes::Bytes;
use synctv_domain::{ActorId, Event, Recorded, Seq};

/// One durable event.
#[derive(Debug)]
pub struct Frame {
    /// The room's seq.
    pub seq: Seq,
    /// As a server-sent event, with its id.
    pub sse: Bytes,
    /// Whoever stopped being a member by this event: what follows is not for them.
    pub excludes: Option<ActorId>,
}

impl Frame {
    /// Encodes an event of this epoch.
    pub(crate) fn new(epoch: &str, recorded: &Recorded) -> Self {
        let json = serde_json::to_string(recorded).expect("an event is plain data with string keys");
        let sse = Bytes::from(format!("id: {epoch}:{}\ndata: {json}\n\n", recorded.seq.0));
        let excludes = match &recorded.event {
            Event::MemberLeft(left) => Some(left.member),
            Event::MemberKicked(kicked) => Some(kicked.member),
            _ => None,
        };
        Self { seq: recorded.seq, sse, excludes }
    }
}
