//! What webhooks need from the log: the rows of the outbox that wait for them, and what becomes of each.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use synctv_domain::{Position, Seq, WebhookId};

use crate::audit::LogEntry;
use crate::error::LogError;

/// What deliveries to a webhook are signed with. Only [`WebhookSecret::bytes`] tells it.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookSecret(Vec<u8>);

impl WebhookSecret {
    /// From random bytes.
    #[must_use]
    pub const fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The key.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for WebhookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebhookSecret")
    }
}

/// Where to deliver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Which webhook.
    pub id: WebhookId,
    /// Its address.
    pub url: String,
    /// Its secret.
    pub secret: WebhookSecret,
    /// Another one than before: look at what waits from its beginning.
    pub revision: i64,
}

/// That this node delivers to a webhook, for the next few seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// To which.
    pub webhook: WebhookId,
    /// Tells this holder from all before it.
    pub token: i64,
    /// Of the epoch that positions belong to.
    pub generation: i64,
}

/// An event that waits to be delivered.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// Its number in the log.
    pub position: Position,
    /// Whose order it keeps: a room, or another stream of the log.
    pub stream: Arc<str>,
    /// Its number in that stream.
    pub seq: Seq,
    /// How often it was tried in vain.
    pub attempts: u32,
    /// How long it must not be tried yet.
    pub wait: Duration,
}

/// Some of what waits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct WaitingPage {
    /// In the order of the log.
    pub rows: Vec<Waiting>,
    /// All that waits up to here was looked at.
    pub reached: Position,
    /// Nothing was left out for want of space.
    pub whole: bool,
}

/// An event to be delivered, read anew for each attempt: what was erased meanwhile is not in it.
#[derive(Clone, Debug)]
pub struct Outbound {
    /// The event as an auditor reads it.
    pub entry: LogEntry,
    /// Of its log.
    pub log_id: String,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// The receiver has it.
    Delivered,
    /// To be tried again.
    Failed {
        /// How often it was tried.
        attempts: u32,
        /// Why it failed; holds nothing that the receiver said.
        error: String,
        /// When, from now.
        wait: Duration,
    },
    /// Not to be tried again: a dead letter.
    Dead {
        /// How often it was tried.
        attempts: u32,
        /// Why it failed the last time.
        error: String,
    },
}

/// The part of the outbox that is for webhooks. Whatever changes it is void without the claim it is done under.
#[async_trait]
pub trait Deliveries: Send + Sync {
    /// The webhooks that are not paused.
    async fn targets(&self) -> Result<Vec<Target>, LogError>;
    /// Takes or keeps a webhook for a few seconds. None: another node has it, or this node may not serve.
    async fn claim(&self, webhook: WebhookId) -> Result<Option<Claim>, LogError>;
    /// Lets other nodes have it at once.
    async fn give_back(&self, webhook: WebhookId) -> Result<(), LogError>;
    /// What waits after a position, at most `limit`.
    async fn waiting(&self, webhook: WebhookId, after: Position, limit: usize) -> Result<WaitingPage, LogError>;
    /// What waits in one stream after a seq and up to a position, at most `limit`.
    async fn waiting_in(
        &self,
        webhook: WebhookId,
        stream: &str,
        after: Seq,
        until: Position,
        limit: usize,
    ) -> Result<Vec<Waiting>, LogError>;
    /// Reads an event.
    async fn outbound(&self, position: Position) -> Result<Outbound, LogError>;
    /// Records what became of an attempt. False: the claim is no longer good, and nothing was changed.
    async fn settle(&self, claim: &Claim, position: Position, settlement: &Settlement) -> Result<bool, LogError>;
    /// Stops deliveries until an operator resumes them. False: as above.
    async fn pause(&self, claim: &Claim, why: &str) -> Result<bool, LogError>;
    /// Waits until this node knows of an event after `after`.
    async fn beyond(&self, after: Position);
}
