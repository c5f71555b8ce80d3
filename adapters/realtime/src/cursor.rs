//! A reader's place in a room.

use std::sync::{Arc, Weak};

use async_trait::async_trait;
use synctv_commands::{Delivery, Epoch, EventLog, Frame, LogError, Subscription};
use synctv_domain::Seq;
use tokio::sync::watch;

use crate::frame::encode;
use crate::hub::{Hub, PAGE, RoomHub};
use crate::ring::Found;

/// Frames handed out at once.
const BURST: usize = 64;

/// A reader's place: the next seq, and where frames are found.
pub(crate) struct Cursor {
    all: Weak<Hub>,
    log: Arc<dyn EventLog>,
    hub: Arc<RoomHub>,
    next: Seq,
    moved: watch::Receiver<Option<Seq>>,
}

impl Cursor {
    pub(crate) fn new(all: Weak<Hub>, log: Arc<dyn EventLog>, hub: Arc<RoomHub>, next: Seq) -> Self {
        let moved = hub.watch();
        Self { all, log, hub, next, moved }
    }

    pub(crate) fn hub(&self) -> &RoomHub {
        &self.hub
    }

    async fn page(&self) -> Result<Vec<Arc<Frame>>, LogError> {
        let events = self.log.read_room(self.hub.room, Seq(self.next.0 - 1), PAGE).await?;
        Ok(events.iter().map(|event| Arc::new(encode(&self.hub.epoch.name, event))).collect())
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
            if self.moved.borrow_and_update().is_none() {
                return Ok(Delivery::Reset);
            }
            let frames = match self.hub.from(self.next, BURST) {
                Found::Frames(frames) => frames,
                Found::Behind => self.page().await?,
                Found::AtHead => Vec::new(),
            };
            if let Some(last) = frames.last() {
                self.next = last.seq.next();
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
