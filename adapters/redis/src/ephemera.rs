//! What nodes say of their members, carried by Redis' channels.

use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, future};
use prometheus::{IntCounter, IntCounterVec, Opts, Registry};
use synctv_commands::{CHANNELS, Hearsay, Saying};
use tokio::time::{sleep, timeout};

use crate::redis::Redis;
use crate::seal::{Refusal, Seal};

const VALID: &str = "constant names are valid";
/// For Redis to take a message.
const DEADLINE: Duration = Duration::from_secs(1);
/// This node hears itself so often, or nobody.
const SILENCE: Duration = Duration::from_secs(6);
/// Before it listens again.
const PAUSE: Duration = Duration::from_millis(200);

/// Messages that changed nothing.
#[derive(Clone, Debug)]
pub struct Refused {
    all: IntCounterVec,
    epoch: IntCounter,
    forged: IntCounter,
    malformed: IntCounter,
    old: IntCounter,
}

impl Default for Refused {
    fn default() -> Self {
        let help = "What nodes said of their members, or others in their name, that this node did not believe";
        let all = IntCounterVec::new(Opts::new("synctv_ephemera_refused_total", help), &["reason"]).expect(VALID);
        let [epoch, forged, malformed, old] =
            ["epoch", "forged", "malformed", "old"].map(|reason| all.with_label_values(&[reason]));
        Self { all, epoch, forged, malformed, old }
    }
}

impl Refused {
    /// Makes it part of what is exported.
    ///
    /// # Errors
    /// When it is already.
    pub fn register(&self, registry: &Registry) -> prometheus::Result<()> {
        registry.register(Box::new(self.all.clone()))
    }
}

/// Carries the talk of all nodes.
pub struct Ephemera {
    redis: Redis,
    seal: Seal,
    /// The present one's name.
    epoch: Box<dyn Fn() -> Arc<str> + Send + Sync>,
    refused: Refused,
}

impl Ephemera {
    /// In channels `{prefix}:eph:{n}`. `secret`, the same on all nodes, lets them believe each other; `epoch` names the
    /// present incarnation of the log.
    pub fn new(
        redis: Redis,
        secret: &[u8],
        epoch: impl Fn() -> Arc<str> + Send + Sync + 'static,
        refused: Refused,
    ) -> Self {
        Self { redis, seal: Seal::new(secret), epoch: Box::new(epoch), refused }
    }

    /// Says and hears, as long as Redis is there. Runs until dropped.
    pub async fn carry(&self, hearsay: &dyn Hearsay) {
        future::join(self.speak(hearsay), self.listen(hearsay)).await;
    }

    /// Tells the other nodes that this one ends, if Redis takes it soon.
    pub async fn farewell(&self, hearsay: &dyn Hearsay) {
        for saying in hearsay.farewell() {
            self.say(&saying).await;
        }
    }

    async fn speak(&self, hearsay: &dyn Hearsay) {
        loop {
            for saying in hearsay.to_say().await {
                self.say(&saying).await;
            }
        }
    }

    /// Or not: whoever misses it will ask.
    async fn say(&self, saying: &Saying) {
        let Some((number, mut connection)) = self.redis.link.connection() else { return };
        let mut publish = redis::cmd("PUBLISH");
        publish.arg(self.channel(saying.channel)).arg(self.seal.close(&(self.epoch)(), saying));
        match timeout(DEADLINE, publish.query_async::<()>(&mut connection)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.redis.link.failed(number, &error),
            Err(_) => self.redis.link.lose(number, "a message was not taken in time"),
        }
    }

    async fn listen(&self, hearsay: &dyn Hearsay) {
        let channels: Vec<String> = (0..CHANNELS).map(|channel| self.channel(channel)).collect();
        loop {
            self.redis.link.connected().await;
            match self.redis.link.listen(&channels).await {
                Ok(said) => {
                    let mut said = Box::pin(said);
                    hearsay.listens();
                    // Not even itself: the connection is dead, whatever it says.
                    while let Ok(Some((channel, message))) = timeout(SILENCE, said.next()).await {
                        let channel = channels.iter().zip(0..).find(|(name, _)| **name == channel);
                        if let Some((_, channel)) = channel {
                            self.hear(hearsay, channel, &message);
                        }
                    }
                }
                Err(error) => tracing::debug!(%error, "redis.deaf"),
            }
            sleep(PAUSE).await;
        }
    }

    fn hear(&self, hearsay: &dyn Hearsay, channel: u8, message: &[u8]) {
        let refused = match self.seal.open(&(self.epoch)(), channel, message) {
            Ok(saying) => match hearsay.heard(saying) {
                Ok(()) => return,
                Err(_) => &self.refused.old,
            },
            Err(Refusal::Forged) => &self.refused.forged,
            Err(Refusal::Malformed) => &self.refused.malformed,
            Err(Refusal::Epoch) => &self.refused.epoch,
        };
        refused.inc();
    }

    fn channel(&self, number: u8) -> String {
        format!("{}:eph:{number}", self.redis.prefix)
    }
}
