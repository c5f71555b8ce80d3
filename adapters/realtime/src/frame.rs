//! Encoding an event once for all readers.

use bytes::Bytes;
use synctv_commands::Frame;
use synctv_domain::{Event, Recorded};

/// The frame of an event of this epoch.
pub(crate) fn encode(epoch: &str, recorded: &Recorded) -> Frame {
    let json = serde_json::to_string(recorded).expect("an event is plain data with string keys");
    let sse = Bytes::from(format!("id: {epoch}:{}\ndata: {json}\n\n", recorded.seq.0));
    let excludes = match &recorded.event {
        Event::MemberLeft(left) => Some(left.member),
        Event::MemberKicked(kicked) => Some(kicked.member),
        _ => None,
    };
    Frame { seq: recorded.seq, sse, excludes }
}
