//! Where segments are kept: in memory, in files, or wherever else objects are.

use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::ObjectStore;
use rand::RngCore;
use serde::{Deserialize, Serialize};
use synctv_domain::{Position, RoomId, Timestamp};
use tokio::time::timeout;

use super::objects::Objects;
use super::playlist::{Listed, Playlist};
use super::segment::Segment;

/// Where the list is kept, as it goes on.
pub(super) const LIST: &str = "list.json";
/// How long a segment stays at least that has left the list; players may be that far behind, ms.
const STAYS: i64 = 30_000;
/// So many objects wait to be removed at most, but for those that left the list; what is more is left in the store.
const LEFT: usize = 256;
/// … and so many are removed at once, in this time.
const TOGETHER: usize = 8;
const CLEARING: Duration = Duration::from_secs(2);
/// What was left behind is looked for so often at most.
const SEARCHES: u32 = 3;

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
    /// The list is one of shorter segments.
    #[error("it is longer than the segments of its list may be")]
    TooLong,
    /// Somebody has published the stream since.
    #[error("the stream has been taken over")]
    TakenOver,
    /// Perhaps somebody publishes the stream elsewhere by now.
    #[error("the stream may have been taken over")]
    Fenced,
}

/// What is kept beside the segments, so that whoever goes on knows the numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    /// Of the publication that wrote it.
    token: Position,
    playlist: Playlist,
    /// Segments that have left the list, with what decoded them and what was never listed, and until when they stay.
    gone: VecDeque<(String, Timestamp)>,
}

/// Whether the stream is surely still ours.
type Fence = Box<dyn Fn() -> bool + Send + Sync>;

