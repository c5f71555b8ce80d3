//! Pages of a room's log, read once for all who wait for the same one, and put in front of its ring where they fit.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use synctv_commands::{Burst, Frames, LogError};
use synctv_domain::Seq;

use crate::locked;
use crate::ring::{Found, Ring};

/// Full pages kept for readers that come a little later.
const KEPT: usize = 4;

/// None: nothing is there.
pub(crate) type Page = Option<Arc<Burst>>;
type Flight = Shared<BoxFuture<'static, Result<Page, LogError>>>;

#[derive(Clone)]
pub(crate) struct Pages {
    inner: Arc<Mutex<Inner>>,
    /// Locked after the above.
    ring: Arc<Mutex<Ring>>,
}

#[derive(Default)]
struct Inner {
    under_way: HashMap<Seq, Flight>,
    kept: VecDeque<(Seq, Arc<Burst>)>,
    /// How often everything was forgotten: what was asked for before that is not kept.
    forgotten: u64,
}

impl Pages {
    pub(crate) fn new(ring: Arc<Mutex<Ring>>) -> Self {
        Self { inner: Arc::default(), ring }
    }

    /// What follows from `next` on, of the page that begins with `first`; a full one has `size` frames. A read that began
    /// goes on without its readers.
    pub(crate) async fn read(
        &self,
        next: Seq,
        first: Seq,
        size: usize,
        read: impl FnOnce() -> BoxFuture<'static, Result<Page, LogError>>,
    ) -> Result<Option<Frames>, LogError> {
        let flight = {
            let mut inner = locked(&self.inner);
            if let Some((_, page)) = inner.kept.iter().find(|(start, _)| *start == first) {
                return Ok(Frames::from(page, next));
            }
            // A page that has landed since the reader looked is not read again.
            if !inner.under_way.contains_key(&first)
                && let Found::Frames(frames) = locked(&self.ring).from(next, size)
            {
                return Ok(Some(frames));
            }
            let forgotten = inner.forgotten;
            let depart = || {
                let landing = tokio::spawn(self.clone().land(first, size, forgotten, read()));
                landing
                    .map(|landed| landed.unwrap_or_else(|error| Err(LogError::Unavailable(error.to_string()))))
                    .boxed()
                    .shared()
            };
            inner.under_way.entry(first).or_insert_with(depart).clone()
        };
        Ok(flight.await?.and_then(|page| Frames::from(&page, next)))
    }

    async fn land(
        self,
        first: Seq,
        size: usize,
        forgotten: u64,
        read: BoxFuture<'static, Result<Page, LogError>>,
    ) -> Result<Page, LogError> {
        let result = read.await;
        let mut inner = locked(&self.inner);
        if inner.forgotten == forgotten {
            inner.under_way.remove(&first);
            if let Ok(Some(page)) = &result {
                locked(&self.ring).fill(page);
                if page.frames().len() == size {
                    inner.kept.truncate(KEPT - 1);
                    inner.kept.push_front((first, Arc::clone(page)));
                }
            }
        }
        result
    }

    /// Drops what is encoded.
    pub(crate) fn forget(&self) {
        let mut inner = locked(&self.inner);
        inner.under_way.clear();
        inner.kept.clear();
        inner.forgotten += 1;
    }
}
