//! Waiting for what happens by itself.

use std::future::Future;
use std::time::{Duration, Instant};

/// Far beyond what anything takes on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Asks again until `ask` gives a value; panics with what was waited for.
pub async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, ask: impl FnMut() -> F) -> T {
    within(PATIENCE, what, ask).await
}

/// As [`eventually`], with another patience.
pub async fn within<T, F: Future<Output = Option<T>>>(patience: Duration, what: &str, mut ask: impl FnMut() -> F) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = ask().await {
            return found;
        }
        assert!(started.elapsed() < patience, "waited {patience:?} for {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
