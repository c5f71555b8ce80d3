//! Everybody comes back at once, to a server that has just been started.

use std::time::Instant;

use tokio::task::JoinSet;

use super::Process;
use super::people::Guest;
use super::recovery::fill;
use crate::failure::Failure;

const CLIENTS: usize = 5000;
const ROOMS: usize = 50;
const MISSED: i64 = 10;
const PAGES: &str = "synctv_fallback_pages_total{source=\"read\"}";

/// Until every client has what it missed, s, tickets, upgrades and subscriptions included; and the pages that were read
/// from PostgreSQL for each room.
pub async fn storm(database: &str) -> Result<(f64, f64), Failure> {
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let mut rooms = Vec::new();
    {
        let server = Process::synctv(database)?;
        let guest = Guest::new(&server.host).await?;
        for _ in 0..ROOMS {
            let room = guest.room().await?;
            fill(&guest, &room, "x", 2 * MISSED).await?;
            let (epoch, seq) = guest.place(&room).await?;
            rooms.push((guest.clone(), room, format!("{epoch}:{}", seq - MISSED)));
        }
    }
    let server = Process::synctv(database)?;
    let started = Instant::now();
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let (guest, room, place) = rooms[client % ROOMS].clone();
        let guest = guest.at(&server.host);
        clients.spawn(async move {
            let mut socket = guest.follow(&room, &place).await?;
            for _ in 0..MISSED {
                socket.event().await?;
            }
            Ok::<_, Failure>(socket)
        });
    }
    let mut live = Vec::new();
    while let Some(client) = clients.join_next().await {
        live.push(client??);
    }
    let (seconds, pages) = (started.elapsed().as_secs_f64(), server.metric(PAGES).await?);
    #[expect(clippy::cast_precision_loss, reason = "fifty")]
    Ok((seconds, pages / ROOMS as f64))
}
