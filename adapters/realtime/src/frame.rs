//! Events as all readers get them.

use synctv_commands::{Barrier, Frame, Shown};
use synctv_domain::{Event, Recorded};

pub(crate) fn frame(shown: &Shown) -> Frame {
    match shown {
        Shown::Event(recorded) => whole(recorded),
        Shown::Redacted(place) => {
            let json = serde_json::to_string(place).expect("two numbers");
            Frame { seq: place.seq, barrier: Barrier::None, json }
        }
    }
}

pub(crate) fn whole(recorded: &Recorded) -> Frame {
    let json = serde_json::to_string(recorded).expect("an event is plain data with string keys");
    let barrier = match (&recorded.event, recorded.event.departed()) {
        (Event::RoomClosed(_), _) => Barrier::Closed,
        (_, []) => Barrier::None,
        (_, gone) => Barrier::Left(gone.into()),
    };
    Frame { seq: recorded.seq, barrier, json }
}
