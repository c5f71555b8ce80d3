//! What delivery counts.

use prometheus::{Histogram, HistogramOpts, IntCounter, IntCounterVec, Opts, Registry};
use synctv_domain::Seq;

const VALID: &str = "constant names are valid";

/// In events; a ring holds 256.
const LAG: [f64; 8] = [1.0, 4.0, 16.0, 64.0, 256.0, 1024.0, 4096.0, 16384.0];

/// Counted whether somebody looks or not: a few atomics for each time a reader wakes up, none for an event.
pub struct Metrics {
    lag: Histogram,
    pages: IntCounterVec,
    read: IntCounter,
    shared: IntCounter,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let lag = HistogramOpts::new(
            "synctv_cursor_lag_events",
            "Events between a reader and the head of its room whenever it takes the next ones",
        );
        let pages = Opts::new(
            "synctv_fallback_pages_total",
            "Pages of the log for readers that left the ring, read for one or shared with another",
        );
        let pages = IntCounterVec::new(pages, &["source"]).expect(VALID);
        Self {
            lag: Histogram::with_opts(lag.buckets(LAG.into())).expect(VALID),
            read: pages.with_label_values(&["read"]),
            shared: pages.with_label_values(&["shared"]),
            pages,
        }
    }

    /// Makes them part of what is exported.
    ///
    /// # Errors
    /// When they are already.
    pub fn register(&self, registry: &Registry) -> prometheus::Result<()> {
        registry.register(Box::new(self.lag.clone()))?;
        registry.register(Box::new(self.pages.clone()))
    }

    /// A reader that wants `next` found the room at `head`.
    pub(crate) fn taken(&self, next: Seq, head: Seq) {
        self.lag.observe((head.0 - next.0 + 1) as f64);
    }

    pub(crate) fn page_read(&self) {
        self.read.inc();
    }

    pub(crate) fn page_shared(&self) {
        self.shared.inc();
    }
}
