//! Removing what nodes left behind that are gone.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{Error, ObjectMeta, ObjectStore, ObjectStoreExt};
use synctv_domain::{RoomId, Timestamp};
use tokio::time::sleep;

use super::studio::Studio;
use crate::hls::{ROOMS, ShelfError, playlist, read_list};

/// How often it is looked.
const OFTEN: Duration = Duration::from_secs(3600);
/// A list to which nothing was added for so long is nobody's any more, µs.
const ABANDONED: i64 = 3600 * 1_000_000;

impl Studio {
    /// Removes segments from time to time that nobody else will remove, as long as it is polled.
    pub async fn tidy(self: Arc<Self>) {
        let Some(segments) = self.outside.segments.clone() else { return };
        loop {
            if let Err(error) = self.tidy_once(&segments.store).await {
                tracing::warn!(%error, "live.untidied");
            }
            sleep(OFTEN).await;
        }
    }

    async fn tidy_once(&self, store: &Arc<dyn ObjectStore>) -> Result<(), Error> {
        for folder in store.list_with_delimiter(Some(&Path::from(ROOMS))).await?.common_prefixes {
            let room = folder.parts().next_back().and_then(|part| part.as_ref().parse::<RoomId>().ok());
            let Some(room) = room.filter(|room| self.find(*room).is_none()) else { continue };
            if self.is_abandoned(store, &folder, room).await {
                let found: Vec<_> = store.list(Some(&folder)).map_ok(|object| object.location).try_collect().await?;
                tracing::info!(%room, objects = found.len(), "live.tidied");
                futures::stream::iter(found).for_each(|path| async move { drop(store.delete(&path).await) }).await;
            }
        }
        Ok(())
    }

    /// Whether nothing was added for long, and no node has the room.
    async fn is_abandoned(&self, store: &Arc<dyn ObjectStore>, folder: &Path, room: RoomId) -> bool {
        let now = self.outside.clock.now().timestamp();
        let list = read_list(store, room).await;
        let old = match list.and_then(|written| written.as_deref().map(playlist).transpose()) {
            Ok(Some(playlist)) => playlist.complete_at().is_none_or(|complete| complete.0 + ABANDONED < now.0),
            // Without a list that can be read nobody plays what is there; it may be on its way.
            Ok(None) | Err(ShelfError::Unreadable(_)) => is_old(store, folder, now).await,
            Err(_) => false,
        };
        old && matches!(self.outside.claims.is_held(room).await, Ok(None | Some(false)))
    }
}

/// Whether nothing was written there for long.
async fn is_old(store: &Arc<dyn ObjectStore>, folder: &Path, now: Timestamp) -> bool {
    let written = |object: ObjectMeta| object.last_modified.timestamp_micros();
    match store.list(Some(folder)).map_ok(written).try_fold(0, |last, at| std::future::ready(Ok(last.max(at)))).await {
        Ok(last) => last + ABANDONED < now.0,
        Err(_) => false,
    }
}
