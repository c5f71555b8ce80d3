//! Servers take up what others began and did not finish.

use std::time::Duration;

use tokio::time::sleep;

use super::job::unfinished;
use super::{RebuildError, Rebuilder};
use crate::connect::pool::soon;

const LOOK_EVERY: Duration = Duration::from_millis(500);
/// How soon a job is taken up again that could not go on: a disk may be full.
const RETRY: Duration = Duration::from_secs(5);

/// Works on jobs that nobody else works on, one after the other. Runs until dropped.
pub async fn keep_rebuilding(rebuilder: Rebuilder) {
    loop {
        if let Err(error) = look(&rebuilder).await {
            tracing::debug!(%error, "rebuild.unseen");
        }
        sleep(LOOK_EVERY).await;
    }
}

async fn look(rebuilder: &Rebuilder) -> Result<(), RebuildError> {
    let looked = async {
        let mut connection = rebuilder.pool.acquire().await?;
        unfinished(&mut connection).await
    };
    let jobs = soon(looked).await?;
    for job in jobs {
        match rebuilder.run(&job, |_| ()).await {
            Ok(_) => {}
            Err(error @ (RebuildError::Lost | RebuildError::Database(_) | RebuildError::Unread(_))) => {
                tracing::warn!(job, %error, "rebuild.interrupted");
                sleep(RETRY).await;
            }
            // Told where it was written down.
            Err(RebuildError::Poison { .. } | RebuildError::Log(_)) => {}
        }
    }
    Ok(())
}
