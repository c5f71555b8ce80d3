//! From the commit of an event to the sockets of a room.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use synctv_domain::Timestamp;
use tokio::sync::broadcast;
use tokio::task::JoinSet;

use super::people::Guest;
use super::{Process, READERS};
use crate::failure::Failure;

/// Between two events: the room is watched, not flooded.
pub const PAUSE: Duration = Duration::from_millis(20);

/// From the time in the event, which is taken just before its commit, to its arrival at each reader: ms, sorted.
pub async fn latency(server: &Process, length: Duration) -> Result<Vec<f64>, Failure> {
    let guest = Guest::new(&server.host).await?;
    let room = guest.room().await?;
    let events = usize::try_from(length.as_millis() / PAUSE.as_millis()).unwrap_or(1).max(1);
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let mut socket = guest.follow(&room, "now").await?;
        readers.spawn(async move {
            let mut taken = Vec::with_capacity(events);
            for _ in 0..events {
                let text = socket.event().await?;
                taken.extend(age_ms(&text));
            }
            Ok::<_, Failure>(taken)
        });
    }
    for _ in 0..events {
        tokio::time::sleep(PAUSE).await;
        guest.say(&room, "x").await?;
    }
    collect(readers).await
}

#[expect(clippy::disallowed_methods, reason = "PostgreSQL runs on this machine: its time is this machine's")]
pub fn age_ms(event: &str) -> Option<f64> {
    let (_, rest) = event.split_once("\"at\":\"")?;
    let at = Timestamp::parse(rest.split_once('"')?.0).ok()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?;
    #[expect(clippy::cast_precision_loss, reason = "microseconds of this century")]
    Some(now.as_secs_f64() * 1000.0 - at.0 as f64 / 1000.0)
}

/// The same through a channel of this process: what no server can beat.
pub async fn bare_broadcast(length: Duration) -> Result<Vec<f64>, Failure> {
    let sender = broadcast::Sender::<Instant>::new(1024);
    let events = usize::try_from(length.as_millis() / PAUSE.as_millis()).unwrap_or(1).max(1);
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        let mut heard = sender.subscribe();
        readers.spawn(async move {
            let mut taken = Vec::with_capacity(events);
            while let Ok(sent) = heard.recv().await {
                taken.push(sent.elapsed().as_secs_f64() * 1000.0);
            }
            Ok::<_, Failure>(taken)
        });
    }
    for _ in 0..events {
        tokio::time::sleep(PAUSE).await;
        let _ = sender.send(Instant::now());
    }
    drop(sender);
    collect(readers).await
}

pub async fn collect(mut readers: JoinSet<Result<Vec<f64>, Failure>>) -> Result<Vec<f64>, Failure> {
    let mut all = Vec::new();
    while let Some(taken) = readers.join_next().await {
        all.extend(taken??);
    }
    all.sort_by(f64::total_cmp);
    Ok(all)
}
