//! Catching up on what was missed.

use std::time::Instant;

use tokio::task::JoinSet;

use super::Process;
use super::people::Guest;
use crate::failure::Failure;

pub const MISSED: i64 = 1000;

/// Writes that many events with this text into a room.
pub async fn fill(guest: &Guest, room: &str, text: &str, events: i64) -> Result<(), Failure> {
    let mut writers = JoinSet::new();
    for writer in 0..32 {
        let (guest, room, text) = (guest.clone(), room.to_owned(), text.to_owned());
        writers.spawn(async move {
            for _ in (0..events).filter(|event| event % 32 == writer) {
                guest.say(&room, &text).await?;
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(done) = writers.join_next().await {
        done??;
    }
    Ok(())
}

/// From asking to the last of [`MISSED`] events, ms.
pub async fn recovery(server: &Process) -> Result<f64, Failure> {
    let guest = Guest::new(&server.host).await?;
    let room = guest.room().await?;
    fill(&guest, &room, "x", MISSED).await?;
    let (epoch, seq) = guest.place(&room).await?;
    let mut socket = guest.follow(&room, "now").await?;
    let started = Instant::now();
    socket.tell(format!("{{\"subscribe\":{{\"from\":\"{epoch}:{}\"}}}}", seq - MISSED)).await?;
    for _ in 0..MISSED {
        socket.event().await?;
    }
    Ok(started.elapsed().as_secs_f64() * 1000.0)
}
