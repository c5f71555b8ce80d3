//! The objects of a stream in a store, none of which is waited for without an end.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::TryStreamExt;
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use synctv_domain::RoomId;
use tokio::time::timeout;

use super::shelf::ShelfError;

/// Under this, rooms.
pub(crate) const ROOMS: &str = "live";
/// For one object.
const PATIENCE: Duration = Duration::from_secs(5);

/// Objects by name, such as `12/3-4f….ts`.
#[derive(Debug)]
pub(super) struct Objects {
    store: Arc<dyn ObjectStore>,
    at: Path,
}

impl Objects {
    pub(super) fn of_room(store: Arc<dyn ObjectStore>, room: RoomId) -> Self {
        Self { store, at: Path::from_iter([ROOMS, &room.to_string()]) }
    }

    pub(super) fn path(&self, name: &str) -> Path {
        name.split('/').fold(self.at.clone(), |path, part| path.join(part))
    }

    /// None: there is no such object.
    pub(super) async fn read(&self, name: &str) -> Result<Option<Bytes>, ShelfError> {
        let path = self.path(name);
        let found = async {
            match self.store.get(&path).await {
                Ok(found) => found.bytes().await.map(Some),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        };
        Ok(timeout(PATIENCE, found).await.map_err(|_| ShelfError::Silent)??)
    }

    pub(super) async fn write(&self, name: &str, content: Bytes) -> Result<(), ShelfError> {
        let path = self.path(name);
        let written = self.store.put(&path, content.into());
        timeout(PATIENCE, written).await.map_err(|_| ShelfError::Silent)??;
        Ok(())
    }

    /// Whether it is not there any more.
    pub(super) async fn delete(&self, name: &str) -> bool {
        match timeout(PATIENCE, self.store.delete(&self.path(name))).await {
            Ok(Ok(()) | Err(object_store::Error::NotFound { .. })) => true,
            failed => {
                tracing::debug!(?failed, name, "live.segment_left");
                false
            }
        }
    }

    /// The names of all; none, if the store does not tell them.
    pub(super) async fn names(&self) -> Vec<String> {
        match timeout(PATIENCE, self.store.list(Some(&self.at)).try_collect::<Vec<_>>()).await {
            Ok(Ok(found)) => found.iter().filter_map(|object| self.name(&object.location)).collect(),
            failed => {
                tracing::debug!(?failed, "live.segments_untold");
                Vec::new()
            }
        }
    }

    fn name(&self, path: &Path) -> Option<String> {
        Some(path.as_ref().strip_prefix(self.at.as_ref())?.trim_start_matches('/').to_owned())
    }
}
