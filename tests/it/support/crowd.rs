//! People who write and follow at all nodes of a fleet, and the ledger of what became of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use sqlx::Row;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::assert_verified;
use super::client::Guest;
use super::cluster::open;
use super::database::{SOON, number};
use super::fleet::{Fleet, NODES};
use super::ledger::{Address, Entry, compare};
use super::subscriber::{Record, Subscriber, WAYS};
use super::wait::eventually;
use super::writer::{Deeds, Writer};

/// Between two commands of a writer.
const PAUSE: Duration = Duration::from_millis(10);

/// Between looks at where everybody is.
const LOOK: Duration = Duration::from_millis(20);

/// A load over three rooms: two writers at each node, and in each room somebody of every way to follow, at every node.
pub struct Crowd {
    database: String,
    pub rooms: Vec<String>,
    pub people: Vec<Guest>,
    pub places: Vec<Address>,
    stop: Arc<AtomicBool>,
    /// How many writers there were.
    names: usize,
    writers: Vec<JoinHandle<Deeds>>,
    subscribers: Vec<(usize, Arc<AtomicI64>, JoinHandle<Record>)>,
    ends: Vec<Arc<AtomicI64>>,
}

/// What became of a run.
#[derive(Debug, Default)]
pub struct Tally {
    pub acknowledged: usize,
    pub stored: usize,
    pub seen: usize,
    pub lost: usize,
    pub doubled: usize,
    pub reordered: usize,
    /// Of all subscribers.
    pub returns: usize,
    pub resets: Vec<usize>,
    pub drains: Vec<i64>,
    pub troubles: Vec<String>,
    pub slowest: Duration,
}

impl Crowd {
    /// Comes to a fleet, and begins.
    pub async fn new(fleet: &Fleet) -> Self {
        let mut crowd = Self::silent(fleet, NODES).await;
        crowd.write();
        crowd
    }

    /// Only followers, in so many rooms.
    pub async fn silent(fleet: &Fleet, rooms: usize) -> Self {
        let places = fleet.places();
        let mut people = Vec::new();
        for (node, place) in places.iter().enumerate() {
            people.push(Guest::new(&place.get(), &format!("p{node}")).await);
        }
        let mut crowd = Self {
            database: fleet.database.clone(),
            rooms: Vec::new(),
            people,
            places,
            stop: Arc::default(),
            names: 0,
            writers: Vec::new(),
            subscribers: Vec::new(),
            ends: (0..rooms).map(|_| Arc::default()).collect(),
        };
        for room in 0..rooms {
            crowd.open(room).await;
        }
        crowd
    }

    async fn open(&mut self, number: usize) {
        let room = self.people[0].room().await;
        for other in &self.people[1..] {
            other.join(&room).await;
        }
        for node in 0..NODES {
            for way in WAYS {
                let subscriber = Subscriber::new(way, &self.people[node], &room, (self.places.clone(), node));
                let progress = subscriber.progress();
                let task = tokio::spawn(subscriber.until(Arc::clone(&self.ends[number])));
                self.subscribers.push((number, progress, task));
            }
        }
        self.rooms.push(room);
    }

    /// Lets two write at each node, until they are stopped.
    pub fn write(&mut self) {
        for number in 0..2 * NODES {
            self.write_at(number % NODES, usize::MAX, PAUSE);
        }
    }

    /// Lets somebody write at a node, so many commands at most.
    pub fn write_at(&mut self, at: usize, most: usize, pause: Duration) {
        self.names += 1;
        let writer = Writer {
            who: self.people[at].clone(),
            name: format!("k{}", self.names),
            rooms: self.rooms.clone(),
            places: self.places.clone(),
            at,
            pause,
            most,
        };
        self.writers.push(tokio::spawn(writer.run(Arc::clone(&self.stop))));
    }

    /// Position of the last event.
    pub async fn head(&self) -> i64 {
        number(&self.database, "SELECT max(position) FROM events").await
    }

    /// Waits until so many more events are stored.
    pub async fn goes_on(&self, events: i64) {
        let before = self.head().await;
        eventually("more events", async || (self.head().await >= before + events).then_some(())).await;
    }

