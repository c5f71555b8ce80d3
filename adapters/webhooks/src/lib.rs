//! Deliveries to webhooks.
//!
//! [`run`] takes what waits in the outbox for each webhook that this node has the lease of, and sends it as a signed CloudEvent:
//! one event of a room at a time and in the room's order, many rooms at once. A receiver gets everything at least once.

mod address;
mod backlog;
mod backoff;
mod breaker;
mod dispatcher;
mod flight;
mod metrics;
mod run;
mod sender;
mod shift;
mod signature;

pub use address::check_url;
pub use metrics::Metrics;
pub use run::run;
pub use sender::{Answer, CONTENT_TYPE, Sender};
pub use signature::{shown, sign};
