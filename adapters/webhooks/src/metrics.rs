//! What this node counts about webhooks.

use std::time::Duration;

use prometheus::{Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry};
use synctv_domain::WebhookId;

const VALID: &str = "constant names are valid";
const SECONDS: [f64; 10] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0, 600.0, 3600.0];

/// Of all webhooks.
#[derive(Clone)]
pub struct Metrics {
    attempts: IntCounterVec,
    delay: HistogramVec,
}

impl Default for Metrics {
    fn default() -> Self {
        let attempts =
            Opts::new("synctv_webhook_attempts_total", "Attempts of this node to deliver an event to a webhook");
        let delay = HistogramOpts::new(
            "synctv_webhook_delay_seconds",
            "From the recording of an event until its receiver has it, with all attempts",
        );
        let delay = delay.buckets(SECONDS.into());
        Self {
            attempts: IntCounterVec::new(attempts, &["webhook", "outcome"]).expect(VALID),
            delay: HistogramVec::new(delay, &["webhook"]).expect(VALID),
        }
    }
}

impl Metrics {
    /// Makes them part of what is exported.
    ///
    /// # Errors
    /// When they are already.
    pub fn register(&self, registry: &Registry) -> prometheus::Result<()> {
        registry.register(Box::new(self.attempts.clone()))?;
        registry.register(Box::new(self.delay.clone()))
    }

    pub(crate) fn of(&self, webhook: WebhookId) -> Counted {
        let webhook = webhook.to_string();
        let attempts = |outcome| self.attempts.with_label_values(&[&*webhook, outcome]);
        Counted {
            delivered: attempts("delivered"),
            failed: attempts("failed"),
            dead: attempts("dead"),
            delay: self.delay.with_label_values(&[&webhook]),
        }
    }
}

/// Of one webhook.
pub(crate) struct Counted {
    delivered: IntCounter,
    failed: IntCounter,
    dead: IntCounter,
    delay: Histogram,
}

impl Counted {
    pub(crate) fn delivered(&self, delay: Duration) {
        self.delivered.inc();
        self.delay.observe(delay.as_secs_f64());
    }

    pub(crate) fn failed(&self) {
        self.failed.inc();
    }

    pub(crate) fn dead(&self) {
        self.dead.inc();
    }
}
