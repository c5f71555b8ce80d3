//! Streams are kept in whatever an address names: memory, files, a server of objects.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use futures::TryStreamExt;
use object_store::{ObjectStore, ObjectStoreExt};
use synctv_domain::{Position, RoomId, Timestamp};
use synctv_livestream::hls::{Playlist, Shelf, open, record};
use synctv_livestream::hub::{Settings, Stream};
use synctv_livestream::media::{Frame, tags};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use ulid::Ulid;

use crate::cmaf::{Coding, HVCC};
use crate::fragments;
use crate::listing::{List, follows, read};
use crate::record::Failing;
use crate::seaweed::Seaweed;
use crate::transport;

/// Segments in a list, and pictures in a segment of two seconds.
const MOST: usize = 5;
const PICTURES: u32 = 50;
/// For anything that has to happen.
const PATIENCE: Duration = Duration::from_secs(40);
const AVCC: &[u8] = &[1, 0x64, 0, 0x1F, 0xFF, 0xE1, 0, 2, 0x67, 1, 1, 0, 2, 0x68, 2];

/// What goes wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trouble {
    Hangs,
    Fails,
    Over,
}

/// A publication, and what is seen of it.
struct Publication {
    stream: Arc<Stream>,
    coding: Coding,
    sent: u32,
    recording: JoinHandle<Shelf>,
    told: watch::Receiver<Arc<Playlist>>,
    /// Frames that somebody who watches FLV has got.
    watched: watch::Receiver<u32>,
    lists: Vec<List>,
    now: Arc<AtomicI64>,
}

impl Publication {
    async fn begin(store: Arc<dyn ObjectStore>, token: i64, now: &Arc<AtomicI64>) -> Self {
        let shelf = Shelf::open(store, room(), Position(token), MOST).await.expect("it answers");
        let stream = Stream::new(Settings::default());
        let (tell, told) = watch::channel(Arc::new(Playlist::new(MOST)));
        let (count, watched) = watch::channel(0);
        let mut viewer = stream.watch();
        tokio::spawn(async move {
            while let Some(watched) = viewer.next().await {
                let frames = u32::try_from(tags(watched.tags).filter(|tag| tag.body.len() > 30).count()).expect("few");
                count.send_modify(|count| *count += frames);
            }
        });
        let clock = Arc::clone(now);
        let recording = tokio::spawn({
            let stream = Arc::clone(&stream);
            let clock = move || Timestamp(clock.load(Ordering::Relaxed));
            async move { record(&stream, shelf, clock, tell).await }
        });
        let now = Arc::clone(now);
        let mut publication =
            Self { stream, coding: Coding::H264, sent: 0, recording, told, watched, lists: Vec::new(), now };
        publication.describe(Coding::H264);
        publication
    }

    fn describe(&mut self, coding: Coding) {
        self.coding = coding;
        let record = if coding == Coding::Hevc { HVCC } else { AVCC };
        self.push(coding.header(record));
    }

    fn push(&self, frame: Frame) {
        self.stream.push(&Frame { timestamp: self.sent * 40, ..frame });
        self.stream.flush();
    }

    /// Pictures of so many seconds, as fast as somebody watches them.
    async fn publish(&mut self, segments: u32) {
        for _ in 0..segments * PICTURES {
            let key = self.sent.is_multiple_of(PICTURES);
            let unit = [&[if key { 0x65 } else { 0x41 }, 0x80][..], &self.sent.to_be_bytes(), &[0xAB; 20]].concat();
            self.push(self.coding.picture(key, 0, &[&[0, 0, 0, 26][..], &unit].concat()));
            self.sent += 1;
            self.now.fetch_add(40_000, Ordering::Relaxed);
            let (sent, mut watched) = (self.sent, self.watched.clone());
            let seen = timeout(PATIENCE, watched.wait_for(|watched| *watched == sent)).await;
            seen.expect("what is sent is seen at once").expect("somebody watches");
        }
    }

    /// Publishes until the list has so many segments more.
    async fn list(&mut self, segments: u64) {
        for _ in 0..segments {
            self.publish(1).await;
            self.hear().await;
        }
    }

    /// Waits for the list to change.
    async fn hear(&mut self) {
        timeout(PATIENCE, self.told.changed()).await.expect("the list changes").expect("it is live");
        self.note();
    }

    fn note(&mut self) {
        let text = self.told.borrow_and_update().text("");
        let list = read(&text).unwrap_or_else(|broken| panic!("{broken}:\n{text}"));
        if let Some(before) = self.lists.last() {
            follows(before, &list).unwrap_or_else(|broken| panic!("{broken}: {before:?} {list:?}"));
        }
        self.lists.push(list);
    }

