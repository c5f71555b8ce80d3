//! What the append counts.

use std::time::Duration;

use prometheus::{Histogram, HistogramOpts, IntCounter, Registry};
use synctv_commands::Appended;

const VALID: &str = "constant names are valid";

const EVENTS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0];
const SECONDS: [f64; 12] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0];

/// Counted whether somebody looks or not: a few atomics for each batch, none for an event.
pub struct Metrics {
    events: Histogram,
    duration: Histogram,
    conflicts: IntCounter,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let events = HistogramOpts::new(
            "synctv_append_batch_events",
            "Events that one transaction of the group commit stored; 0 when its commands changed nothing",
        );
        let duration = HistogramOpts::new(
            "synctv_append_duration_seconds",
            "From handing a batch to PostgreSQL until it is durable, with what repeating it took",
        );
        let conflicts = IntCounter::new(
            "synctv_append_conflicts_total",
            "Appends decided on a room that another node had moved meanwhile; decided again",
        );
        Self {
            events: Histogram::with_opts(events.buckets(EVENTS.into())).expect(VALID),
            duration: Histogram::with_opts(duration.buckets(SECONDS.into())).expect(VALID),
            conflicts: conflicts.expect(VALID),
        }
    }

    /// Makes them part of what is exported.
    ///
    /// # Errors
    /// When they are already.
    pub fn register(&self, registry: &Registry) -> prometheus::Result<()> {
        registry.register(Box::new(self.events.clone()))?;
        registry.register(Box::new(self.duration.clone()))?;
        registry.register(Box::new(self.conflicts.clone()))
    }

    /// A batch was answered: how many events each of its appends had, and what became of it.
    pub(crate) fn appended(&self, took: Duration, events: &[i32], appended: &[Appended]) {
        let (mut stored, mut moved) = (0, 0);
        for (events, appended) in events.iter().zip(appended) {
            match appended {
                Appended::Accepted { .. } => stored += events,
                Appended::Moved => moved += 1,
                Appended::Known => {}
            }
        }
        self.events.observe(stored.into());
        self.duration.observe(took.as_secs_f64());
        if moved > 0 {
            self.conflicts.inc_by(moved);
        }
    }
}
