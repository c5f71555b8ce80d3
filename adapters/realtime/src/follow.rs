//! Following the log, whoever writes it, and however it arrives.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{LogError, LogTail};
use synctv_domain::{Position, RoomId, Seq};

use crate::hub::Hub;

/// Positions looked at in one query.
const STEP: i64 = 10_000;

/// Looks at the head of the log again and again, and fetches for followed rooms what has not arrived here. Also what notices
/// that the log was rewound, or has a new epoch. `moved` is told of what was fetched. Runs until dropped.
pub async fn follow(tail: Arc<dyn LogTail>, hub: Arc<Hub>, moved: impl Fn(RoomId, Seq), every: Duration) {
    let mut before = Position(0);
    loop {
        match step(&*tail, &hub, &moved, before).await {
            Ok(head) => before = head,
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

/// Fetches what is missing up to the head; where events arrive by themselves, only what has had the time to, as it was there
/// at the last look. Gives the head.
async fn step(
    tail: &dyn LogTail,
    hub: &Hub,
    moved: &impl Fn(RoomId, Seq),
    before: Position,
) -> Result<Position, LogError> {
    let head = tail.head().await?;
    let reach = hub.reach();
    // Whoever subscribed since this node took up the incarnation looked at the head after that.
    let mut at = reach.open(&head.epoch, head.opened);
    let due = if reach.arriving() { before.min(head.position) } else { head.position };
    while at < due {
        let until = Position(due.0.min(at.0 + STEP));
        if hub.followed() > 0 {
            for (room, seq) in tail.moved(at, until).await? {
                match hub.observe(room, seq).await {
                    Ok(true) => moved(room, seq),
                    Ok(false) => {}
                    // Its readers find out by themselves; those of other rooms are not held up.
                    Err(LogError::Corrupt(reason)) => {
                        tracing::error!(%room, reason, "room.unreadable");
                        hub.advance(room, seq);
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        reach.add(&head.epoch, Position(at.0 + 1), until);
        let Some(upto) = reach.upto(&head.epoch) else { break };
        at = upto;
    }
    Ok(head.position)
}
