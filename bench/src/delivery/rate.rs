//! Deliveries a second and core: a room of readers and as many commands as it takes, against the bare broadcaster with
//! messages of the same size.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::people::{Guest, Socket};
use super::{AUDIENCE, Process};
use crate::failure::Failure;

/// Writers side by side.
const WRITERS: usize = 16;

/// Per second of the server's CPU time, and per second; and the size of a message.
pub async fn ours(server: &Process, length: Duration) -> Result<(f64, f64, usize), Failure> {
    let guest = Guest::new(&server.host).await?;
    let room = guest.room().await?;
    let mut readers = Vec::new();
    for _ in 0..AUDIENCE {
        readers.push(guest.follow(&room, "now").await?);
    }
    let write = move || {
        let (guest, room) = (guest.clone(), room.clone());
        async move { guest.say(&room, "x").await.map(drop) }
    };
    measure(server, readers, write, length).await
}

/// The same of the bare broadcaster.
pub async fn peers(peer: &Process, size: usize, length: Duration) -> Result<(f64, f64, usize), Failure> {
    let mut readers = Vec::new();
    for _ in 0..AUDIENCE {
        readers.push(Socket::open(&peer.host, "/ws").await?);
    }
    let (http, url, text) = (reqwest::Client::new(), format!("http://{}/say", peer.host), "x".repeat(size));
    let write = move || {
        let request = http.post(&url).body(text.clone());
        async move { request.send().await.map(drop).map_err(|error| Failure::Delivery(error.to_string())) }
    };
    measure(peer, readers, write, length).await
}

async fn measure<F: Future<Output = Result<(), Failure>> + Send>(
    server: &Process,
    readers: Vec<Socket>,
    write: impl Fn() -> F + Clone + Send + 'static,
    length: Duration,
) -> Result<(f64, f64, usize), Failure> {
    let (delivered, size) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicUsize::new(0)));
    let mut reading = JoinSet::new();
    for mut reader in readers {
        let (delivered, size) = (Arc::clone(&delivered), Arc::clone(&size));
        reading.spawn(async move {
            while let Ok(text) = reader.hear().await {
                delivered.fetch_add(1, Ordering::Relaxed);
                size.store(text.len(), Ordering::Relaxed);
            }
        });
    }
    let (started, cpu) = (Instant::now(), server.cpu_s());
    let mut writing = JoinSet::new();
    for _ in 0..WRITERS {
        let write = write.clone();
        writing.spawn(async move {
            while started.elapsed() < length {
                write().await?;
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(done) = writing.join_next().await {
        done??;
    }
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let count = delivered.load(Ordering::Relaxed) as f64;
    let (cpu, seconds) = (server.cpu_s() - cpu, started.elapsed().as_secs_f64());
    Ok((count / cpu, count / seconds, size.load(Ordering::Relaxed)))
}
