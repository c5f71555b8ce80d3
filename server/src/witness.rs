//! What this node has seen of the log, kept across restarts.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use synctv_postgres::{Incarnation, Witness};

use crate::data_dir::replace;

fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("log.witness")
}

/// What was kept. An unreadable file is no witness, and says so.
pub(crate) fn load(data_dir: &Path) -> Option<Witness> {
    let text = std::fs::read_to_string(file(data_dir)).ok()?;
    match serde_json::from_str(&text) {
        Ok(witness) => Some(witness),
        Err(error) => {
            tracing::warn!(%error, path = %file(data_dir).display(), "witness.unreadable");
            None
        }
    }
}

/// Keeps what the node knows now.
pub(crate) fn save(data_dir: &Path, incarnation: &Incarnation) {
    let Some(witness) = incarnation.witness() else { return };
    let text = serde_json::to_string(&witness).unwrap_or_default();
    if let Err(error) = replace(&file(data_dir), text.as_bytes()) {
        tracing::warn!(%error, path = %file(data_dir).display(), "witness.unwritten");
    }
}

/// Keeps it up to date until dropped.
pub(crate) async fn keep(data_dir: PathBuf, incarnation: Arc<Incarnation>) {
    let mut last = None;
    let mut tick = tokio::time::interval(Duration::from_secs(1));
    loop {
        tick.tick().await;
        let now = incarnation.witness();
        if now != last {
            let (dir, incarnation) = (data_dir.clone(), Arc::clone(&incarnation));
            let _ = tokio::task::spawn_blocking(move || save(&dir, &incarnation)).await;
            last = now;
        }
    }
}
