//! How far this node is: whether it can append and read, and whether one's own writes show.

use std::time::Duration;

use synctv_commands::{LogError, LogHead};
use synctv_domain::Position;
use tokio::time::{Instant, sleep};

use crate::edge::Edge;
use crate::problem::Problem;

/// How long a reader who just wrote waits for read models to show it.
const PATIENCE: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(20);

impl Edge {
    /// The head of the log, if this node can append and read.
    ///
    /// # Errors
    /// When it cannot.
    pub async fn ready(&self) -> Result<LogHead, LogError> {
        if self.tail.is_stuck() {
            return Err(LogError::Unavailable("an append has waited for seconds to be stored".to_owned()));
        }
        self.tail.head().await
    }

    /// Waits until these read models hold the event at a position.
    ///
    /// # Errors
    /// When they do not in time, or no such position can be waited for.
    pub async fn reached(&self, models: &[&str], min_position: Option<i64>) -> Result<(), Problem> {
        // Also refuses to show what a rewound log may hold.
        let head = self.tail.head().await?.position;
        let wanted = Position(min_position.unwrap_or(0));
        if !(Position(0)..=head).contains(&wanted) {
            return Err(Problem::bad_request("invalid_query", "min_position is not a position of the log"));
        }
        let until = Instant::now() + PATIENCE;
        while wanted > Position(0) && self.models.position(models).await? < wanted {
            if Instant::now() >= until {
                return Err(Problem::behind());
            }
            sleep(LOOK_EVERY).await;
        }
        Ok(())
    }
}
