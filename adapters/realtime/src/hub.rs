//! The rooms that somebody on this node follows.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use async_trait::async_trait;
use synctv_commands::{Epoch, EventLog, FanOut, LogError, Subscription, Subscriptions};
use synctv_domain::{Recorded, RoomId, Seq};
use tokio::sync::watch;

use crate::cursor::Cursor;
use crate::frame::encode;
use crate::ring::{Found, Ring};

/// Frames read from the log at once.
pub(crate) const PAGE: usize = 256;

/// One followed room of one epoch.
pub(crate) struct RoomHub {
    pub(crate) room: RoomId,
    pub(crate) epoch: Epoch,
    ring: Mutex<Ring>,
    /// Cursors; changed under the lock of the map that holds this.
    readers: AtomicUsize,
    /// The head; closed when the epoch ended.
    moved: watch::Sender<Option<Seq>>,
}

impl RoomHub {
    fn new(room: RoomId, epoch: Epoch) -> Self {
        Self {
            room,
            epoch,
            ring: Mutex::default(),
            readers: AtomicUsize::new(0),
            moved: watch::Sender::new(Some(Seq(0))),
        }
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Option<Seq>> {
        self.moved.subscribe()
    }

    pub(crate) fn from(&self, next: Seq, limit: usize) -> Found {
        locked(&self.ring).from(next, limit)
    }

    fn push(&self, events: &[Recorded]) {
        let frames: Vec<_> = events.iter().map(|event| Arc::new(encode(&self.epoch.name, event))).collect();
        self.change(|ring| frames.into_iter().for_each(|frame| ring.push(frame)));
    }

    /// Readers are woken after the ring has changed, and not for nothing.
    fn change(&self, change: impl FnOnce(&mut Ring)) {
        let mut ring = locked(&self.ring);
        change(&mut ring);
        let head = ring.head();
        self.moved.send_if_modified(|seen| match seen {
            Some(seen) if *seen < head => {
                *seen = head;
                true
            }
            _ => false,
        });
    }

    fn end(&self) {
        self.moved.send_replace(None);
    }
}

/// All followed rooms.
pub struct Hub {
    /// For cursors, which tell when they leave.
    own: Weak<Self>,
    log: Arc<dyn EventLog>,
    rooms: Mutex<HashMap<RoomId, Arc<RoomHub>>>,
}

impl Hub {
    /// Over the log, which holds what the rings do not.
    #[must_use]
    pub fn new(log: Arc<dyn EventLog>) -> Arc<Self> {
        Arc::new_cyclic(|own| Self { own: Weak::clone(own), log, rooms: Mutex::default() })
    }

    /// Rooms that are followed.
    #[must_use]
    pub fn followed(&self) -> usize {
        self.rooms().len()
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
            locked(&hub.ring).forget();
        }
    }

    /// The log was seen to hold `head` of a room: fetches what has not arrived here.
    pub(crate) async fn observe(&self, room: RoomId, head: Seq) -> Result<(), LogError> {
        let Some(hub) = self.rooms().get(&room).cloned() else { return Ok(()) };
        loop {
            let known = locked(&hub.ring).head();
            if known >= head {
                return Ok(());
            }
            let page = self.log.read_room(room, known, PAGE).await?;
            if page.is_empty() {
                return Ok(());
            }
            hub.push(&page);
        }
    }

    /// Forgets a room that nobody follows any more.
    pub(crate) fn release(&self, hub: &Arc<RoomHub>) {
        let mut rooms = self.rooms();
        let last = hub.readers.fetch_sub(1, Ordering::Relaxed) == 1;
        if last && rooms.get(&hub.room).is_some_and(|kept| Arc::ptr_eq(kept, hub)) {
            rooms.remove(&hub.room);
        }
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<RoomId, Arc<RoomHub>>> {
        locked(&self.rooms)
    }
}

#[async_trait]
impl Subscriptions for Hub {
    async fn subscribe(&self, room: RoomId, after: Seq) -> Result<Box<dyn Subscription>, LogError> {
        let hub = {
            let mut rooms = self.rooms();
            // Asked for under the lock: a reset that follows a newer epoch comes after this and ends it.
            let epoch = self.log.epoch();
            let hub = Arc::clone(rooms.entry(room).or_insert_with(|| Arc::new(RoomHub::new(room, epoch))));
            hub.readers.fetch_add(1, Ordering::Relaxed);
            hub
        };
        let cursor = Cursor::new(Weak::clone(&self.own), Arc::clone(&self.log), hub, after.next());
        // Only now is everything that is published seen; what was stored before this, the log tells.
        let head = self.log.check(room, &[]).await?.head;
        cursor.hub().change(|ring| ring.advance(head));
        Ok(Box::new(cursor))
    }
}

impl FanOut for Hub {
    fn publish(&self, room: RoomId, epoch: &Epoch, events: Arc<[Recorded]>) {
        let hub = self.rooms().get(&room).cloned();
        if let Some(hub) = hub.filter(|hub| hub.epoch == *epoch) {
            hub.push(&events);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
