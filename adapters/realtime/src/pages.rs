//! Pages of a room's log, read once for all who wait for the same one, and put in front of its ring where they fit.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use synctv_commands::{Burst, Frame, Frames, LogError};
use synctv_domain::Seq;

use crate::locked;
use crate::ring::{Found, Limit, Ring};

/// Full pages kept for readers that come a little later: so many, and bytes of JSON, one at least.
const KEPT: usize = 8;
const BYTES: usize = 1024 * 1024;

pub(crate) type Page = Arc<[Arc<Frame>]>;
type Flight = Shared<BoxFuture<'static, Result<Page, LogError>>>;

#[derive(Clone)]
pub(crate) struct Pages {
    epoch: Arc<str>,
    inner: Arc<Mutex<Inner>>,
    /// Locked after the above.
    ring: Arc<Mutex<Ring>>,
}

#[derive(Default)]
struct Inner {
    under_way: HashMap<Seq, Flight>,
    kept: VecDeque<(Seq, Page)>,
    /// How often everything was forgotten: what was asked for before that is not kept.
    forgotten: u64,
}

impl Pages {
    pub(crate) fn new(epoch: Arc<str>, ring: Arc<Mutex<Ring>>) -> Self {
        Self { epoch, inner: Arc::default(), ring }
    }

    /// What follows from `next` on, up to the limit, of the page that begins with `first`; a full one has `size` frames. A
    /// read that began goes on without its readers. A reader holds nothing of the page but what it is given.
    pub(crate) async fn read(
        &self,
        next: Seq,
        first: Seq,
        size: usize,
        limit: Limit,
        read: impl FnOnce() -> BoxFuture<'static, Result<Page, LogError>>,
    ) -> Result<Option<Frames>, LogError> {
        let flight = {
            let mut inner = locked(&self.inner);
            if let Some((_, page)) = inner.kept.iter().find(|(start, _)| *start == first) {
                return Ok(self.from(page, next, limit));
            }
            // A page that has landed since the reader looked is not read again.
            if !inner.under_way.contains_key(&first)
                && let Found::Frames(frames) = locked(&self.ring).from(next, limit)
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
        Ok(self.from(&flight.await?, next, limit))
    }

    fn from(&self, page: &Page, next: Seq, limit: Limit) -> Option<Frames> {
        let frames = limit.take(page.iter().skip_while(|frame| frame.seq < next));
        if frames.is_empty() {
            return None;
        }
        Frames::from(&Arc::new(Burst::new(Arc::clone(&self.epoch), frames)), next)
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
            if let Ok(page) = &result {
                locked(&self.ring).fill(page);
                if page.len() == size {
                    inner.keep(first, page);
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

impl Inner {
    fn keep(&mut self, first: Seq, page: &Page) {
        let weight = |page: &Page| page.iter().map(|frame| frame.json.len()).sum::<usize>();
        self.kept.truncate(KEPT - 1);
        self.kept.push_front((first, Arc::clone(page)));
        while self.kept.len() > 1 && self.kept.iter().map(|(_, page)| weight(page)).sum::<usize>() > BYTES {
            self.kept.pop_back();
        }
    }
}
