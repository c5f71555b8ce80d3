//! Pages of a room's log, read once for all who wait for the same one.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use synctv_commands::{Burst, LogError};
use synctv_domain::Seq;

use crate::locked;

/// Full pages kept for readers that come a little later.
const KEPT: usize = 4;

/// None: nothing is there.
pub(crate) type Page = Option<Arc<Burst>>;
type Flight = Shared<BoxFuture<'static, Result<Page, LogError>>>;

#[derive(Clone, Default)]
pub(crate) struct Pages(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    under_way: HashMap<Seq, Flight>,
    kept: VecDeque<(Seq, Arc<Burst>)>,
    /// How often everything was forgotten: what was asked for before that is not kept.
    forgotten: u64,
}

impl Pages {
    /// The page that begins with `first`; a full one has `size` frames. A read that began goes on without its readers.
    pub(crate) async fn read(
        &self,
        first: Seq,
        size: usize,
        read: impl FnOnce() -> BoxFuture<'static, Result<Page, LogError>>,
    ) -> Result<Page, LogError> {
        let flight = {
            let mut inner = locked(&self.0);
            if let Some((_, page)) = inner.kept.iter().find(|(start, _)| *start == first) {
                return Ok(Some(Arc::clone(page)));
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
        flight.await
    }

    async fn land(
        self,
        first: Seq,
        size: usize,
        forgotten: u64,
        read: BoxFuture<'static, Result<Page, LogError>>,
    ) -> Result<Page, LogError> {
        let result = read.await;
        let mut inner = locked(&self.0);
        if inner.forgotten == forgotten {
            inner.under_way.remove(&first);
            if let Ok(Some(page)) = &result
                && page.frames().len() == size
            {
                inner.kept.truncate(KEPT - 1);
                inner.kept.push_front((first, Arc::clone(page)));
            }
        }
        result
    }

    /// Drops what is encoded.
    pub(crate) fn forget(&self) {
        let mut inner = locked(&self.0);
        inner.under_way.clear();
        inner.kept.clear();
        inner.forgotten += 1;
    }
}
