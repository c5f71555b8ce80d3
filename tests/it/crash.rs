//! The server or PostgreSQL is killed at a random moment, under load.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::support::{
    Address, Cluster, Entry, Guest, Server, TempDir, assert_verified, compare, number, random, read_until, rounds,
    write,
};

/// Two rooms, four writers, a reader in each room that stays over all crashes.
struct Load {
    database: String,
    address: Address,
    rooms: Vec<String>,
    writers: Vec<Guest>,
    readers: Vec<(JoinHandle<Vec<i64>>, Arc<AtomicI64>)>,
    entries: Vec<Entry>,
}

impl Load {
    async fn new(url: &str, database: &str) -> Self {
        let address = Address::new(url);
        let (mut rooms, mut writers, mut readers) = (Vec::new(), Vec::new(), Vec::new());
        for name in ["a", "b", "c", "d"] {
            writers.push(Guest::new(url, name).await);
        }
        for _ in 0..2 {
            let room = writers[0].room().await;
            for writer in &writers[1..] {
                writer.join(&room).await;
            }
            let last = Arc::new(AtomicI64::new(0));
            let until = Arc::clone(&last);
            let end = move || Some(until.load(Ordering::Relaxed)).filter(|last| *last > 0);
            readers.push((tokio::spawn(read_until(writers[1].clone(), room.clone(), address.clone(), 0, end)), last));
            rooms.push(room);
        }
        Self { database: database.to_owned(), address, rooms, writers, readers, entries: Vec::new() }
    }

    /// One crash: `crash` runs under load, and gives back when commands are taken again.
    async fn cycle(&mut self, number: usize, crash: impl AsyncFnOnce(&Address)) {
        let stop = Arc::new(AtomicBool::new(false));
        let start = |(index, writer): (usize, &Guest)| {
            let name = format!("k{number}-{index}");
            tokio::spawn(write(writer.clone(), self.rooms.clone(), self.address.clone(), name, Arc::clone(&stop)))
        };
        let tasks: Vec<_> = self.writers.iter().enumerate().map(start).collect();
        tokio::time::sleep(Duration::from_millis(30 + random(250))).await;
        crash(&self.address).await;
        stop.store(true, Ordering::Relaxed);
        let mut fresh = Vec::new();
        for task in tasks {
            fresh.extend(task.await.expect("writers do not panic"));
        }
        self.check(fresh, number).await;
    }

    async fn check(&mut self, mut fresh: Vec<Entry>, number: usize) {
        let failed = fresh.iter().filter(|entry| !entry.accepted()).count();
        assert!(fresh.len() > failed, "cycle {number}: nothing was accepted at all");
        let accepted = fresh.iter().rev().find(|entry| entry.accepted()).cloned().expect("there is one");
        for entry in fresh.iter_mut().filter(|entry| !entry.accepted()) {
            entry.insist(&self.address).await;
        }
        let mut again = accepted.clone();
        again.insist(&self.address).await;
        assert_eq!(again.answer, accepted.answer, "cycle {number}: a repeat of {}", again.key);
        self.entries.extend(fresh);
        compare(&self.database, &self.entries).await;
        assert_verified(&self.database);
    }

    async fn finish(self) {
        for ((reader, last), room) in self.readers.into_iter().zip(&self.rooms) {
            let head = number(&self.database, &format!("SELECT max(seq) FROM events WHERE stream_id = '{room}'")).await;
            last.store(head, Ordering::Relaxed);
            let seen = reader.await.expect("readers do not panic");
            assert!(seen.iter().copied().eq(1..=head), "a reader of {room} up to {head} saw {seen:?}");
        }
        let holes = number(&self.database, "SELECT max(position) - count(*) FROM events").await;
        assert_eq!(holes, 0, "positions without an event");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_kills_of_the_server() {
    let database = Cluster::shared().database().await;
    let dir = TempDir::new();
    let mut server = Some(Server::start(&database, dir.path()));
    let mut load = Load::new(&server.as_ref().expect("it runs").url, &database).await;
    for number in 0..rounds(4, 50) {
        let crash = async |address: &Address| {
            server.take().expect("it runs").kill();
            let next = Server::start(&database, dir.path());
            address.set(&next.url);
            server = Some(next);
        };
        load.cycle(number, crash).await;
    }
    load.finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_survives_crashes_of_postgresql() {
    let cluster = Cluster::private();
    let database = cluster.database().await;
    let dir = TempDir::new();
    let server = Server::start(&database, dir.path());
    let mut load = Load::new(&server.url, &database).await;
    for number in 0..rounds(4, 50) {
        let crash = async |_: &Address| {
            cluster.stop_immediately();
            cluster.start();
        };
        load.cycle(number, crash).await;
    }
    load.finish().await;
}
