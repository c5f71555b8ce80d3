//! A reader's place in a room.

use std::time::Duration;

use synctv_commands::{Delivery, Frames, Subscription};
use synctv_domain::Seq;
use tokio::time::{Instant, sleep};

/// Silence on the wire of a stream, at most: proxies close what is silent for longer.
pub const HEARTBEAT: Duration = Duration::from_secs(15);
/// How often somebody in a replay is asked after.
pub const JUDGE: Duration = Duration::from_millis(250);
/// Who is less behind than this soon comes to the event that ends it.
const CLOSE: i64 = 100;
/// Between two attempts to read the log.
const AGAIN: Duration = Duration::from_millis(250);

/// Whether a reader is far behind the room.
#[must_use]
pub fn is_replay(cursor: &dyn Subscription, frames: &Frames) -> bool {
    cursor.head().0 - frames.last().0 > CLOSE
}

/// Who has not subscribed has a place as well: whether they may stay is told by events.
pub(super) struct Following {
    pub(super) cursor: Box<dyn Subscription>,
    /// The room's head when it was known that they may read from there on.
    pub(super) opened: Seq,
    /// How far it was delivered; None: nothing is.
    pub(super) told: Option<Seq>,
    /// When it was last known that they may read.
    pub(super) judged: Instant,
}

impl Following {
    /// What comes next. The log is asked again when it cannot be read.
    pub(super) async fn next(&mut self) -> Delivery {
        loop {
            match self.cursor.next().await {
                Ok(delivery) => return delivery,
                Err(error) => {
                    tracing::debug!(%error, "session.unread");
                    sleep(AGAIN).await;
                }
            }
        }
    }
}
