//! Following the log, whoever writes it.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{LogError, LogTail};
use synctv_domain::Position;

use crate::hub::Hub;

/// Positions looked at in one query.
const STEP: i64 = 10_000;

/// Looks at the head of the log again and again, and fetches for followed rooms what other nodes wrote. Also what notices
/// that the log was rewound, or has a new epoch. Runs until dropped.
pub async fn follow(tail: Arc<dyn LogTail>, hub: Arc<Hub>, every: Duration) {
    let mut seen: Option<Position> = None;
    loop {
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = tail.suspected() => {}
        }
        match step(&*tail, &hub, seen).await {
            Ok(position) => seen = Some(position),
            // Told once, by whoever noticed it.
            Err(LogError::Rewound) => seen = None,
            Err(error) => tracing::debug!(%error, "follow.failed"),
        }
    }
}

async fn step(tail: &dyn LogTail, hub: &Hub, seen: Option<Position>) -> Result<Position, LogError> {
    let head = tail.head().await?;
    let Some(mut at) = seen.filter(|seen| *seen <= head) else { return Ok(head) };
    while at < head && hub.followed() > 0 {
        let until = Position(head.0.min(at.0 + STEP));
        for (room, seq) in tail.moved(at, until).await? {
            hub.observe(room, seq).await?;
        }
        at = until;
    }
    Ok(head)
}
