//! One followed room of one epoch.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use synctv_commands::{Epoch, EventLog, Frame, Frames, LogError, Shown, shown};
use synctv_domain::{Event, Recorded, RoomId, Seq};
use tokio::sync::{OnceCell, watch};

use crate::frame::{frame, whole};
use crate::hub::Sizes;
use crate::locked;
use crate::metrics::Metrics;
use crate::pages::{Page, Pages};
use crate::ring::{Found, Limit, Ring};

/// JSON that a ring keeps at most.
const KEPT_BYTES: usize = 1024 * 1024;

pub(crate) struct RoomHub {
    pub(crate) room: RoomId,
    pub(crate) epoch: Epoch,
    log: Arc<dyn EventLog>,
    sizes: Sizes,
    pub(crate) metrics: Arc<Metrics>,
    ring: Arc<Mutex<Ring>>,
    pages: Pages,
    /// Cursors; changed under the lock of the map that holds this.
    readers: AtomicUsize,
    /// Done once the log was asked where the room stands, after this hub began to hear of what is stored.
    established: OnceCell<()>,
    /// The head; None when the epoch ended.
    moved: watch::Sender<Option<Seq>>,
}

impl RoomHub {
    pub(crate) fn new(room: RoomId, epoch: Epoch, log: Arc<dyn EventLog>, sizes: Sizes, metrics: Arc<Metrics>) -> Self {
        let kept = Limit { frames: sizes.ring, bytes: KEPT_BYTES };
        let ring = Arc::new(Mutex::new(Ring::new(Arc::clone(&epoch.name), kept)));
        Self {
            room,
            pages: Pages::new(Arc::clone(&epoch.name), Arc::clone(&ring)),
            ring,
            epoch,
            log,
            sizes,
            metrics,
            readers: AtomicUsize::new(0),
            established: OnceCell::new(),
            moved: watch::Sender::new(Some(Seq(0))),
        }
    }

    pub(crate) fn enter(&self) {
        self.readers.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether that was the last one.
    pub(crate) fn leave(&self) -> bool {
        self.readers.fetch_sub(1, Ordering::Relaxed) == 1
    }

    pub(crate) fn watch(&self) -> watch::Receiver<Option<Seq>> {
        self.moved.subscribe()
    }

    pub(crate) fn head(&self) -> Seq {
        locked(&self.ring).head()
    }

    /// The first reader asks the log what was stored before this hub was there; all later events arrive here.
    pub(crate) async fn establish(&self) -> Result<(), LogError> {
        let ask = || async {
            self.advance(self.log.check(self.room, &[]).await?.head);
            Ok(())
        };
        self.established.get_or_try_init(ask).await.map(drop)
    }

    /// The log is known to hold this.
    pub(crate) fn advance(&self, head: Seq) {
        self.change(|ring| ring.advance(head));
    }

    /// What follows, as far as it is in the ring.
    pub(crate) fn from(&self, next: Seq) -> Found {
        locked(&self.ring).from(next, self.burst())
    }

    fn burst(&self) -> Limit {
        Limit { frames: self.sizes.burst, bytes: self.sizes.bytes }
    }

    /// Frames from `next` on that have left the ring, or were never in it, which begins with `first`.
    pub(crate) async fn older(&self, next: Seq, first: Seq) -> Result<Option<Frames>, LogError> {
        let size = i64::try_from(self.sizes.page).unwrap_or(i64::MAX).max(1);
        // Readers close to the ring share the page in front of it, the others share pages that lie one beside the other.
        let start = match first.0 - size {
            close if close <= next.0 => close.max(1),
            _ => (next.0 - 1) / size * size + 1,
        };
        let mut shared = true;
        let read = || {
            shared = false;
            self.metrics.page_read();
            self.fetch(Seq(start - 1)).boxed()
        };
        let frames = self.pages.read(next, Seq(start), self.sizes.page, self.burst(), read).await?;
        if shared {
            self.metrics.page_shared();
        }
        Ok(frames)
    }

    fn fetch(&self, after: Seq) -> impl Future<Output = Result<Page, LogError>> + Send + 'static {
        let (log, room, size) = (Arc::clone(&self.log), self.room, self.sizes.page);
        async move {
            let events = log.read_room(room, after, size).await?;
            let shown = shown(&*log, room, events).await?;
            Ok(shown.iter().map(|event| Arc::new(frame(event))).collect())
        }
    }

    /// Events that have just become durable.
    pub(crate) fn push(&self, events: &[Recorded]) {
        self.add(events.iter().map(whole), events.iter().any(withdraws));
    }

    /// Events that were read from the log.
    pub(crate) fn push_shown(&self, events: &[Shown]) {
        let withdraw = events.iter().any(|shown| matches!(shown, Shown::Event(recorded) if withdraws(recorded)));
        self.add(events.iter().map(frame), withdraw);
    }

    fn add(&self, frames: impl Iterator<Item = Frame>, withdraws: bool) {
        let frames: Vec<_> = frames.map(Arc::new).collect();
        // What is in a hole may withdraw what was said in pages that are at hand.
        let hole = frames.first().is_some_and(|first| first.seq > self.head().next());
        if withdraws || hole {
            self.pages.forget();
        }
        self.change(|ring| {
            frames.into_iter().for_each(|frame| ring.push(frame));
            // What a withdrawn message said may be in there: the log is read without it.
            if withdraws {
                ring.forget();
            }
        });
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

    pub(crate) fn forget(&self) {
        self.pages.forget();
        locked(&self.ring).forget();
    }

    pub(crate) fn end(&self) {
        self.moved.send_replace(None);
    }
}

fn withdraws(recorded: &Recorded) -> bool {
    matches!(recorded.event, Event::ChatRedacted(_))
}
