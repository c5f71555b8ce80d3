//! Two servers over one database.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::{Connection, Executor, PgConnection};
use tokio::task::JoinHandle;

use crate::support::{
    Address, Cluster, Entry, Guest, SOON, Server, TempDir, World, assert_verified, compare, number, open, random,
    read_until, rounds, synctv, write,
};

/// Five times what a user would notice, because the machine is busy.
const NOTICED: Duration = Duration::from_secs(5);

struct Nodes {
    world: World,
    other: Server,
    _dir: TempDir,
}

impl Nodes {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(settings: &[(&str, &str)]) -> Self {
        let world = World::with(settings).await;
        let dir = TempDir::new();
        let mut command = synctv(&[]);
        command.env("DATABASE_URL", &world.database).envs(settings.iter().copied());
        Self { other: Server::spawn(&mut command, dir.path()), world, _dir: dir }
    }

    fn urls(&self) -> [&str; 2] {
        [&self.world.server.url, &self.other.url]
    }

    /// Four writers, two at each node, and their rooms.
    async fn writers(&self, count: usize) -> (Vec<Guest>, Vec<String>) {
        let (mut writers, mut rooms) = (Vec::new(), Vec::new());
        for index in 0..4 {
            writers.push(Guest::new(self.urls()[index % 2], &format!("w{index}")).await);
        }
        for _ in 0..count {
            let room = writers[0].room().await;
            for writer in &writers[1..] {
                writer.join(&room).await;
            }
            rooms.push(room);
        }
        (writers, rooms)
    }
}

/// Write until stopped, each at their own node.
fn start(writers: &[Guest], rooms: &[String], stop: &Arc<AtomicBool>) -> Vec<JoinHandle<Vec<Entry>>> {
    let task = |(index, writer): (usize, &Guest)| {
        let address = Address::new(&writer.url);
        tokio::spawn(write(writer.clone(), rooms.to_vec(), address, format!("k{index}"), Arc::clone(stop)))
    };
    writers.iter().enumerate().map(task).collect()
}

async fn finish(tasks: Vec<JoinHandle<Vec<Entry>>>, stop: &AtomicBool) -> Vec<Entry> {
    stop.store(true, Ordering::Relaxed);
    let mut entries = Vec::new();
    for task in tasks {
        entries.extend(task.await.expect("writers do not panic"));
    }
    entries
}

/// A transaction that has written and looked, and does not end.
async fn open_transaction(database: &str) -> PgConnection {
    let mut connection = open(database).await;
    let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ; CREATE TABLE foreign_table (a int); INSERT INTO foreign_table VALUES (1)";
    connection.execute(begin).await.expect("it is allowed");
    connection
}

