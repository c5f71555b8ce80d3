//! A stream that is live becomes segments in a store.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::BoxStream;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta, ObjectStore, ObjectStoreExt,
    PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use synctv_domain::{Position, RoomId, Timestamp};
use synctv_livestream::hls::{Playlist, Segment, Segmenter, Shelf, ShelfError, playlist, read_list, record};
use synctv_livestream::hub::{Settings, Stream};
use synctv_livestream::media::Frame;
use tokio::sync::watch;
use tokio::time::Instant;
use ulid::Ulid;

use crate::listing::{List, follows, read};
use crate::transport::{Reader, nals};

const MOST: usize = 5;

/// A store that fails while it is told to.
#[derive(Debug)]
pub struct Failing {
    pub inner: Arc<dyn ObjectStore>,
    pub fails: AtomicBool,
    pub hangs: AtomicBool,
    /// What is removed is waited for without an end.
    pub keeps: AtomicBool,
    /// Lists are written, and nobody hears of it.
    pub mumbles: AtomicBool,
}

impl Default for Failing {
    fn default() -> Self {
        Self::over(Arc::new(InMemory::new()))
    }
}

impl fmt::Display for Failing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Failing")
    }
}

impl Failing {
    pub fn over(inner: Arc<dyn ObjectStore>) -> Self {
        let [fails, hangs, keeps, mumbles] = [const { AtomicBool::new(false) }; 4];
        Self { inner, fails, hangs, keeps, mumbles }
    }

    async fn asked(&self) -> Result<()> {
        if self.hangs.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        if self.fails.load(Ordering::Relaxed) {
            return Err(object_store::Error::Generic { store: "failing", source: "it fails".into() });
        }
        Ok(())
    }
}

#[async_trait]
impl ObjectStore for Failing {
    async fn put_opts(&self, at: &Path, content: PutPayload, options: PutOptions) -> Result<PutResult> {
        self.asked().await?;
        let put = self.inner.put_opts(at, content, options).await;
        if self.mumbles.load(Ordering::Relaxed) && at.as_ref().ends_with("list.json") {
            return Err(object_store::Error::Generic { store: "failing", source: "it mumbles".into() });
        }
        put
    }

    async fn put_multipart_opts(&self, at: &Path, options: PutMultipartOptions) -> Result<Box<dyn MultipartUpload>> {
        self.inner.put_multipart_opts(at, options).await
    }

    async fn get_opts(&self, at: &Path, options: GetOptions) -> Result<GetResult> {
        self.asked().await?;
        self.inner.get_opts(at, options).await
    }

    async fn get_ranges(&self, at: &Path, ranges: &[Range<u64>]) -> Result<Vec<Bytes>> {
        self.inner.get_ranges(at, ranges).await
    }

