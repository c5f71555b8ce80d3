//! A reader's place in a room.

use std::sync::Arc;

use synctv_commands::{Epoch, EventLog, LogError};
use synctv_domain::Seq;
use tokio::sync::watch;

use crate::frame::Frame;
use crate::hub::{Hub, PAGE, RoomHub};
use crate::ring::Found;

/// Frames handed out at once.
const BURST: usize = 64;

/// What comes next.
#[derive(Debug)]
pub enum Delivery {
    /// The next events, in order, at least one.
    Frames(Vec<Arc<Frame>>),
    /// The log was replaced by an older one; nothing follows.
    Reset,
}

/// Yields every event of a room from its place on, each once.
pub struct Cursor {
    all: Arc<Hub>,
    log: Arc<dyn EventLog>,
    hub: Arc<RoomHub>,
    next: Seq,
    moved: watch::Receiver<Option<Seq>>,
}

impl Cursor {
    pub(crate) fn new(all: Arc<Hub>, log: Arc<dyn EventLog>, hub: Arc<RoomHub>, next: Seq) -> Self {
        let moved = hub.watch();
        Self { all, log, hub, next, moved }
    }

    pub(crate) fn hub(&self) -> &RoomHub {
        &self.hub
    }

    /// The epoch of what it yields.
    #[must_use]
    pub fn epoch(&self) -> &Epoch {
        &self.hub.epoch
    }

    /// Waits for the next events. Nothing is lost when the future is dropped.
    ///
    /// # Errors
    /// When events have to be read from the log, and cannot be; asking again is safe.
    pub async fn next(&mut self) -> Result<Delivery, LogError> {
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

    async fn page(&self) -> Result<Vec<Arc<Frame>>, LogError> {
        let events = self.log.read_room(self.hub.room, Seq(self.next.0 - 1), PAGE).await?;
        Ok(events.iter().map(|event| Arc::new(Frame::new(&self.hub.epoch.name, event))).collect())
    }
}

impl Drop for Cursor {
    fn drop(&mut self) {
        self.all.release(&self.hub);
    }
}
