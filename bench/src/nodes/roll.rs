//! A rolling restart under thousands of readers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use rand::Rng;
use tokio::task::JoinSet;

use super::Figure;
use super::clients::Clients;
use super::cluster::Cluster;
use super::follower::Follower;
use crate::delivery::{Guest, Process};
use crate::failure::Failure;
use crate::redis::PrivateRedis;

const CLIENTS: usize = 5000;
const ROOMS: usize = 50;
const NODES: usize = 3;
/// Between two commands, each to one of the rooms at one of the nodes.
const PAUSE: Duration = Duration::from_millis(50);
/// Before the first restart, and behind the last.
const QUIET: Duration = Duration::from_secs(2);
const PATIENCE: Duration = Duration::from_secs(30);
const PAGES: &str = "synctv_fallback_pages_total{source=\"read\"}";

struct Room {
    guest: Guest,
    id: String,
    epoch: String,
    seq: i64,
}

/// Clients follow rooms over three nodes, which are stopped and started one after the other while somebody writes.
///
/// `s`: the longest time from the order to stop a node until all clients that were at it have what they missed and are live at
/// another one. `total`: from the first order to the last client. `pages`: read from the log for readers by all nodes.
/// Whoever misses an event, sees one twice or out of order ends the run.
pub async fn roll(database: &str, redis: &PrivateRedis) -> Result<Vec<Figure>, Failure> {
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let mut cluster = Cluster::start(database, Some(redis), NODES).await?;
    let rooms = Arc::new(rooms(&cluster).await?);
    let hosts = cluster.nodes.iter().map(|node| node.host.clone()).collect();
    let clients = Arc::new(Clients::new(hosts, CLIENTS));
    let (mut following, seqs) = follow(&rooms, &clients);
    let writing = Arc::new(AtomicBool::new(true));
    let writer = tokio::spawn(write(Arc::clone(&rooms), Arc::clone(&clients), Arc::clone(&writing)));
    let course = async {
        clients.settled(NODES, Instant::now()).await?;
        tokio::time::sleep(QUIET).await;
        // That thousands come at once is another figure's affair.
        clients.failed.store(0, Ordering::Relaxed);
        let rolled = restart_all(&mut cluster, &clients).await?;
        tokio::time::sleep(QUIET).await;
        writing.store(false, Ordering::Relaxed);
        let written = writer.await??;
        all_told(&rooms, &clients, &seqs).await?;
        Ok::<_, Failure>((rolled, written))
    };
    let (mut figures, written) = tokio::select! {
        course = course => course?,
        Some(broken) = following.join_next() => return Err(broken?.err().unwrap_or(Failure::Delivery("a client ended".to_owned()))),
    };
    following.shutdown().await;
    let counts = [
        ("written", written),
        ("delivered", clients.delivered.load(Ordering::Relaxed)),
        ("failed", clients.failed.load(Ordering::Relaxed)),
    ];
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    figures.extend(counts.map(|(name, count)| Figure::from((name, count as f64))));
    cluster.stop().await?;
    Ok(figures)
}

async fn rooms(cluster: &Cluster<'_>) -> Result<Vec<Room>, Failure> {
    let mut rooms = Vec::new();
    for number in 0..ROOMS {
        let guest = Guest::new(&cluster.nodes[number % NODES].host).await?;
        let id = guest.room().await?;
        let (epoch, seq) = guest.place(&id).await?;
        rooms.push(Room { guest, id, epoch, seq });
    }
    Ok(rooms)
}

/// Everybody, and how far each has come.
fn follow(rooms: &[Room], clients: &Arc<Clients>) -> (JoinSet<Result<(), Failure>>, Vec<Arc<AtomicI64>>) {
    let mut following = JoinSet::new();
    let mut seqs = Vec::new();
    for number in 0..CLIENTS {
        let room = &rooms[number % ROOMS];
        let seq = Arc::new(AtomicI64::new(room.seq));
        seqs.push(Arc::clone(&seq));
        let (guest, id, epoch) = (room.guest.clone(), room.id.clone(), room.epoch.clone());
        following.spawn(Follower { guest, room: id, epoch, seq, number, clients: Arc::clone(clients) }.run());
    }
    (following, seqs)
}

/// One command after the other, at nodes that take them; gives how many were accepted.
async fn write(rooms: Arc<Vec<Room>>, clients: Arc<Clients>, writing: Arc<AtomicBool>) -> Result<u64, Failure> {
    let mut written = 0;
    while writing.load(Ordering::Relaxed) {
        tokio::time::sleep(PAUSE).await;
        let (room, node) = (rand::rng().random_range(0..ROOMS), rand::rng().random_range(0..NODES));
        let Room { guest, id, .. } = &rooms[room];
        // A node that is being restarted takes none.
        written += u64::from(guest.at(clients.host(node)).say(id, "x").await.is_ok());
    }
    Ok(written)
}

async fn restart_all(cluster: &mut Cluster<'_>, clients: &Clients) -> Result<Vec<Figure>, Failure> {
    let began = Instant::now();
    let (mut longest, mut total, mut pages) = (0.0_f64, 0.0, -read(&cluster.nodes).await?);
    for number in 0..NODES {
        let ordered = Instant::now();
        pages += read(&cluster.nodes[number..=number]).await?;
        cluster.restart(number).await?;
        let last = clients.settled(number, ordered).await?;
        let seconds = last.duration_since(ordered).as_secs_f64();
        eprintln!("  node {number}: all live after {seconds:.2} s");
        (longest, total) = (longest.max(seconds), last.duration_since(began).as_secs_f64());
    }
    pages += read(&cluster.nodes).await?;
    Ok([("s", longest), ("total", total), ("pages", pages)].map(Figure::from).into())
}

async fn read(nodes: &[Process]) -> Result<f64, Failure> {
    let mut pages = 0.0;
    for node in nodes {
        pages += node.metric(PAGES).await?;
    }
    Ok(pages)
}

/// Waits until every client has seen its room's last event.
async fn all_told(rooms: &[Room], clients: &Clients, seqs: &[Arc<AtomicI64>]) -> Result<(), Failure> {
    let mut heads = Vec::new();
    for Room { guest, id, .. } in rooms {
        heads.push(guest.at(clients.host(0)).place(id).await?.1);
    }
    let missing = || -> i64 {
        let each = seqs.iter().enumerate().map(|(number, seq)| heads[number % ROOMS] - seq.load(Ordering::Relaxed));
        each.sum()
    };
    let told = async {
        while missing() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let lost = |_| Failure::Delivery(format!("{} events never came", missing()));
    tokio::time::timeout(PATIENCE, told).await.map_err(lost)
}
