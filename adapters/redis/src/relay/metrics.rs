//! What is counted of events on their way.

use prometheus::{IntCounter, IntCounterVec, IntGauge, Opts, Registry};

const VALID: &str = "constant names are valid";

/// Of what goes to other nodes, and of what comes from them.
#[derive(Clone)]
pub struct Metrics {
    pub(super) published: IntCounter,
    pub(super) left: IntCounter,
    pub(super) caught_up: IntCounter,
    pub(super) skipped: IntCounter,
    removed: IntCounter,
    heard: IntCounterVec,
    pub(super) holds: IntGauge,
    pub(super) fed: IntGauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let counter = |name, help| IntCounter::new(name, help).expect(VALID);
        let gauge = |name, help| IntGauge::new(name, help).expect(VALID);
        let heard = Opts::new(
            "synctv_feed_entries_total",
            "Entries of the streams that this node read and did not know, by what became of them",
        );
        let heard = IntCounterVec::new(heard, &["result"]).expect(VALID);
        for result in ["new", "refused"] {
            heard.with_label_values(&[result]);
        }
        Self {
            published: counter("synctv_relay_events_total", "Events that this node took to the streams"),
            left: counter(
                "synctv_relay_left_total",
                "Events of this node that were left to whoever works the outbox off",
            ),
            caught_up: counter("synctv_relay_caught_up_total", "Events that were taken to the streams from the outbox"),
            skipped: counter(
                "synctv_relay_skipped_total",
                "Events that were too far behind to be taken to the streams",
            ),
            removed: counter(
                "synctv_relay_poisoned_total",
                "Keys and entries removed from Redis because no node made them",
            ),
            heard,
            holds: gauge("synctv_relay_holds", "1 while this node works the outbox off"),
            fed: gauge("synctv_feed_connected", "1 while events of other nodes arrive through Redis"),
        }
    }
}

impl Metrics {
    /// Makes them part of what is exported.
    ///
    /// # Errors
    /// When they are already.
    pub fn register(&self, registry: &Registry) -> prometheus::Result<()> {
        for counter in [&self.published, &self.left, &self.caught_up, &self.skipped, &self.removed] {
            registry.register(Box::new(counter.clone()))?;
        }
        registry.register(Box::new(self.heard.clone()))?;
        registry.register(Box::new(self.holds.clone()))?;
        registry.register(Box::new(self.fed.clone()))
    }

    pub(super) fn removed(&self, count: u64, key: &str) {
        if count > 0 {
            tracing::warn!(key, count, "relay.poisoned: removed from Redis what no node of this log put there");
            self.removed.inc_by(count);
        }
    }

    pub(super) fn heard(&self, result: &str, count: usize) {
        self.heard.with_label_values(&[result]).inc_by(count as u64);
    }
}
