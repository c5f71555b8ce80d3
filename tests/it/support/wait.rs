//! Waiting for what happens by itself.

use std::time::{Duration, Instant};

/// Far beyond what anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks again until `ask` gives a value; panics with what was waited for.
pub async fn eventually<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE, what, ask).await
}

/// As [`eventually`], with another patience.
pub async fn within<T>(patience: Duration, what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(started.elapsed() < patience, "waited {patience:?} for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
