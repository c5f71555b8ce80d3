//! What this node does with events of others.

use std::sync::Arc;

use synctv_commands::{Epoch, FanOut, Hearing, Rooms};
use synctv_domain::{Position, Recorded, RoomId};
use synctv_realtime::Hub;

/// They go to subscribers, and to the rooms that this node holds in memory.
pub(crate) struct Ears {
    pub(crate) hub: Arc<Hub>,
    pub(crate) rooms: Rooms,
}

impl Hearing for Ears {
    fn reached(&self, epoch: &Epoch) -> Option<Position> {
        self.hub.reached(epoch)
    }

    fn knows(&self, epoch: &Epoch, position: Position) -> bool {
        self.hub.knows(epoch, position)
    }

    fn follows(&self, room: RoomId) -> bool {
        self.hub.follows(room)
    }

    fn hear(&self, room: RoomId, epoch: &Epoch, events: Arc<[Recorded]>) {
        self.hub.publish(room, epoch, Arc::clone(&events));
        self.rooms.heard(room, epoch, events);
    }

    fn pass(&self, epoch: &Epoch, position: Position) {
        self.hub.pass(epoch, position);
    }

    fn expect(&self, arriving: bool) {
        self.hub.expect(arriving);
    }
}