/// The segments of a stream.
pub struct Shelf {
    objects: Objects,
    kept: Kept,
    /// Segments in the list.
    most: usize,
    /// What earlier publications listed until the first segment of this one is known.
    resumed: bool,
    /// By what the last segment is decoded, and what it is called.
    map: Option<(Bytes, String)>,
    /// How often it was looked for what earlier publications left behind.
    searches: u32,
    fence: Option<Fence>,
}

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shelf").field("objects", &self.objects).field("kept", &self.kept).finish_non_exhaustive()
    }
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
        let kept = Kept { token, playlist: Playlist::new(most), gone: VecDeque::new() };
        let objects = Objects::of_room(store, room);
        let mut shelf = Self { objects, kept, most, resumed: false, map: None, searches: 0, fence: None };
        shelf.resume().await?;
        Ok(shelf)
    }

    /// Puts its name to the list: who was here before does not remove any of it from now on.
    ///
    /// # Errors
    /// [`ShelfError`]: whether it did is not known.
    pub async fn announce(&self) -> Result<(), ShelfError> {
        self.save().await
    }

    /// Who was here before may have listed its last segment since this was opened.
    async fn resume_again(&mut self) -> Result<(), ShelfError> {
        if !self.resumed {
            self.resume().await?;
            self.resumed = true;
        }
        Ok(())
    }

    /// Goes on with what was listed last.
    async fn resume(&mut self) -> Result<(), ShelfError> {
        let Some(bytes) = self.objects.read(LIST).await? else { return Ok(()) };
        match serde_json::from_slice::<Kept>(&bytes) {
            Ok(kept) if kept.token > self.kept.token => return Err(ShelfError::TakenOver),
            Ok(kept) => {
                self.kept = Kept { token: self.kept.token, playlist: kept.playlist.resumed(self.most), ..kept };
            }
            Err(error) => {
                let list = self.objects.path(LIST);
                tracing::error!(%list, %error, "live.list_unreadable: a new one begins");
            }
        }
        Ok(())
    }

    /// Nothing is written any more where `held` says no.
    #[must_use]
    pub fn fenced(self, held: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self { fence: Some(Box::new(held)), ..self }
    }

    fn check(&self) -> Result<(), ShelfError> {
        if self.fence.as_ref().is_none_or(|held| held()) { Ok(()) } else { Err(ShelfError::Fenced) }
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
        self.resume_again().await?;
        // Who was here before may have listed the first one of all.
        if self.kept.playlist.target().is_some_and(|most| rounded(segment.duration) > most) {
            return Err(ShelfError::TooLong);
        }
        let map = self.map(segment, now).await?;
        let name = self.name(if map.is_some() { "m4s" } else { "ts" });
        self.write(&name, segment.content.clone(), now).await?;
        self.list(segment, (name, map), now);
        match self.save().await {
            Err(error @ ShelfError::Fenced) => Err(error),
            Err(error) => {
                // It may have been written all the same, and it will be with the next one: a number is never used twice.
                tracing::warn!(%error, "live.list_unsaved");
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Where that is by which a segment is decoded; it is kept first, if it is not the same as before.
    async fn map(&mut self, segment: &Segment, now: Timestamp) -> Result<Option<String>, ShelfError> {
        let Some(content) = &segment.initialization else { return Ok(None) };
        if let Some((same, name)) = &self.map
            && same == content
        {
            return Ok(Some(name.clone()));
        }
        self.forget(now);
        let name = self.name("mp4");
        self.write(&name, content.clone(), now).await?;
        self.map = Some((content.clone(), name.clone()));
        Ok(Some(name))
    }

    /// A name that nobody finds by trying.
    fn name(&self, kind: &str) -> String {
        let (sequence, _) = self.kept.playlist.next();
        format!("{}/{}-{}.{kind}", self.kept.token, sequence, unguessable())
    }

    /// Keeps an object. Whatever became of one that failed, it is removed later.
    async fn write(&mut self, name: &str, content: Bytes, now: Timestamp) -> Result<(), ShelfError> {
        self.check()?;
        let written = self.objects.write(name, content).await;
        if written.is_err() {
            self.leave(name.to_owned(), now);
        }
        written
    }

    fn list(&mut self, segment: &Segment, (name, map): (String, Option<String>), now: Timestamp) {
        let listed = Listed {
            name,
            duration: segment.duration,
            discontinuous: segment.discontinuous,
            at: Timestamp(now.0 - segment.duration * 1000),
            map,
            size: segment.content.len() as u64,
            coding: segment.coding.clone(),
        };
        // As long as RFC 8216 has it (6.2.2), at least.
        let length = self.kept.playlist.length() + segment.duration;
        let mut maps = Vec::new();
        let mut until = now;
        for gone in self.kept.playlist.push(listed) {
            until = Timestamp(now.0 + (length + gone.duration).max(STAYS) * 1000);
            self.kept.gone.push_back((gone.name, until));
            maps.extend(gone.map);
        }
        maps.dedup();
        maps.retain(|map| !self.is_needed(map));
        self.kept.gone.extend(maps.into_iter().map(|map| (map, until)));
    }

    /// Whether something listed, or to be listed next, is decoded by it.
    fn is_needed(&self, map: &str) -> bool {
        self.map.as_ref().is_some_and(|(_, name)| name == map)
            || self.kept.playlist.segments().any(|segment| segment.map.as_deref() == Some(map))
    }

    /// Nothing more is decoded as the last segment was.
    fn forget(&mut self, now: Timestamp) {
        let Some((_, name)) = self.map.take() else { return };
        if !self.is_needed(&name) {
            self.leave(name, now);
        }
    }

    /// Something that is not listed, and perhaps not even there, has to be removed.
    fn leave(&mut self, name: String, now: Timestamp) {
        if self.kept.gone.len() < LEFT {
            self.kept.gone.push_back((name, now));
        }
    }

    /// Nothing is added any more.
    ///
    /// # Errors
    /// [`ShelfError`]: it is not known to those who read the list.
    pub async fn end(&mut self) -> Result<(), ShelfError> {
        self.resume_again().await?;
        self.forget(Timestamp(0));
        self.kept.playlist.end();
        self.save().await
    }

    /// Removes all that is kept of the stream, unless a later publication has taken it over.
    pub async fn remove(mut self) {
        let kept = self.objects.read(LIST).await.ok().flatten().map(|bytes| serde_json::from_slice::<Kept>(&bytes));
        if !matches!(kept, Some(Ok(kept)) if kept.token == self.kept.token) {
            return;
        }
        let mut names: Vec<_> = self.kept.gone.drain(..).map(|(name, _)| name).collect();
        for segment in self.kept.playlist.segments() {
            names.push(segment.name.clone());
            names.extend(segment.map.clone());
        }
        names.extend(self.map.take().map(|(_, name)| name));
        names.sort();
        names.dedup();
        // The list first: who begins meanwhile does not go on with what is being removed.
        for name in [LIST].into_iter().chain(names.iter().map(String::as_str)) {
            self.objects.delete(name).await;
        }
    }

    /// Removes what nobody asks for any more, some of it at a time: the next segment waits.
    pub async fn clear(&mut self, now: Timestamp) {
        let _ = timeout(CLEARING, self.clear_some(now)).await;
    }

    async fn clear_some(&mut self, now: Timestamp) {
        if !self.resumed {
            // What was listed meanwhile is not known yet.
            return;
        }
        if self.searches < SEARCHES {
            self.searches += 1;
            self.search(now).await;
            self.searches = SEARCHES;
        }
        for _ in 0..TOGETHER {
            let Some((name, _)) = self.kept.gone.pop_front_if(|(_, until)| *until < now) else { return };
            // Should nothing come of it, it is tried again later.
            self.leave(name.clone(), Timestamp(now.0 + STAYS * 1000));
            if !self.objects.delete(&name).await {
                return;
            }
            self.kept.gone.pop_back_if(|(last, _)| *last == name);
        }
    }

    /// Finds what earlier publications kept and did not list, because they ended in between. Later ones may be at work already.
    async fn search(&mut self, now: Timestamp) {
        for name in self.objects.names().await {
            if self.is_left(&name) {
                self.leave(name, now);
            }
        }
    }

    /// Whether it is of an earlier publication, and unknown.
    fn is_left(&self, name: &str) -> bool {
        let token = name.split_once('/').and_then(|(token, _)| token.parse::<i64>().ok());
        token.is_some_and(|token| token < self.kept.token.0)
            && !self.is_needed(name)
            && !self.kept.playlist.segments().any(|segment| segment.name == name)
            && !self.kept.gone.iter().any(|(gone, _)| gone == name)
    }

    async fn save(&self) -> Result<(), ShelfError> {
        self.check()?;
        self.objects.write(LIST, serde_json::to_vec(&self.kept)?.into()).await
    }
}

/// What the length of a segment rounds to, s.
fn rounded(duration: i64) -> i64 {
    (duration + 500).div_euclid(1000)
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
