//! One attempt to deliver one event.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{Claim, CloudEvent, LogError, Outbound, Settlement, Target};
use synctv_domain::Timestamp;
use tokio::time::{Instant, sleep};

use crate::backlog::Head;
use crate::backoff::{ATTEMPTS, jittered, longest};
use crate::run::Outside;
use crate::sender::Answer;

/// How soon a database that failed is asked again.
pub(crate) const RECOVER: Duration = Duration::from_millis(200);

/// Why a webhook is paused.
const GONE: &str = "the receiver answered 410 Gone";

pub(crate) struct Flight {
    pub(crate) outside: Outside,
    pub(crate) target: Arc<Target>,
    pub(crate) claim: Claim,
    pub(crate) head: Head,
    /// Nothing is sent later: somebody else may be at it.
    pub(crate) until: Instant,
}

pub(crate) struct Landed {
    pub(crate) head: Head,
    pub(crate) outcome: Outcome,
}

/// What came of it.
pub(crate) enum Outcome {
    /// The receiver has it, so long after it was recorded.
    Delivered(Duration),
    /// It will be tried again; how long the receiver wants to be left alone.
    Failed { attempts: u32, wait: Duration, hold: Option<Duration> },
    /// It is a dead letter.
    Dead { attempts: u32, error: String, hold: Option<Duration> },
    /// The receiver wants nothing any more.
    Gone,
    /// Nothing was sent.
    Unsent,
    /// Somebody else delivers now.
    Lost,
}

/// What was sent, and what was answered.
enum Tried {
    Sent(Answer, Timestamp),
    Unreadable(String),
    Unsent,
}

impl Flight {
    pub(crate) async fn fly(self) -> Landed {
        let outcome = match self.send().await {
            Tried::Sent(Answer::Taken, recorded) => {
                let delay = self.outside.clock.now().0.saturating_sub(recorded.ms().0);
                let delay = Duration::from_millis(u64::try_from(delay).unwrap_or(0));
                self.settle(Settlement::Delivered, Outcome::Delivered(delay)).await
            }
            Tried::Sent(Answer::Gone, _) => self.pause().await,
            Tried::Sent(Answer::Refused { error, pause, busy }, _) => {
                self.refused(error, pause, pause.filter(|_| busy)).await
            }
            Tried::Unreadable(error) => self.refused(error, None, None).await,
            Tried::Unsent => Outcome::Unsent,
        };
        Landed { head: self.head, outcome }
    }

    /// Reads the event anew, because somebody may have been erased, and sends it.
    async fn send(&self) -> Tried {
        let outbound = match self.outside.deliveries.outbound(self.head.position).await {
            Ok(outbound) => outbound,
            Err(LogError::Corrupt(error)) => return Tried::Unreadable(error),
            Err(error) => {
                tracing::debug!(webhook = %self.target.id, %error, "webhook.unread");
                sleep(RECOVER).await;
                return Tried::Unsent;
            }
        };
        let body = match body(&outbound) {
            Ok(body) => body,
            Err(error) => return Tried::Unreadable(error),
        };
        if Instant::now() >= self.until {
            return Tried::Unsent;
        }
        let event = &outbound.entry.event;
        let now = self.outside.clock.now();
        Tried::Sent(self.outside.sender.send(&self.target, &event.id.to_string(), now, body).await, event.at)
    }

    async fn refused(&self, error: String, pause: Option<Duration>, hold: Option<Duration>) -> Outcome {
        let attempts = self.head.attempts + 1;
        tracing::debug!(webhook = %self.target.id, position = self.head.position.0, attempts, error, "webhook.refused");
        if attempts >= ATTEMPTS {
            let settlement = Settlement::Dead { attempts, error: error.clone() };
            return self.settle(settlement, Outcome::Dead { attempts, error, hold }).await;
        }
        let wait = jittered(longest(attempts)).max(pause.unwrap_or_default());
        let settlement = Settlement::Failed { attempts, error, wait };
        self.settle(settlement, Outcome::Failed { attempts, wait, hold }).await
    }

    async fn pause(&self) -> Outcome {
        self.insist(None, Outcome::Gone).await
    }

    async fn settle(&self, settlement: Settlement, outcome: Outcome) -> Outcome {
        self.insist(Some(settlement), outcome).await
    }

    /// Until it is known: what was delivered is not to be sent again only because the database was away for a moment.
    async fn insist(&self, settlement: Option<Settlement>, outcome: Outcome) -> Outcome {
        let deliveries = &self.outside.deliveries;
        loop {
            let written = match &settlement {
                Some(settlement) => deliveries.settle(&self.claim, self.head.position, settlement).await,
                None => deliveries.pause(&self.claim, GONE).await,
            };
            match written {
                Ok(true) => return outcome,
                Ok(false) => return Outcome::Lost,
                Err(error) => tracing::debug!(webhook = %self.target.id, %error, "webhook.unsettled"),
            }
            sleep(RECOVER).await;
        }
    }
}

fn body(outbound: &Outbound) -> Result<Vec<u8>, String> {
    let source = CloudEvent::source(&outbound.log_id);
    let event = CloudEvent::of_entry(&source, &outbound.entry).map_err(|error| error.to_string())?;
    serde_json::to_vec(&event).map_err(|error| error.to_string())
}
