//! Readers that never read, beside those that do.

use std::time::Duration;

use tokio::net::TcpSocket;
use tokio::task::JoinSet;

use super::latency::age_ms;
use super::people::{Guest, Socket};
use super::recovery::fill;
use super::{Process, READERS};
use crate::failure::Failure;

const SLEEPERS: u32 = 200;
/// Between two events: a busy room.
const PAUSE: Duration = Duration::from_millis(5);
/// Events that are more than the kernel keeps for a reader, each with this much text.
const FLOOD: i64 = 3000;
const TEXT: usize = 2000;
const CLOSED: &str = "synctv_closes_total{code=\"4008\"}";

pub struct Sleepers {
    /// From commit to socket without them, ms: the 99th of a hundred.
    pub alone: f64,
    /// The same while the server waits for each of them.
    pub beside: f64,
    /// Resident memory that the server has more, for each of them.
    pub kib: f64,
}

/// The room is measured without them, then with them.
pub async fn sleepers(server: &Process, length: Duration) -> Result<Sleepers, Failure> {
    let guest = Guest::new(&server.host).await?;
    let room = guest.room().await?;
    let text = "x".repeat(TEXT);
    // What the room keeps of its events is not theirs.
    fill(&guest, &room, &text, 300).await?;
    let alone = watch(&guest, &room, &text, length).await?;
    let before = server.memory_kib();
    let mut asleep = Vec::new();
    for _ in 0..SLEEPERS {
        asleep.push(sleeper(&guest, &room).await?);
    }
    fill(&guest, &room, &text, FLOOD).await?;
    let beside = watch(&guest, &room, &text, length).await?;
    let kib = (server.memory_kib() - before) / f64::from(SLEEPERS);
    let waited = tokio::time::timeout(Duration::from_secs(60), async {
        while server.metric(CLOSED).await? < f64::from(SLEEPERS) {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok::<_, Failure>(())
    });
    waited.await.map_err(|_| Failure::Delivery("the sleepers were not closed".to_owned()))??;
    Ok(Sleepers { alone, beside, kib })
}

async fn sleeper(guest: &Guest, room: &str) -> Result<Socket, Failure> {
    let failed = |error: std::io::Error| Failure::Delivery(error.to_string());
    let tcp = TcpSocket::new_v4().map_err(failed)?;
    tcp.set_recv_buffer_size(4096).map_err(failed)?;
    let address = guest.host.parse().map_err(|error: std::net::AddrParseError| Failure::Delivery(error.to_string()))?;
    guest.follow_over(tcp.connect(address).await.map_err(failed)?, room, "now").await
}

/// The 99th percentile of what readers see while somebody writes again and again.
async fn watch(guest: &Guest, room: &str, text: &str, length: Duration) -> Result<f64, Failure> {
    let events = usize::try_from(length.as_millis() / PAUSE.as_millis()).unwrap_or(1).max(1);
    let mut readers = JoinSet::new();
    for _ in 0..READERS / 5 {
        let mut socket = guest.follow(room, "now").await?;
        readers.spawn(async move {
            let mut taken = Vec::with_capacity(events);
            for _ in 0..events {
                taken.extend(age_ms(&socket.event().await?));
            }
            Ok::<_, Failure>(taken)
        });
    }
    for _ in 0..events {
        tokio::time::sleep(PAUSE).await;
        guest.say(room, text).await?;
    }
    let taken = super::latency::collect(readers).await?;
    Ok(taken.get(taken.len() * 99 / 100).copied().unwrap_or(f64::NAN))
}
