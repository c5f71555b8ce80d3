//! Whether others use the machine.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// More than that, of two cores, is somebody else.
const BUSY: f64 = 3.0;
const LOOK: Duration = Duration::from_secs(3);

/// Looks in all; after that it is measured all the same.
static PATIENCE: AtomicU32 = AtomicU32::new(40);

/// Until the machine is not too busy to measure; says how busy it is.
pub async fn wait() {
    while average() > BUSY
        && PATIENCE.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    {
        tokio::time::sleep(LOOK).await;
    }
    eprintln!("load average {}", average());
}

/// Of the last minute.
fn average() -> f64 {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').next().and_then(|minute| minute.parse().ok()).unwrap_or(f64::NAN)
}
