//! Removing what nodes left behind that are gone.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use object_store::path::Path;
use object_store::{Error, ObjectStore, ObjectStoreExt};
use synctv_domain::RoomId;
use tokio::time::sleep;

use super::studio::Studio;
use crate::hls::read_playlist;

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
        for folder in store.list_with_delimiter(Some(&Path::from("live"))).await?.common_prefixes {
            let room = folder.parts().next_back().and_then(|part| part.as_ref().parse::<RoomId>().ok());
            let Some(room) = room.filter(|room| self.find(*room).is_none()) else { continue };
            if self.is_abandoned(store, room).await {
                let found: Vec<_> = store.list(Some(&folder)).map_ok(|object| object.location).try_collect().await?;
                tracing::info!(%room, objects = found.len(), "live.tidied");
                futures::stream::iter(found).for_each(|path| async move { drop(store.delete(&path).await) }).await;
            }
        }
        Ok(())
    }

    /// Whether nothing was added for long, and no node has the room.
    async fn is_abandoned(&self, store: &Arc<dyn ObjectStore>, room: RoomId) -> bool {
        let Ok(Some(playlist)) = read_playlist(store, room).await else { return false };
        let last = playlist.complete_at().map_or(0, |complete| complete.0);
        let old = last + ABANDONED < self.outside.clock.now().timestamp().0;
        old && matches!(self.outside.claims.is_held(room).await, Ok(None | Some(false)))
    }
}
