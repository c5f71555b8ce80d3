//! Delivers to one webhook, whenever this node has its lease.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{LogError, Target};
use synctv_domain::WebhookId;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::metrics::Counted;
use crate::run::Outside;
use crate::shift::{End, Shift};

/// How often a lease is renewed, and asked for by those who do not have it.
pub(crate) const RENEW: Duration = Duration::from_secs(1);

pub(crate) struct Dispatcher {
    pub(crate) outside: Outside,
    pub(crate) counted: Arc<Counted>,
    pub(crate) target: watch::Receiver<Target>,
    id: WebhookId,
}

impl Dispatcher {
    pub(crate) fn new(outside: Outside, counted: Counted, target: watch::Receiver<Target>) -> Self {
        let id = target.borrow().id;
        Self { outside, counted: Arc::new(counted), target, id }
    }

    /// Until the webhook is paused or this node drains.
    pub(crate) async fn run(mut self) {
        let mut failing = false;
        while !*self.outside.draining.borrow() {
            let asked = Instant::now();
            match self.outside.deliveries.claim(self.id).await {
                Ok(Some(claim)) => {
                    failing = false;
                    match Shift::new(&mut self, claim, asked).work().await {
                        End::Lost => {}
                        End::Paused => return,
                        End::Drained => return self.leave().await,
                    }
                }
                Ok(None) => failing = false,
                Err(error) => {
                    self.told(&error, &mut failing);
                }
            }
            sleep(RENEW).await;
        }
    }

    fn told(&self, error: &LogError, failing: &mut bool) {
        if !*failing {
            tracing::warn!(webhook = %self.id, %error, "webhook.unread");
            *failing = true;
        }
    }

    /// Others need not wait for the end of the lease.
    async fn leave(&self) {
        if let Err(error) = self.outside.deliveries.give_back(self.id).await {
            tracing::debug!(webhook = %self.id, %error, "webhook.kept");
        }
    }
}
