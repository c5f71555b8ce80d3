//! Events on their way from the node that stored them to all others: to streams in Redis, and from there.

mod entry;
mod feed;
mod metrics;
mod published;
#[expect(clippy::module_inception, reason = "what takes them there, among what it is made of")]
mod relay;
mod streams;

pub use feed::Feed;
pub use metrics::Metrics;
pub use relay::Relay;