    async fn end(mut self) -> (Shelf, Vec<List>) {
        self.stream.end();
        let shelf = timeout(PATIENCE, self.recording).await.expect("it ends").expect("it does not panic");
        let text = shelf.playlist().text("");
        let list = read(&text).unwrap_or_else(|broken| panic!("{broken}:\n{text}"));
        follows(self.lists.last().expect("there was one"), &list).expect("no rule is broken");
        assert!(list.ended, "{list:?}");
        self.lists.push(list);
        (shelf, self.lists)
    }
}

fn room() -> RoomId {
    RoomId::new(Ulid(7))
}

/// Names of the objects of the stream.
async fn objects(store: &dyn ObjectStore) -> BTreeSet<String> {
    let found: Vec<_> = store.list(None).try_collect().await.expect("it answers");
    let before = format!("live/{}/", room());
    found.into_iter().map(|object| object.location.as_ref().trim_start_matches(&before).to_owned()).collect()
}

/// Names that a list has.
fn named(list: &List) -> BTreeSet<String> {
    list.entries.iter().flat_map(|entry| [Some(entry.uri.clone()), entry.map.clone()]).flatten().collect()
}

async fn fetched(store: &dyn ObjectStore, name: &str) -> Vec<u8> {
    let path = object_store::path::Path::from(format!("live/{}/{name}", room()));
    store.get(&path).await.expect("it is there").bytes().await.expect("it is there").to_vec()
}

/// Reads what a list names, and counts pictures.
async fn pictures(store: &dyn ObjectStore, list: &List) -> usize {
    let (mut fragments, mut packets, mut map, mut count) =
        (fragments::Reader::default(), transport::Reader::default(), None, 0);
    for entry in &list.entries {
        let content = fetched(store, &entry.uri).await;
        let Some(name) = &entry.map else {
            let held = packets.segment(&content).expect("no rule is broken");
            held.check(true).expect("no rule is broken");
            count += held.video.len();
            continue;
        };
        if map != Some(name) {
            fragments.map(&fetched(store, name).await).expect("no rule is broken");
            map = Some(name);
        }
        let duration = (entry.seconds * 1000.0).round() as i64;
        let held = fragments.segment(&content, duration, entry.discontinuous, true).expect("no rule is broken");
        count += held[&1].len();
    }
    count
}

/// A stream, its end, and the next one: with a change of coding, and a store that is in trouble for a while. `stored` is what was
/// really kept, `again` opens the store as another process would.
async fn kept(
    store: Arc<dyn ObjectStore>,
    stored: &dyn ObjectStore,
    again: impl FnOnce() -> Arc<dyn ObjectStore>,
    mut trouble: impl AsyncFnMut(Trouble),
) {
    let now = Arc::new(AtomicI64::new(1_700_000_000_000_000));
    let mut publication = Publication::begin(store, 3, &now).await;
    publication.publish(1).await;
    publication.list(3).await;
    publication.describe(Coding::Hevc);
    publication.hear().await;
    publication.publish(1).await;
    publication.list(1).await;
    // A new list has begun, with what goes on in the other format.
    let [.., packets, list] = &publication.lists[..] else { panic!("{:?}", publication.lists) };
    assert_eq!((packets.sequence, packets.version, pictures(stored, packets).await), (0, 3, 200), "{packets:?}");
    assert_eq!((list.sequence, list.version, pictures(stored, list).await), (4, 7, 50), "{list:?}");
    assert!(list.entries[0].discontinuous && list.entries[0].map.is_some(), "{list:?}");

    for kind in [Trouble::Hangs, Trouble::Fails] {
        let before = publication.told.borrow().next();
        let kept = publication.stream.stats().kept;
        trouble(kind).await;
        // More than waits for the store; who watches FLV sees all of it.
        publication.publish(6).await;
        let stats = publication.stream.stats();
        assert!(stats.skips == 0 && stats.kept <= kept * 4, "{kept} bytes became more: {stats:?}");
        trouble(Trouble::Over).await;
        let began = Instant::now();
        // Behind a hole, of which players are told.
        while publication.told.borrow().next().1 == before.1 {
            assert!(began.elapsed() < PATIENCE, "{kind:?}: {:?}", publication.lists.last());
            publication.publish(1).await;
            // What was under way when the trouble ended may have been lost.
            let _ = timeout(Duration::from_secs(1), publication.told.changed()).await;
            publication.note();
        }
    }

    // Longer than what has left the list stays.
    publication.list(20).await;
    let (shelf, lists) = publication.end().await;
    let last = lists.last().expect("some");
    let listed = named(last);
    let left = objects(stored).await;
    assert!(listed.is_subset(&left), "{listed:?} {left:?}");
    // The list itself, and what left it within half a minute, or was still on its way: 2 s each.
    assert!(left.len() <= listed.len() + 1 + 16 + 4, "{} objects: {left:?}", left.len());
    assert!(!left.iter().any(|name| name.ends_with(".ts")), "{left:?}");
    assert_eq!(left.iter().filter(|name| name.ends_with(".mp4")).count(), 1, "{left:?}");
    drop(shelf);

    // A process ended before it listed what it had kept; another one, which is not to be disturbed, has begun.
    for name in ["3/99-unlisted.ts", "9/0-later.ts"] {
        let path = object_store::path::Path::from(format!("live/{}/{name}", room()));
        stored.put(&path, "left".into()).await.expect("it answers");
    }
    let mut next = Publication::begin(again(), 8, &now).await;
    next.publish(1).await;
    next.list(2).await;
    follows(&List { ended: false, ..last.clone() }, &next.lists[0]).unwrap_or_else(|broken| panic!("{broken}"));
    let (shelf, lists) = next.end().await;
    let after = lists.last().expect("some");
    // It is H.264 again, and so it is MPEG-TS.
    let begins = last.sequence + last.entries.len() as u64;
    assert_eq!((after.sequence, after.version, after.entries.len()), (begins, 3, 3), "{after:?}");
    assert!(after.entries[0].discontinuous && !after.entries[1].discontinuous, "{after:?}");
    assert_eq!(pictures(stored, after).await, 150);
    shelf.remove().await;
    assert_eq!(objects(stored).await, BTreeSet::from(["9/0-later.ts".to_owned()]));
}

