//! One lane for each active room.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use synctv_domain::RoomId;
use tokio::sync::mpsc;

use crate::lane::{Lane, Message, Shared};

/// Commands that may wait in front of one room; more wait outside until their deadline.
const INBOX: usize = 512;

/// The lanes of this node. A lane that has nothing to do retires, and is made anew when needed.
pub(crate) struct Lanes {
    shared: Arc<Shared>,
    open: Arc<Mutex<HashMap<RoomId, mpsc::Sender<Message>>>>,
}

impl Lanes {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, open: Arc::default() }
    }

    /// Puts a message in front of a room; gives it back never: it waits for space.
    pub(crate) async fn send(&self, room: RoomId, mut message: Message) {
        loop {
            // A lane may retire between the look-up and the send.
            match self.lane(room).send(message).await {
                Ok(()) => return,
                Err(mpsc::error::SendError(returned)) => message = returned,
            }
        }
    }

    /// Tells a room, if it is not busy, in which case it finds out by itself.
    pub(crate) fn tell(&self, room: RoomId, message: Message) {
        let _ = self.lane(room).try_send(message);
    }

    /// Rooms held in memory.
    pub(crate) fn active(&self) -> usize {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    fn lane(&self, room: RoomId) -> mpsc::Sender<Message> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = open.get(&room)
            && !lane.is_closed()
        {
            return lane.clone();
        }
        let (sender, inbox) = mpsc::channel(INBOX);
        open.insert(room, sender.clone());
        let lane = Lane::new(room, Arc::clone(&self.shared), inbox);
        let registry = Arc::clone(&self.open);
        tokio::spawn(lane.run(move || {
            let mut open = registry.lock().unwrap_or_else(PoisonError::into_inner);
            if open.get(&room).is_some_and(mpsc::Sender::is_closed) {
                open.remove(&room);
            }
        }));
        sender
    }
}
