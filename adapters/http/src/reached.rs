//! Reading one's own writes.

use std::time::Duration;

use synctv_domain::Position;
use tokio::time::{Instant, sleep};

use crate::problem::Problem;
use crate::state::Http;

/// How long a reader who just wrote waits for read models to show it.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits until these read models hold the event at a position.
pub(crate) async fn reached(http: &Http, models: &[&str], min_position: Option<i64>) -> Result<(), Problem> {
    // Also refuses to show what a rewound log may hold.
    let head = http.tail.head().await?.position;
    let wanted = Position(min_position.unwrap_or(0));
    if !(Position(0)..=head).contains(&wanted) {
        return Err(Problem::bad_request("invalid_query", "min_position is not a position of the log"));
    }
    let until = Instant::now() + PATIENCE;
    while wanted > Position(0) && http.models.position(models).await? < wanted {
        if Instant::now() >= until {
            return Err(Problem::behind());
        }
        sleep(LOOK_EVERY).await;
    }
    Ok(())
}
