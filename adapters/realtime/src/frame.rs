//! An event as all readers get it.

use synctv_commands::{Barrier, Frame};
use synctv_domain::{Event, Recorded};

pub(crate) fn frame(recorded: &Recorded) -> Frame {
    let json = serde_json::to_string(recorded).expect("an event is plain data with string keys");
    let barrier = match &recorded.event {
        Event::MemberLeft(left) => Barrier::Left(left.member),
        Event::MemberKicked(kicked) => Barrier::Left(kicked.member),
        Event::RoomClosed(_) => Barrier::Closed,
        _ => Barrier::None,
    };
    Frame { seq: recorded.seq, barrier, json }
}
