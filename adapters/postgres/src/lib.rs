//! The log in PostgreSQL.
//!
//! [`PgLog`] is the event log of the write side: appends go through one group commit per node, personal fields are sealed
//! under their subject's key before they are hashed and stored, reads open them again.

mod append;
mod chain;
mod clock;
mod command_key;
mod connect;
mod copy_rows;
pub mod examine;
mod ids;
mod incarnation;
mod leases;
mod log;
mod measures;
mod metrics;
mod one_time;
mod outbox;
mod passwords;
mod projections;
mod read;
mod read_models;
mod restored;
mod sealed;
mod secrets;
mod signed;
mod sqlstate;
mod vault;
mod verify;
mod webhooks;

pub use clock::PgClock;
pub use connect::{ConnectError, PgPool, connect, delivering, migrate, projecting};
pub use ids::RandomIds;
pub use incarnation::{Head, Incarnation, Witness, contradicts, head};
pub use leases::{Lease, LiveRow, PgLeases, PgLiveClaims, kick_live, live_rows};
pub use log::PgLog;
pub use measures::Measures;
pub use metrics::Metrics;
pub use one_time::PgOneTime;
pub use outbox::PgOutbox;
pub use passwords::PgPasswords;
pub use projections::{
    PgPages, PgProjections, PgProjector, RebuildError, RebuildProgress, Rebuilder, Skipped, keep_rebuilding, prepare,
    skip,
};
pub use read::PgLogReader;
pub use read_models::PgReadModels;
pub use restored::{Restored, restored};
pub use secrets::{SecretError, Secrets, cluster_secret, credential, peer_secrets};
pub use signed::{SignatureError, SignedHead};
pub use sqlx::Error as DatabaseError;
pub use vault::{Vault, erase};
pub use verify::{Flaw, Progress, Verified, VerifyError, verify};
pub use webhooks::{
    Act, Acted, Added, DeadLetter, Paused, PgDeliveries, PgTopics, PgWebhooks, RecordedAct, TopicStatus, Trial,
    Webhook, WebhookError, Which,
};
