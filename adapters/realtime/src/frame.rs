//! Encoding an event once for all readers.

use synctv_commands::{Barrier, Frame};
use synctv_domain::{Event, Recorded};

/// The frame of an event of this epoch.
pub(crate) fn encode(epoch: &str, recorded: &Recorded) -> Frame {
    let json = serde_json::to_string(recorded).expect("an event is plain data with string keys");
    let barrier = match &recorded.event {
        Event::MemberLeft(left) => Barrier::Left(left.member),
        Event::MemberKicked(kicked) => Barrier::Left(kicked.member),
        Event::RoomClosed(_) => Barrier::Closed,
        _ => Barrier::None,
    };
    Frame::new(epoch, recorded.seq, barrier, json)
}
