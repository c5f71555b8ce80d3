//! Following the log, whoever writes it.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{LogError, LogTail};
use synctv_domain::{Position, RoomId, Seq};

use crate::hub::Hub;

/// Positions looked at in one query.
const STEP: i64 = 10_000;

/// Looks at the head of the log again and again, and fetches for followed rooms what other nodes wrote. Also what notices
/// that the log was rewound, or has a new epoch. `moved` is told of what was fetched. Runs until dropped.
pub async fn follow(tail: Arc<dyn LogTail>, hub: Arc<Hub>, moved: impl Fn(RoomId, Seq), every: Duration) {
    let mut seen: Option<Seen> = None;
    loop {
        match step(&*tail, &hub, &moved, seen).await {
            Ok(now) => seen = Some(now),
            // Told once, by whoever noticed it.
            Err(LogError::Rewound) => {}
            Err(error) => tracing::debug!(%error, "follow.failed"),
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = tail.suspected() => {}
        }
    }
}

/// How far the follower is, in which incarnation.
#[derive(Clone, Copy)]
struct Seen {
    generation: i64,
    position: Position,
}

async fn step(
    tail: &dyn LogTail,
    hub: &Hub,
    moved: &impl Fn(RoomId, Seq),
    seen: Option<Seen>,
) -> Result<Seen, LogError> {
    let head = tail.head().await?;
    let generation = head.epoch.generation;
    // Whoever subscribed since this node took up the incarnation looked at the head after that.
    let mut at = seen.filter(|seen| seen.generation == generation).map_or(head.opened, |seen| seen.position);
    while at < head.position && hub.followed() > 0 {
        let until = Position(head.position.0.min(at.0 + STEP));
        for (room, seq) in tail.moved(at, until).await? {
            if hub.observe(room, seq).await? {
                moved(room, seq);
            }
        }
        at = until;
    }
    Ok(Seen { generation, position: head.position.max(at) })
}
