//! The segments of this node's publications, and those that other nodes keep.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::ObjectStore;
use synctv_commands::Clock;
use synctv_domain::{RoomId, Timestamp};
use tokio::time::{sleep, timeout};

use super::on_air::OnAir;
use super::reads::Reads;
use super::studio::GRACE;
use crate::hls::{Playlist, Shelf, ShelfError, playlist, read_list, read_segment, record};

/// Between two attempts to read what is kept of a stream.
const AGAIN: Duration = Duration::from_secs(1);
/// How long one publication waits until the one before has kept its last segment, and readers for the store.
const PATIENCE: Duration = Duration::from_secs(5);
/// Segments that stay after the end of a stream, for who is behind.
const STAYS: Duration = Duration::from_secs(60);

/// Where segments are kept.
#[derive(Clone, Debug)]
pub struct Segments {
    /// The store, the same for all nodes.
    pub store: Arc<dyn ObjectStore>,
    /// How many a list has.
    pub listed: usize,
    reads: Arc<Reads>,
}

impl Segments {
    /// In this store; lists have so many.
    #[must_use]
    pub fn new(store: Arc<dyn ObjectStore>, listed: usize) -> Self {
        Self { store, listed, reads: Arc::default() }
    }

    /// Cuts a publication into segments until it ends, and removes them a while after. It goes on with the list of the one that
    /// was here before it.
    pub(super) async fn cut(self, on_air: Arc<OnAir>, before: Option<Arc<OnAir>>, clock: Arc<dyn Clock>) {
        if let Some(before) = before {
            let _ = timeout(PATIENCE, before.recorded()).await;
        }
        let recorded = self.record(&on_air, clock).await;
        on_air.is_recorded.send_replace(true);
        let Some(shelf) = recorded else { return };
        let length = u64::try_from(shelf.playlist().length()).unwrap_or(0);
        sleep(STAYS.max(Duration::from_millis(2 * length))).await;
        shelf.remove().await;
    }

    async fn record(&self, on_air: &Arc<OnAir>, clock: Arc<dyn Clock>) -> Option<Shelf> {
        let shelf = self.open(on_air).await?;
        Some(record(&on_air.stream, shelf, move || clock.now().timestamp(), on_air.playlist.clone()).await)
    }

    /// The shelf, as soon as the store answers; None: the publication is over before.
    async fn open(&self, on_air: &Arc<OnAir>) -> Option<Shelf> {
        while on_air.over_since().is_none() {
            match self.try_open(on_air).await {
                Ok(shelf) => return Some(shelf),
                Err(ShelfError::TakenOver | ShelfError::Fenced) => return None,
                Err(error) => tracing::warn!(room = %on_air.claim.room, %error, "live.store_failed"),
            }
            sleep(AGAIN).await;
        }
        None
    }

    async fn try_open(&self, on_air: &Arc<OnAir>) -> Result<Shelf, ShelfError> {
        let (claim, held) = (&on_air.claim, Arc::clone(on_air));
        let shelf = Shelf::open(Arc::clone(&self.store), claim.room, claim.token, self.listed).await?;
        let shelf = shelf.fenced(move || held.may_keep());
        shelf.announce().await?;
        Ok(shelf)
    }

    /// The list of a room's segments, whichever node cuts them. None: there is none.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn playlist(&self, room: RoomId, on_air: Option<&OnAir>) -> Result<Option<Arc<Playlist>>, ShelfError> {
        // Another node may have taken over what is over here.
        if let Some(on_air) = on_air.filter(|on_air| on_air.over_since().is_none()) {
            let playlist = Arc::clone(&on_air.playlist.borrow());
            if !playlist.is_empty() {
                return Ok(Some(playlist));
            }
        }
        let written = self.shared(room.to_string(), read_list(&self.store, room)).await?;
        Ok(written.as_deref().map(playlist).transpose()?.map(Arc::new))
    }

    /// Whether a list that ended is over for good: nobody went on with it for a while.
    #[must_use]
    pub fn is_final(playlist: &Playlist, now: Timestamp) -> bool {
        let grace = i64::try_from(GRACE.as_micros()).unwrap_or(i64::MAX);
        playlist.complete_at().is_none_or(|complete| complete.0 + grace < now.0)
    }

    /// A segment, by the names that the list has for it. None: there is none.
    ///
    /// # Errors
    /// When the store does not answer.
    pub async fn segment(&self, room: RoomId, token: &str, name: &str) -> Result<Option<Bytes>, ShelfError> {
        let read = read_segment(&self.store, room, (token, name));
        self.shared(format!("{room}/{token}/{name}"), read).await
    }

    /// Who asks for the same waits for one answer, and for no more than one that does not come.
    async fn shared(
        &self,
        name: String,
        read: impl Future<Output = Result<Option<Bytes>, ShelfError>>,
    ) -> Result<Option<Bytes>, ShelfError> {
        timeout(PATIENCE, self.reads.get(name, read)).await.unwrap_or(Err(ShelfError::Silent))
    }
}
