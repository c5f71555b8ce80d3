//! How the read models are, for probes.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use synctv_domain::Position;
use synctv_projections::ProjectionError;
use synctv_projections::operate::ProjectionStatus;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

/// So late is a read model that is behind, s.
const BEHIND: f64 = 30.0;
/// How often read models are looked at, however many probes ask.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// How long a probe waits for a look.
const PATIENCE: Duration = Duration::from_millis(500);

/// A read model that does not show what happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Degraded {
    /// Which.
    pub projection: String,
    /// What is the matter.
    pub reason: Reason,
    /// The event that stopped it, or the last one that is in it.
    pub position: Position,
    /// How late it is.
    pub lag_seconds: f64,
    /// For people.
    pub detail: String,
}

/// What is the matter with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It stands still.
    Stopped,
    /// It is late.
    Behind,
}

/// What was seen of the read models.
#[derive(Clone, Default)]
pub struct Health(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    at: Option<Instant>,
    degraded: Vec<Degraded>,
}

impl Health {
    /// Those that are degraded, as of at most a second ago. When they cannot be looked at, those of the time before: a server
    /// that can append and read is ready all the same.
    pub async fn degraded(
        &self,
        list: impl Future<Output = Result<Vec<ProjectionStatus>, ProjectionError>>,
    ) -> Vec<Degraded> {
        let mut seen = self.0.lock().await;
        if seen.at.is_none_or(|at| at.elapsed() >= LOOK_EVERY) {
            seen.at = Some(Instant::now());
            match timeout(PATIENCE, list).await {
                Ok(Ok(list)) => seen.degraded = list.iter().filter_map(degraded).collect(),
                Ok(Err(error)) => tracing::warn!(%error, "projections.unseen"),
                Err(_) => tracing::warn!("projections.unseen: no answer in time"),
            }
        }
        seen.degraded.clone()
    }
}

/// Everybody may read it: what an event or the database says about itself is left to the operators' list.
fn degraded(status: &ProjectionStatus) -> Option<Degraded> {
    let (reason, position, detail) = match &status.poison {
        Some(poison) => (Reason::Stopped, poison.position, format!("event {} cannot be taken in", poison.position)),
        None if status.lag_seconds > BEHIND => {
            (Reason::Behind, status.position, format!("lacks {} events", status.lag_events))
        }
        None => return None,
    };
    Some(Degraded { projection: status.name.clone(), reason, position, lag_seconds: status.lag_seconds, detail })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use synctv_domain::Timestamp;
    use synctv_projections::operate::{PoisonStatus, ProjectionState};

    use super::*;

    fn status(name: &str, lag_seconds: f64, poison: Option<Position>) -> ProjectionStatus {
        let poison = poison.map(|position| PoisonStatus { position, reason: "a secret".into(), since: Timestamp(0) });
        ProjectionStatus {
            name: name.to_owned(),
            generation: 1,
            position: Position(7),
            lag_events: 3,
            lag_seconds,
            state: ProjectionState::Idle,
            owner: None,
            poison,
            rebuild: None,
            kept: Vec::new(),
        }
    }

    #[tokio::test]
    async fn what_is_stopped_or_late_is_degraded() {
        let list = vec![
            status("well", 0.0, None),
            status("late enough", 30.0, None),
            status("late", 30.5, None),
            status("stopped", 1.0, Some(Position(8))),
        ];
        let seen = Health::default().degraded(async { Ok(list) }).await;
        let seen = serde_json::to_value(&seen).unwrap();
        let late = serde_json::json!({
            "projection": "late", "reason": "behind", "position": 7, "lag_seconds": 30.5, "detail": "lacks 3 events",
        });
        let stopped = serde_json::json!({
            "projection": "stopped", "reason": "stopped", "position": 8, "lag_seconds": 1.0,
            "detail": "event 8 cannot be taken in",
        });
        assert_eq!(seen, serde_json::json!([late, stopped]));
    }

    #[tokio::test(start_paused = true)]
    async fn many_probes_are_one_look_a_second() {
        let (health, looks) = (Health::default(), AtomicUsize::new(0));
        let probe = || {
            health.degraded(async {
                looks.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(PATIENCE / 2).await;
                Ok(vec![status("late", 31.0, None)])
            })
        };
        let (one, other, third) = tokio::join!(probe(), probe(), probe());
        assert_eq!([one.len(), other.len(), third.len(), looks.load(Ordering::Relaxed)], [1, 1, 1, 1]);
        tokio::time::advance(LOOK_EVERY).await;
        probe().await;
        assert_eq!(looks.load(Ordering::Relaxed), 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_look_that_fails_leaves_what_was_seen_before() {
        let health = Health::default();
        let before = health.degraded(async { Ok(vec![status("late", 31.0, None)]) }).await;
        tokio::time::advance(LOOK_EVERY).await;
        let failed = health.degraded(async { Err(ProjectionError::Database("?".to_owned())) }).await;
        tokio::time::advance(LOOK_EVERY).await;
        let silent = health.degraded(std::future::pending()).await;
        assert_eq!([&failed, &silent], [&before, &before]);
        tokio::time::advance(LOOK_EVERY).await;
        assert!(health.degraded(async { Ok(vec![]) }).await.is_empty());
    }
}
