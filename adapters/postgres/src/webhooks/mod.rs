//! Webhooks: what waits in the outbox for each of them, and what operators see of it.
//!
//! A webhook has a topic of its own, `webhook/<id>`, to which `append` adds a row for each event that it wants, in the
//! transaction of the event. The node with the lease `outbox/webhook/<id>` delivers; what it writes is void once another
//! node has taken the lease.

mod dead;
mod deliveries;
mod measures;
mod registry;
mod settle;
mod status;

use synctv_domain::WebhookId;

use crate::connect::pool::PgPool;

pub use dead::{Act, Acted, DeadLetter, Which};
pub use deliveries::PgDeliveries;
pub(crate) use measures::WebhookMeasures;
pub use registry::{Added, Paused, PgWebhooks, Trial, Webhook};
pub use status::{Recorded as RecordedAct, TopicStatus};

/// Why an operator's verb failed.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// The database did not answer, or refused.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// What is stored cannot be read.
    #[error("stored wrongly: {0}")]
    Corrupt(String),
    /// The secret was sealed under another key.
    #[error("the secret of {0} was sealed under another SYNCTV_CREDENTIAL_KEY")]
    Sealed(WebhookId),
}

/// The topics of the outbox, as operators see them.
#[derive(Clone)]
pub struct PgTopics {
    pool: PgPool,
}

impl PgTopics {
    /// Of this database.
    #[must_use]
    pub const fn new(pool: PgPool) -> Self {
        Self { pool }
    }
}

/// What a webhook's rows of the outbox are under.
pub(crate) fn topic(webhook: WebhookId) -> String {
    format!("webhook/{webhook}")
}

/// The lease of whoever empties a topic.
pub(crate) fn work(webhook: WebhookId) -> String {
    format!("outbox/{}", topic(webhook))
}
