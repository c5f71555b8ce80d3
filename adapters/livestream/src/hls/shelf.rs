//! Where segments are kept: in memory, in files, or wherever else objects are.

use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};
use rand::RngCore;
use serde::{Deserialize, Serialize};
use synctv_domain::{Position, RoomId, Timestamp};
use tokio::time::timeout;

use super::playlist::{Listed, Playlist};
use super::segment::Segment;

/// For one object.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a segment stays that has left the list; players may be that far behind, s.
const STAYS: i64 = 30;

/// Why something was not kept.
#[derive(Debug, thiserror::Error)]
pub enum ShelfError {
    /// The store refused it.
    #[error("the store: {0}")]
    Store(#[from] object_store::Error),
    /// The store did not answer.
    #[error("the store does not answer")]
    Silent,
    /// What is kept there was not written here.
    #[error("the list of segments cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// Somebody has published the stream since.
    #[error("the stream has been taken over")]
    TakenOver,
}

/// What is kept beside the segments, so that whoever goes on knows the numbers.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    /// Of the publication that wrote it.
    token: Position,
    playlist: Playlist,
    /// Segments that have left the list, and until when they stay.
    gone: VecDeque<(String, Timestamp)>,
}

/// The segments of a stream.
#[derive(Debug)]
pub struct Shelf {
    store: Arc<dyn ObjectStore>,
    at: Path,
    kept: Kept,
}

impl Shelf {
    /// Of a room, for the publication that began with the event at `token`. It goes on with the numbers of the ones before.
    ///
    /// # Errors
    /// [`ShelfError`], also when a later publication was here before.
    pub async fn open(
        store: Arc<dyn ObjectStore>,
        room: RoomId,
        token: Position,
        most: usize,
    ) -> Result<Self, ShelfError> {
        let at = Path::from_iter(["live", &room.to_string()]);
        let kept = match read(&*store, &list(&at)).await? {
            Some(kept) if kept.token > token => return Err(ShelfError::TakenOver),
            Some(kept) => Kept { token, playlist: kept.playlist.resumed(most), ..kept },
            None => Kept { token, playlist: Playlist::new(most), gone: VecDeque::new() },
        };
        Ok(Self { store, at, kept })
    }

    /// The list.
    #[must_use]
    pub fn playlist(&self) -> &Playlist {
        &self.kept.playlist
    }

    /// Keeps a segment, and lists it. `now`: when it was complete.
    ///
    /// # Errors
    /// [`ShelfError`]: it is not listed.
    pub async fn put(&mut self, segment: &Segment, now: Timestamp) -> Result<(), ShelfError> {
        let (sequence, _) = self.kept.playlist.next();
        let name = format!("{}/{}-{}.ts", self.kept.token, sequence, unguessable());
        let path = self.path(&name);
        put(&*self.store, &path, segment.content.clone().into()).await?;
        let at = Timestamp(now.0 - segment.duration * 1000);
        let listed = Listed { name, duration: segment.duration, discontinuous: segment.discontinuous, at };
        if let Some(gone) = self.kept.playlist.push(listed) {
            self.kept.gone.push_back((gone.name, Timestamp(now.0 + STAYS * 1_000_000)));
        }
        self.save().await?;
        self.clear(now).await;
        Ok(())
    }

    /// Nothing is added any more.
    ///
    /// # Errors
    /// [`ShelfError`]: it is not known to those who read the list.
    pub async fn end(&mut self) -> Result<(), ShelfError> {
        self.kept.playlist.end();
        self.save().await
    }

    /// Removes all that is kept of the stream.
    pub async fn remove(mut self) {
        let listed = self.kept.playlist.segments().map(|segment| self.path(&segment.name)).collect::<Vec<_>>();
        let gone = std::mem::take(&mut self.kept.gone);
        let gone = gone.iter().map(|(name, _)| self.path(name)).collect::<Vec<_>>();
        for path in listed.into_iter().chain(gone).chain([list(&self.at)]) {
            self.delete(&path).await;
        }
    }

    /// Removes what nobody asks for any more.
    async fn clear(&mut self, now: Timestamp) {
        while let Some((name, _)) = self.kept.gone.pop_front_if(|(_, until)| *until < now) {
            self.delete(&self.path(&name)).await;
        }
    }

    async fn delete(&self, path: &Path) {
        match timeout(PATIENCE, self.store.delete(path)).await {
            Ok(Ok(()) | Err(object_store::Error::NotFound { .. })) => {}
            // It is left over.
            failed => tracing::debug!(?failed, %path, "live.segment_left"),
        }
    }

    async fn save(&self) -> Result<(), ShelfError> {
        let text = serde_json::to_vec(&self.kept)?;
        put(&*self.store, &list(&self.at), text.into()).await
    }

    fn path(&self, name: &str) -> Path {
        name.split('/').fold(self.at.clone(), |path, part| path.join(part))
    }
}

fn list(at: &Path) -> Path {
    at.clone().join("list.json")
}

async fn read(store: &dyn ObjectStore, path: &Path) -> Result<Option<Kept>, ShelfError> {
    let found = async {
        match store.get(path).await {
            Ok(found) => found.bytes().await.map(Some),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    };
    let found = timeout(PATIENCE, found).await.map_err(|_| ShelfError::Silent)??;
    Ok(found.map(|bytes| serde_json::from_slice(&bytes)).transpose()?)
}

async fn put(store: &dyn ObjectStore, path: &Path, content: object_store::PutPayload) -> Result<(), ShelfError> {
    timeout(PATIENCE, store.put(path, content)).await.map_err(|_| ShelfError::Silent)??;
    Ok(())
}

/// A part of a name that nobody finds by trying.
fn unguessable() -> String {
    let mut bytes = [0; 16];
    rand::rng().fill_bytes(&mut bytes);
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