    fn delete_stream(&self, paths: BoxStream<'static, Result<Path>>) -> BoxStream<'static, Result<Path>> {
        if self.keeps.load(Ordering::Relaxed) {
            return futures::stream::pending().boxed();
        }
        self.inner.delete_stream(paths)
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        self.inner.list(prefix)
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, to: &Path, options: CopyOptions) -> Result<()> {
        self.inner.copy_opts(from, to, options).await
    }
}

fn room() -> RoomId {
    RoomId::new(Ulid(7))
}

async fn shelf(store: &Arc<Failing>, token: i64) -> std::result::Result<Shelf, ShelfError> {
    let shelf = Shelf::open(Arc::clone(store) as Arc<dyn ObjectStore>, room(), Position(token), MOST).await?;
    shelf.announce().await?;
    Ok(shelf)
}

fn header() -> Frame {
    let body = [0x17, 0, 0, 0, 0, 1, 0x64, 0, 0x1F, 0xFF, 0xE1, 0, 2, 0x67, 1, 1, 0, 2, 0x68, 2];
    Frame::video(0, Bytes::copy_from_slice(&body)).expect("a frame")
}

/// One that needs no other every two seconds.
fn picture(number: u32) -> Frame {
    let key = number.is_multiple_of(50);
    let mut body = vec![if key { 0x17 } else { 0x27 }, 1, 0, 0, 0, 0, 0, 0, 5, if key { 0x65 } else { 0x41 }];
    body.extend(number.to_be_bytes().map(|byte| byte | 0x80));
    Frame::video(number * 40, body.into()).expect("a frame")
}

/// What players see of a publication.
struct Seen {
    lists: Vec<List>,
    shelf: Shelf,
}

/// Publishes pictures at their pace; `at` is called before each.
async fn publish(shelf: Shelf, pictures: Range<u32>, mut at: impl FnMut(u32)) -> Seen {
    let stream = Stream::new(Settings::default());
    let (told, mut lists) = watch::channel(Arc::new(Playlist::new(MOST)));
    let began = Instant::now();
    let clock = move || Timestamp(1_700_000_000_000_000 + i64::try_from(began.elapsed().as_micros()).expect("short"));
    let recording = tokio::spawn({
        let stream = Arc::clone(&stream);
        async move { record(&stream, shelf, clock, told).await }
    });
    let watching = tokio::spawn(async move {
        let mut seen = Vec::new();
        while lists.changed().await.is_ok() {
            let text = lists.borrow_and_update().text("");
            seen.push(read(&text).unwrap_or_else(|broken| panic!("{broken}:\n{text}")));
        }
        seen
    });
    stream.push(&header());
    for number in pictures {
        at(number);
        stream.push(&picture(number));
        stream.flush();
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stream.end();
    let shelf = recording.await.expect("it does not panic");
    Seen { lists: watching.await.expect("no rule is broken"), shelf }
}

/// The numbers of the pictures in what a list names.
async fn pictures(store: &Failing, list: &List) -> Vec<u32> {
    let (mut numbers, mut reader) = (Vec::new(), Reader::default());
    for entry in &list.entries {
        let path = Path::from(format!("live/{}/{}", room(), entry.uri));
        let content = store.inner.get(&path).await.expect("it is there").bytes().await.expect("it is there");
        let held = reader.segment(&content).expect("no rule is broken");
        held.check(true).expect("no rule is broken");
        for unit in held.video {
            let number = nals(&unit.content).last().expect("a picture")[1..5].try_into().expect("four");
            numbers.push(u32::from_be_bytes(number) & 0x7F7F_7F7F);
        }
    }
    numbers
}

fn spread(number: u32) -> u32 {
    u32::from_be_bytes(number.to_be_bytes().map(|byte| byte | 0x80)) & 0x7F7F_7F7F
}

#[tokio::test(start_paused = true)]
async fn a_stream_is_listed_while_it_is_live_and_its_segments_are_removed_later() {
    let store = Arc::new(Failing::default());
    let seen = publish(shelf(&store, 1).await.expect("nobody was here"), 0..1000, |_| {}).await;
    // 40 s are 20 segments; the end may be told with the last.
    assert!((20..=21).contains(&seen.lists.len()), "{}", seen.lists.len());
    seen.lists.windows(2).for_each(|pair| follows(&pair[0], &pair[1]).expect("no rule is broken"));
    let last = seen.lists.last().expect("there are some");
    assert!(last.ended && last.target == 2 && last.sequence == 15, "{last:?}");
    assert_eq!(pictures(&store, last).await, (750..1000).map(spread).collect::<Vec<_>>());
    // Those that left the list half a minute ago are gone, and no name can be guessed.
    let kept = async || {
        use futures::TryStreamExt;
        store.inner.list(None).try_collect::<Vec<_>>().await.expect("it is in memory")
    };
    let left = kept().await;
    assert!((6..25).contains(&left.len()), "{}", left.len());
    assert!(last.entries.iter().all(|entry| entry.uri.len() > 32), "{last:?}");
    seen.shelf.remove().await;
    assert!(kept().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn numbers_go_on_in_the_next_publication_and_an_earlier_one_is_shut_out() {
    let store = Arc::new(Failing::default());
    let first = publish(shelf(&store, 5).await.expect("nobody was here"), 0..200, |_| {}).await;
    let second = publish(shelf(&store, 9).await.expect("it is later"), 0..200, |_| {}).await;
    let (before, after) = (&first.lists[2], &second.lists[0]);
    assert_eq!((after.sequence, after.entries.len(), after.target), (0, 5, before.target));
    assert!(after.entries[4].discontinuous && !after.ended, "{after:?}");
    follows(before, after).expect("no rule is broken");
    second.lists.windows(2).for_each(|pair| follows(&pair[0], &pair[1]).expect("no rule is broken"));
    assert!(matches!(shelf(&store, 5).await, Err(ShelfError::TakenOver)));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_or_hangs_loses_segments_and_nothing_else() {
    let store = Arc::new(Failing::default());
    let told = Arc::clone(&store);
    let seen = publish(shelf(&store, 1).await.expect("nobody was here"), 0..2000, move |number| {
        told.fails.store((300..500).contains(&number), Ordering::Relaxed);
        told.hangs.store((900..1200).contains(&number), Ordering::Relaxed);
    })
    .await;
    seen.lists.windows(2).for_each(|pair| follows(&pair[0], &pair[1]).expect("no rule is broken"));
    let last = seen.lists.last().expect("there are some");
    assert!(last.ended && last.discontinuities >= 2 && last.sequence + 5 >= 26, "{last:?}");
    assert_eq!(pictures(&store, last).await, (1750..2000).map(spread).collect::<Vec<_>>());
}

/// A segment of two seconds.
fn segment() -> Segment {
    let mut segmenter = Segmenter::new(None);
    segmenter.push(&header(), 0);
    let cut = (0..=50).find_map(|number| segmenter.push(&picture(number), i64::from(number) * 40));
    cut.expect("it ends with the next key")
}

/// What whoever reads the store finds.
async fn listed(store: &Arc<Failing>) -> List {
    let written = read_list(&(Arc::clone(store) as Arc<dyn ObjectStore>), room()).await.expect("it answers");
    let text = playlist(&written.expect("there is one")).expect("it was written here").text("");
    read(&text).unwrap_or_else(|broken| panic!("{broken}:\n{text}"))
}

#[tokio::test]
async fn a_number_is_used_once_whoever_lists_last_and_whatever_is_heard_of_it() {
    let (store, now, segment) = (Arc::new(Failing::default()), Timestamp(1_700_000_000_000_000), segment());
    let mut first = shelf(&store, 1).await.expect("nobody was here");
    first.put(&segment, now).await.expect("it answers");
    let mut second = shelf(&store, 2).await.expect("it is later");
    // The last segment of the one that gives way.
    first.put(&segment, now).await.expect("it answers");
    let mut seen = vec![listed(&store).await];
    second.put(&segment, now).await.expect("it answers");
    seen.push(listed(&store).await);
    assert_eq!(seen[1].entries.len(), 3, "{seen:?}");
    store.mumbles.store(true, Ordering::Relaxed);
    second.put(&segment, now).await.expect("the segment is kept");
    seen.push(listed(&store).await);
    store.mumbles.store(false, Ordering::Relaxed);
    second.put(&segment, now).await.expect("it answers");
    seen.push(listed(&store).await);
    seen.windows(2).for_each(|pair| follows(&pair[0], &pair[1]).expect("no rule is broken"));
    assert_eq!(seen[3].entries.len(), 5, "{seen:?}");
    // One that ends before it has a segment does not forget what another one had listed meanwhile.
    let mut brief = shelf(&store, 3).await.expect("it is later");
    second.put(&segment, now).await.expect("it answers");
    seen.push(listed(&store).await);
    brief.end().await.expect("it answers");
    assert_eq!(listed(&store).await.entries.len(), 5);
    let mut third = shelf(&store, 4).await.expect("it is later");
    third.put(&segment, now).await.expect("it answers");
    seen.push(listed(&store).await);
    seen.windows(2).for_each(|pair| follows(&pair[0], &pair[1]).expect("no rule is broken"));
    // The one that was here first removes nothing of it.
    first.remove().await;
    let last = seen.last().expect("there are some");
    assert_eq!(listed(&store).await, *last);
    for entry in &last.entries {
        let path = Path::from(format!("live/{}/{}", room(), entry.uri));
        store.inner.head(&path).await.expect("it is there");
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_removes_nothing_loses_no_segment() {
    let store = Arc::new(Failing::default());
    let told = Arc::clone(&store);
    let seen = publish(shelf(&store, 1).await.expect("nobody was here"), 0..3000, move |number| {
        told.keeps.store((500..2000).contains(&number), Ordering::Relaxed);
    })
    .await;
    let last = seen.lists.last().expect("there are some");
    assert_eq!((last.discontinuities, last.sequence), (0, 55), "{last:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_never_removed_is_not_told_without_end() {
    let (store, segment) = (Arc::new(Failing::default()), segment());
    store.keeps.store(true, Ordering::Relaxed);
    let mut shelf = shelf(&store, 1).await.expect("nobody was here");
    for number in 0..800 {
        let now = Timestamp(1_700_000_000_000_000 + number * 2_000_000);
        shelf.put(&segment, now).await.expect("it is kept");
        shelf.clear(now).await;
    }
    let told = read_list(&(store as Arc<dyn ObjectStore>), room()).await.expect("it answers").expect("there is one");
    assert!(told.len() < 300 * 100, "what is to be removed is told in {} bytes", told.len());
}

#[tokio::test]
async fn a_segment_that_is_longer_than_its_list_says_is_not_listed() {
    let (store, now, segment) = (Arc::new(Failing::default()), Timestamp(1_700_000_000_000_000), segment());
    let mut first = shelf(&store, 1).await.expect("nobody was here");
    let second = Shelf::open(Arc::clone(&store) as Arc<dyn ObjectStore>, room(), Position(2), MOST).await;
    // On its way since before the second one came.
    first.put(&segment, now).await.expect("it answers");
    let mut second = second.expect("it is later");
    let long = Segment { duration: 4000, ..segment.clone() };
    assert!(matches!(second.put(&long, now).await, Err(ShelfError::TooLong)));
    assert_eq!((second.playlist().target(), listed(&store).await.entries.len()), (Some(2), 1));
    second.put(&segment, now).await.expect("it fits");
    assert_eq!(listed(&store).await.entries.len(), 2);
}

#[test]
fn the_first_segment_decides_how_long_the_others_may_be() {
    for (gop, target) in [(25, 2), (50, 2), (75, 3), (250, 10), (1000, 10)] {
        let mut segmenter = Segmenter::new(None);
        let mut segments = Vec::new();
        segmenter.push(&header(), 0);
        for number in 0..1500_u32 {
            let mut frame = picture(if number.is_multiple_of(gop) { 0 } else { 1 });
            frame.timestamp = number * 40;
            segments.extend(segmenter.push(&frame, i64::from(number) * 40));
        }
        let longest = segments.iter().map(|segment| segment.duration).max().expect("there are some");
        assert_eq!((longest + 500) / 1000, target, "{gop}: {longest} ms");
    }
}