/// Comes to each room again and again, and goes at once: what the node learns of the head then must not cost others events.
async fn pass_by(who: Guest, rooms: Vec<String>, stop: Arc<AtomicBool>) {
    for room in rooms.iter().cycle() {
        if stop.load(Ordering::Relaxed) {
            return;
        }
        drop(who.follow(room, "0").await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_from_anywhere_see_one_sequence_whoever_writes_and_whatever_is_open_elsewhere() {
    let nodes = Nodes::new().await;
    let (writers, rooms) = nodes.writers(4).await;
    let another = Cluster::shared().database().await;
    let foreign = [open_transaction(&nodes.world.database).await, open_transaction(&another).await];
    let stop = Arc::new(AtomicBool::new(false));
    // The last room is written at one node only.
    let mut tasks = start(&writers, &rooms[..3], &stop);
    let (address, alone) = (Address::new(&writers[0].url), vec![rooms[3].clone()]);
    tasks.push(tokio::spawn(write(writers[0].clone(), alone, address, "alone".to_owned(), Arc::clone(&stop))));
    let passing = tokio::spawn(pass_by(writers[1].clone(), rooms.clone(), Arc::clone(&stop)));
    let (mut readers, ends) = (Vec::new(), Arc::new([const { AtomicI64::new(0) }; 4]));
    for number in 0..rounds(24, 200) {
        let (room, who) = (number % rooms.len(), writers[number % 4].at(nodes.urls()[number / 4 % 2]));
        let head = who.snapshot(&rooms[room]).await.ok()["seq"].as_i64().expect("a seq");
        let after = random(head as u64 + 1) as i64;
        let (address, ends) = (Address::new(&who.url), Arc::clone(&ends));
        let last = move || Some(ends[room].load(Ordering::Relaxed)).filter(|last| *last > 0);
        readers.push((room, after, tokio::spawn(read_until(who, rooms[room].clone(), address, after, last))));
    }
    let entries = finish(tasks, &stop).await;
    passing.await.expect("it does not panic");
    let mut heads = Vec::new();
    for (room, end) in rooms.iter().zip(ends.iter()) {
        let head =
            number(&nodes.world.database, &format!("SELECT max(seq) FROM events WHERE stream_id = '{room}'")).await;
        end.store(head, Ordering::Relaxed);
        heads.push(head);
    }
    for (room, after, reader) in readers {
        let seen = tokio::time::timeout(SOON, reader).await;
        let seen =
            seen.unwrap_or_else(|_| panic!("a reader of room {room} after {after} does not get to {}", heads[room]));
        let seen = seen.expect("it does not panic");
        let wanted: Vec<i64> = (after + 1..=heads[room]).collect();
        assert_eq!(seen, wanted, "a reader after {after}");
    }
    for transaction in foreign {
        transaction.close().await.expect("nobody has ended it");
    }
    assert_all_stored(&nodes, &entries).await;
}

/// Every command of `entries` was accepted at its first try, and is in the log once.
async fn assert_all_stored(nodes: &Nodes, entries: &[Entry]) {
    let refused: Vec<_> = entries.iter().filter(|entry| !entry.accepted()).map(|it| (&it.key, &it.answer)).collect();
    assert!(refused.is_empty(), "{} of {} refused: {refused:?}", refused.len(), entries.len());
    compare(&nodes.world.database, entries).await;
    assert_eq!(number(&nodes.world.database, "SELECT max(position) - count(*) FROM events").await, 0, "a gap");
    assert_verified(&nodes.world.database);
}

/// Many senders at once in each of some rooms, so many at each node.
async fn hammer(count: usize, senders: [usize; 2]) {
    let nodes = Nodes::new().await;
    let (writers, rooms) = nodes.writers(count).await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut tasks = Vec::new();
    for (node, count) in senders.into_iter().enumerate() {
        for (index, room) in rooms.iter().enumerate() {
            for sender in 0..count {
                let (address, name) = (Address::new(&writers[node].url), format!("k{node}-{index}-{sender}"));
                let (writer, rooms, stop) = (writers[node].clone(), vec![room.clone()], Arc::clone(&stop));
                tasks.push(tokio::spawn(write(writer, rooms, address, name, stop)));
            }
        }
    }
    tokio::time::sleep(Duration::from_secs(rounds(3, 60) as u64)).await;
    let entries = finish(tasks, &stop).await;
    let counts = [0, 1].map(|node| entries.iter().filter(|it| it.who.url == nodes.urls()[node]).count());
    println!("{senders:?} senders: {counts:?} commands");
    let refused: Vec<_> = entries.iter().filter(|it| !it.accepted()).map(|it| (&it.key, &it.answer)).collect();
    assert!(refused.is_empty(), "{} of {} commands refused: {refused:?}", refused.len(), entries.len());
    // A node that always loses would have been refused at its deadline, or nearly so.
    for (count, senders) in counts.into_iter().zip(senders) {
        assert!(count >= 2 * senders, "{senders:?} senders sent {counts:?} commands");
    }
    assert_all_stored(&nodes, &entries).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_that_hammer_one_room_refuse_no_valid_command() {
    hammer(1, [8, 8]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_servers_that_share_dozens_of_busy_rooms_refuse_no_valid_command() {
    hammer(40, [2, 2]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_single_sender_is_not_starved_by_a_busy_node() {
    hammer(1, [1, 24]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_stores_a_reader_at_the_other_sees_soon_and_foreign_transactions_delay_nobody() {
    let nodes = Nodes::new().await;
    let (writers, rooms) = nodes.writers(1).await;
    let another = Cluster::shared().database().await;
    let _foreign = [open_transaction(&nodes.world.database).await, open_transaction(&another).await];
    let head = writers[0].snapshot(&rooms[0]).await.ok()["seq"].as_i64().unwrap();
    let mut stream = writers[1].follow(&rooms[0], &head.to_string()).await;
    let mut delays = Vec::new();
    for number in 1..=rounds(20, 200) as i64 {
        let began = Instant::now();
        let stored = writers[0].command(&rooms[0], json!({ "type": "chat.post", "text": "x" })).await;
        assert_eq!(stored.seqs(), [head + number], "{:#}", stored.body);
        let seen = tokio::time::timeout(SOON, stream.next()).await.expect("it arrives").expect("the stream goes on");
        assert_eq!(seen.seq(), head + number);
        delays.push(began.elapsed());
    }
    delays.sort();
    let (median, worst) = (delays[delays.len() / 2], delays[delays.len() - 1]);
    assert!(median < Duration::from_secs(1) && worst < NOTICED, "median {median:?}, worst {worst:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_used_at_both_nodes_at_once_is_stored_once() {
    let nodes = Nodes::new().await;
    let (writers, rooms) = nodes.writers(1).await;
    let mut entries = Vec::new();
    for number in 0..rounds(20, 300) {
        let body = json!({ "type": "chat.post", "text": "x" });
        let entry = Entry::new(&writers[0], &rooms[0], body, format!("k-{number}"));
        let tasks = [0, 1, 0, 1].map(|node| {
            let (mut entry, url) = (entry.clone(), nodes.urls()[node].to_owned());
            tokio::spawn(async move {
                entry.send(&url).await;
                entry
            })
        });
        for task in tasks {
            entries.push(task.await.unwrap());
        }
        let answers: Vec<_> = entries[4 * number..].iter().map(|entry| entry.answer.clone()).collect();
        assert!(answers.windows(2).all(|two| two[0] == two[1]), "k-{number} was answered differently: {answers:#?}");
    }
    assert_all_stored(&nodes, &entries).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_at_one_node_follows_from_what_the_other_stored() {
    let nodes = Nodes::new().await;
    let (writers, rooms) = nodes.writers(1).await;
    let (owner, member) = (&writers[0], &writers[1]);
    let chat = json!({ "type": "chat.post", "text": "x" });
    for number in 0..rounds(10, 100) {
        member.command(&rooms[0], chat.clone()).await.ok();
        owner.command(&rooms[0], json!({ "type": "member.kick", "member": member.id })).await.ok();
        let refused = member.command(&rooms[0], chat.clone()).await;
        assert_eq!((refused.status, refused.code()), (403, "not_a_member"), "round {number}: {:#}", refused.body);
        let read = member.snapshot(&rooms[0]).await;
        assert_eq!((read.status, read.code()), (403, "not_a_member"), "round {number}: {:#}", read.body);
        owner.forgive(&rooms[0], member).await;
        member.join(&rooms[0]).await;
    }
    assert_verified(&nodes.world.database);
}
