//! A reader's place in a room.

use std::sync::{Arc, Weak};
use std::time::Duration;

use async_trait::async_trait;
use synctv_commands::{Delivery, Epoch, LogError, Subscription};
use synctv_domain::Seq;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::hub::Hub;
use crate::ring::Found;
use crate::room_hub::RoomHub;

/// Until the log is looked at again for what it has to hold.
const AGAIN: Duration = Duration::from_millis(20);

/// A reader's place: the next seq, and where frames are found. It holds no frames, however far it is behind.
pub(crate) struct Cursor {
    all: Weak<Hub>,
    hub: Arc<RoomHub>,
    next: Seq,
    moved: watch::Receiver<Option<Seq>>,
}

impl Cursor {
    pub(crate) fn new(all: Weak<Hub>, hub: Arc<RoomHub>, next: Seq) -> Self {
        let moved = hub.watch();
        Self { all, hub, next, moved }
    }
}

#[async_trait]
impl Subscription for Cursor {
    fn head(&self) -> Seq {
        self.moved.borrow().unwrap_or(Seq(self.next.0 - 1))
    }

    fn epoch(&self) -> &Epoch {
        &self.hub.epoch
    }

    async fn next(&mut self) -> Result<Delivery, LogError> {
        loop {
            let Some(head) = *self.moved.borrow_and_update() else { return Ok(Delivery::Reset) };
            let frames = match self.hub.from(self.next) {
                Found::Frames(frames) => Some(frames),
                Found::Behind { first } => match self.hub.older(self.next, first).await? {
                    Some(frames) => Some(frames),
                    // A page that was asked for before the newest events: they are looked for again.
                    None => {
                        sleep(AGAIN).await;
                        continue;
                    }
                },
                Found::AtHead => None,
            };
            if let Some(frames) = frames {
                let last = frames.last();
                self.hub.metrics.taken(self.next, head.max(last));
                self.next = last.next();
                return Ok(Delivery::Frames(frames));
            }
            if self.moved.changed().await.is_err() {
                return Ok(Delivery::Reset);
            }
        }
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        if let Some(all) = self.all.upgrade() {
            all.release(&self.hub);
        }
    }
}
