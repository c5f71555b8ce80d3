//! A long room on a node that does not hold it.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::fixture::{Home, homes};
use crate::ours::Node;
use crate::poster::{message, post};

/// Events of the long room.
const EVENTS: i64 = 100_000;
/// Looks at the snapshots before giving up on one that is as new as can be.
const PATIENCE: usize = 500;

/// Makes the long room.
pub async fn fill(node: &Node) -> Result<Home, Failure> {
    let homes: Arc<[Home]> = homes(node, 1, 1).await?;
    let home = homes[0];
    while node.rooms.room(home.room, home.owner.id).await?.room.seq().0 < EVENTS {
        post(node, &homes, 256, Duration::from_millis(500)).await?;
    }
    snapshotted(node, home).await?;
    Ok(home)
}

/// Snapshots are taken in the background: waits for the one that belongs to the last thousand events.
async fn snapshotted(node: &Node, home: Home) -> Result<(), Failure> {
    const SQL: &str = "SELECT coalesce(max(s.seq), 0) > max(e.seq) - 1000 FROM events e \
         LEFT JOIN snapshots s USING (stream_id) WHERE e.stream_id = $1 AND e.seq > $2";
    let end = node.rooms.room(home.room, home.owner.id).await?.room.seq().0;
    for _ in 0..PATIENCE {
        let near: Option<bool> =
            sqlx::query_scalar(SQL).bind(home.room.to_string()).bind(end - 1).fetch_one(&node.pool).await?;
        if near == Some(true) {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    eprintln!("the long room has no new snapshot; its cold load reads more events than it should");
    Ok(())
}

/// Until a new node shows the room, and until it has also stored a command to it; ms.
pub async fn load(node: &Node, home: Home) -> Result<(f64, f64), Failure> {
    let cold = Node::over(node.pool.clone()).await?;
    let started = Instant::now();
    cold.rooms.room(home.room, home.owner.id).await?;
    let shown = started.elapsed();
    cold.rooms.execute(home.room, message(home)).await?;
    Ok((shown.as_secs_f64() * 1e3, started.elapsed().as_secs_f64() * 1e3))
}