    /// Waits until every follower has what is stored by now.
    pub async fn caught_up(&self) {
        let heads = self.heads().await;
        let began = Instant::now();
        while self.progress().iter().any(|(room, seq, _)| *seq < heads[*room]) {
            assert!(began.elapsed() < SOON, "not everybody gets to {heads:?}: {:?}", self.progress());
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The room of every follower, the last seq they have, and who it is.
    fn progress(&self) -> Vec<(usize, i64, String)> {
        let one = |(number, (room, progress, _)): (usize, &(usize, Arc<AtomicI64>, _))| {
            let way = WAYS[number % WAYS.len()];
            (*room, progress.load(Ordering::Relaxed), format!("{way:?} {}", number / WAYS.len() % NODES))
        };
        self.subscribers.iter().enumerate().map(one).collect()
    }

    async fn heads(&self) -> Vec<i64> {
        let mut heads = Vec::new();
        for room in &self.rooms {
            let sql = format!("SELECT max(seq) FROM events WHERE stream_id = '{room}'");
            heads.push(number(&self.database, &sql).await);
        }
        heads
    }

    /// Stops those who write by now.
    pub async fn stop(&mut self) -> Vec<Deeds> {
        std::mem::take(&mut self.stop).store(true, Ordering::Relaxed);
        self.written().await
    }

    /// Waits for writers that end by themselves.
    pub async fn written(&mut self) -> Vec<Deeds> {
        let mut all = Vec::new();
        for writer in self.writers.drain(..) {
            all.push(writer.await.expect("writers do not panic"));
        }
        all
    }

    /// Stops, and compares: every acknowledged command is in the log once, in its place; every follower saw every event of
    /// their room once and in order; the log is whole.
    pub async fn finish(mut self, what: &str) -> Tally {
        let deeds = self.stop().await;
        self.settle(deeds, what).await
    }

    /// As [`Crowd::finish`], of writers that have ended.
    pub async fn settle(mut self, deeds: Vec<Deeds>, what: &str) -> Tally {
        let mut tally = Tally::default();
        let mut entries = Vec::new();
        for done in deeds {
            entries.extend(done.entries);
            tally.troubles.extend(done.troubles);
            tally.slowest = tally.slowest.max(done.slowest);
        }
        self.caught_up().await;
        // Whatever comes once more comes before the last word.
        for (number, room) in self.rooms.iter().enumerate() {
            let body = serde_json::json!({ "type": "chat.post", "text": "the end" });
            let mut end = Entry::new(&self.people[0], room, body, format!("end-{number}"));
            end.insist(&self.places[0]).await;
            entries.push(end);
        }
        for (end, head) in self.ends.iter().zip(self.heads().await) {
            end.store(head, Ordering::Relaxed);
        }
        tally.acknowledged = entries.len();
        self.records(&mut tally).await;
        println!("{what}: {}", tally.line());
        compare(&self.database, &entries).await;
        let holes = number(&self.database, "SELECT max(position) - count(*) FROM events").await;
        assert_eq!(holes, 0, "positions without an event");
        assert_verified(&self.database);
        assert_eq!((tally.lost, tally.doubled, tally.reordered), (0, 0, 0), "{what}");
        tally
    }

    async fn records(&mut self, tally: &mut Tally) {
        let mut stored: BTreeMap<usize, Vec<(i64, String)>> = BTreeMap::new();
        for (number, room) in self.rooms.iter().enumerate() {
            stored.insert(number, events(&self.database, room).await);
        }
        tally.stored = stored.values().map(Vec::len).sum();
        for (room, _, subscriber) in self.subscribers.drain(..) {
            let record = timeout(SOON, subscriber).await.expect("it ends").expect("it does not panic");
            tally.add(&record, &stored[&room]);
        }
    }
}

impl Tally {
    fn add(&mut self, record: &Record, stored: &[(i64, String)]) {
        let seen: BTreeSet<_> = record.events.iter().collect();
        self.seen += record.events.len();
        self.lost += stored.iter().filter(|event| !seen.contains(event)).count();
        self.doubled += record.events.len() - seen.len();
        self.reordered += record.events.windows(2).filter(|two| two[0].0 > two[1].0).count();
        let strange: Vec<_> = record.events.iter().filter(|event| !stored.contains(event)).collect();
        assert!(strange.is_empty(), "{} in {}: not in the log", strange.len(), record.room);
        self.returns += record.returns;
        self.resets.push(record.resets);
        self.drains.extend(&record.drains);
    }

    /// The ledger in one line.
    pub fn line(&self) -> String {
        format!(
            "{} acknowledged, {} stored, {} seen, lost {}, doubled {}, reordered {}; {} troubles, slowest {:?}, {} connections",
            self.acknowledged,
            self.stored,
            self.seen,
            self.lost,
            self.doubled,
            self.reordered,
            self.troubles.len(),
            self.slowest,
            self.returns
        )
    }

    /// No command failed, and none took longer than that.
    #[track_caller]
    pub fn assert_untroubled(&self, longest: Duration) {
        assert!(self.troubles.is_empty(), "{} troubles: {:?}", self.troubles.len(), self.troubles);
        assert!(self.slowest < longest, "a command took {:?}", self.slowest);
    }
}

/// Seq and id of every event of a room.
async fn events(database: &str, room: &str) -> Vec<(i64, String)> {
    let mut connection = open(database).await;
    let sql = "SELECT seq, event_id FROM events WHERE stream_id = $1 ORDER BY seq";
    let rows = sqlx::query(sql).bind(room).fetch_all(&mut connection).await.expect("the table is there");
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}
