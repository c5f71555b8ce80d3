//! The rooms that somebody on this node follows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, Weak};

use async_trait::async_trait;
use synctv_commands::{Epoch, EventLog, FanOut, LogError, Shown, Subscription, Subscriptions, shown};
use synctv_domain::{Position, Recorded, RoomId, Seq};

use crate::cursor::Cursor;
use crate::locked;
use crate::metrics::Metrics;
use crate::reach::Reach;
use crate::room_hub::RoomHub;

/// How much is kept, read and handed out at once, in frames.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    /// The newest of each room, kept encoded.
    pub ring: usize,
    /// Read from the log at once.
    pub page: usize,
    /// Handed to a reader at once.
    pub burst: usize,
    /// Bytes of JSON handed to a reader at once, one event at least: what a reader that has stopped holds.
    pub bytes: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { ring: 256, page: 128, burst: 64, bytes: 64 * 1024 }
    }
}

/// All followed rooms.
pub struct Hub {
    /// For cursors, which tell when they leave.
    own: Weak<Self>,
    log: Arc<dyn EventLog>,
    sizes: Sizes,
    metrics: Arc<Metrics>,
    rooms: Mutex<HashMap<RoomId, Arc<RoomHub>>>,
    reach: Reach,
}

impl Hub {
    /// Over the log, which holds what the rings do not.
    #[must_use]
    pub fn new(log: Arc<dyn EventLog>, sizes: Sizes) -> Arc<Self> {
        let metrics = Arc::new(Metrics::new());
        let (rooms, reach) = <(Mutex<_>, Reach)>::default();
        Arc::new_cyclic(|own| Self { own: Weak::clone(own), log, sizes, metrics, rooms, reach })
    }

    /// How far the log was heard of.
    pub(crate) fn reach(&self) -> &Reach {
        &self.reach
    }

    /// Events can be expected to arrive by themselves, or not: then they are looked for at once.
    pub fn expect(&self, arriving: bool) {
        self.reach.expect(arriving);
    }

    /// Everything up to here was heard of; None: of another incarnation.
    #[must_use]
    pub fn reached(&self, epoch: &Epoch) -> Option<Position> {
        self.reach.upto(epoch)
    }

    /// Whether this event was heard of.
    #[must_use]
    pub fn knows(&self, epoch: &Epoch, position: Position) -> bool {
        self.reach.holds(epoch, position)
    }

    /// An event that nobody here follows.
    pub fn pass(&self, epoch: &Epoch, position: Position) {
        self.reach.add(epoch, position, position);
    }

    /// Rooms that are followed.
    #[must_use]
    pub fn followed(&self) -> usize {
        self.rooms().len()
    }

    /// What it counts.
    #[must_use]
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Ends every subscription: what was delivered is not in the log any more.
    pub fn reset(&self) {
        for (_, hub) in self.rooms().drain() {
            hub.end();
        }
    }

    /// Drops what is encoded, because somebody in it was erased; readers go on from the log.
    pub fn forget(&self) {
        for hub in self.rooms().values() {
            hub.forget();
        }
    }

    /// The log was seen to hold `head` of a room: fetches what has not arrived here. Whether there was anything.
    pub(crate) async fn observe(&self, room: RoomId, head: Seq) -> Result<bool, LogError> {
        let Some(hub) = self.rooms().get(&room).cloned() else { return Ok(false) };
        let mut fetched = false;
        loop {
            let known = hub.head();
            if known >= head {
                return Ok(fetched);
            }
            let page = self.log.read_room(room, known, self.sizes.page).await?;
            if page.is_empty() {
                return Ok(fetched);
            }
            fetched = true;
            hub.push_shown(&shown(&*self.log, room, page).await?);
        }
    }

    /// The log is known to hold `head` of a room: its readers look there.
    pub(crate) fn advance(&self, room: RoomId, head: Seq) {
        if let Some(hub) = self.rooms().get(&room) {
            hub.advance(head);
        }
    }

    /// Forgets a room that nobody follows any more.
    pub(crate) fn release(&self, hub: &Arc<RoomHub>) {
        let mut rooms = self.rooms();
        if hub.leave() && rooms.get(&hub.room).is_some_and(|kept| Arc::ptr_eq(kept, hub)) {
            rooms.remove(&hub.room);
        }
    }

    fn join(&self, room: RoomId) -> Arc<RoomHub> {
        let mut rooms = self.rooms();
        // Asked for under the lock: a reset that follows a newer epoch comes after this and ends it.
        let epoch = self.log.epoch();
        let new = || Arc::new(RoomHub::new(room, epoch, Arc::clone(&self.log), self.sizes, Arc::clone(&self.metrics)));
        let hub = Arc::clone(rooms.entry(room).or_insert_with(new));
        hub.enter();
        hub
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<RoomId, Arc<RoomHub>>> {
        locked(&self.rooms)
    }
}

#[async_trait]
impl Subscriptions for Hub {
    async fn subscribe(&self, room: RoomId, after: Seq) -> Result<Box<dyn Subscription>, LogError> {
        let hub = self.join(room);
        let cursor = Cursor::new(Weak::clone(&self.own), Arc::clone(&hub), after.next());
        hub.establish().await?;
        Ok(Box::new(cursor))
    }
}

impl FanOut for Hub {
    fn publish(&self, room: RoomId, epoch: &Epoch, events: Arc<[Recorded]>) {
        let hub = self.rooms().get(&room).cloned();
        if let Some(hub) = hub.filter(|hub| hub.epoch == *epoch) {
            hub.push(&events);
        }
        for event in events.iter() {
            self.reach.add(epoch, event.position, event.position);
        }
    }

    fn publish_read(&self, room: RoomId, epoch: &Epoch, events: &[Shown]) {
        let hub = self.rooms().get(&room).cloned();
        if let Some(hub) = hub.filter(|hub| hub.epoch == *epoch) {
            hub.push_shown(events);
        }
        for event in events {
            self.reach.add(epoch, event.position(), event.position());
        }
    }

    fn follows(&self, room: RoomId) -> bool {
        self.rooms().contains_key(&room)
    }
}