/// Over a store that is told what to do.
async fn kept_over(inner: Arc<dyn ObjectStore>, again: impl FnOnce() -> Arc<dyn ObjectStore>) {
    let store = Arc::new(Failing::over(Arc::clone(&inner)));
    let told = Arc::clone(&store);
    kept(store, &*inner, again, async |trouble| {
        told.hangs.store(trouble == Trouble::Hangs, Ordering::Relaxed);
        told.fails.store(trouble == Trouble::Fails, Ordering::Relaxed);
    })
    .await;
}

#[tokio::test]
async fn a_stream_is_kept_in_memory() {
    let memory = open("memory", []).expect("an address");
    kept_over(Arc::clone(&memory), || memory).await;
}

#[tokio::test]
async fn a_stream_is_kept_in_files() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("stores-{}/in/here", std::process::id()));
    let address = format!("file:{}", folder.display());
    let files = || open(&address, []).expect("it can be written");
    kept_over(files(), files).await;
    let mode = std::fs::metadata(&folder).expect("it was made").permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "nobody else can list what is there");
    let left = folder.join("live").join(room().to_string());
    let left: Vec<_> = std::fs::read_dir(left).expect("one is left").flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, ["9"], "folders that became empty are removed");
    std::fs::remove_dir_all(folder.parent().and_then(Path::parent).expect("a folder")).expect("it was made");
}

#[tokio::test]
async fn a_stream_is_kept_by_a_server_that_speaks_s3() {
    let mut server = Seaweed::start().await;
    let variables = server.variables();
    let s3 = || open("s3://streams/of/a/node", variables.clone()).expect("an address");
    kept(s3(), &*s3(), s3, async |trouble| match trouble {
        Trouble::Hangs => server.pause(),
        Trouble::Fails => server.stop(),
        Trouble::Over => {
            server.go_on();
            server.restart_if_stopped().await;
        }
    })
    .await;
    // What is asked with another secret is refused, and soon.
    let wrong =
        variables.iter().map(|(name, value)| (name.clone(), value.replace("secret", "wrong"))).collect::<Vec<_>>();
    let error = Shelf::open(open("s3://streams", wrong).expect("an address"), room(), Position(1), MOST).await;
    let error = error.expect_err("it is not his").to_string();
    assert!(error.contains("403") || error.contains("Forbidden") || error.contains("permission"), "{error}");
    assert!(!error.contains("wrong"), "{error}");
}

#[test]
fn what_names_no_store_is_refused() {
    for address in [
        "",
        "files",
        "file:",
        "file:here",
        "file://host/here",
        "s3://",
        "s3:///key",
        "s3://key:secret@here",
        "http://here",
    ] {
        let error = open(address, []).expect_err(address).to_string();
        assert!(error.contains("s3://bucket/prefix") && !error.contains("secret"), "{address}: {error}");
    }
    for address in ["s3://bucket", "s3://bucket/", "s3://bucket/a/b"] {
        open(address, []).unwrap_or_else(|error| panic!("{address}: {error}"));
    }
}
