//! What a request uses of what its client, its actor and its room may have.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use synctv_commands::{Limit, Limiter, Quota, network};
use synctv_domain::{ActorId, Command, RoomId};

use crate::edge::Edge;
use crate::limits;
use crate::metrics::Metrics;

/// There is none left.
#[derive(Clone, Copy, Debug)]
pub struct Limited {
    /// Of what.
    pub limit: &'static str,
    /// Until there is one.
    pub wait: Duration,
}

/// What was asked for, and what is left of it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Of what.
    pub limit: Limit,
    key: String,
    /// What is left.
    pub quota: Quota,
}

/// Counts for one request, or one command over a socket. Without limits it grants everything.
#[derive(Clone, Default)]
pub struct Meter(Option<Arc<Counting>>);

struct Counting {
    limiter: Arc<dyn Limiter>,
    metrics: Arc<Metrics>,
    address: Option<IpAddr>,
    asked: Mutex<Vec<Asked>>,
}

impl Meter {
    /// For what comes from this address.
    #[must_use]
    pub fn new(edge: &Edge, address: Option<IpAddr>) -> Self {
        if !edge.guard.limited {
            return Self::default();
        }
        let (limiter, metrics) = (Arc::clone(&edge.limiter), Arc::clone(&edge.metrics));
        Self(Some(Arc::new(Counting { limiter, metrics, address: address.map(network), asked: Mutex::default() })))
    }

    /// Uses one of what `key` may have.
    ///
    /// # Errors
    /// When there is none.
    pub async fn take(&self, limit: &Limit, key: &str) -> Result<(), Limited> {
        let Some(counting) = &self.0 else { return Ok(()) };
        let quota = counting.limiter.take(limit, key).await;
        counting.note(Asked { limit: *limit, key: key.to_owned(), quota });
        let Some(wait) = quota.wait else { return Ok(()) };
        counting.metrics.limited(limit.name);
        Err(Limited { limit: limit.name, wait })
    }

    /// Uses one of what the client's address may have. Whoever has none is not counted.
    ///
    /// # Errors
    /// When there is none left.
    pub async fn take_of_address(&self, limit: &Limit) -> Result<(), Limited> {
        match self.0.as_ref().and_then(|counting| counting.address) {
            Some(address) => self.take(limit, &address.to_string()).await,
            None => Ok(()),
        }
    }

    /// Uses one of what an actor may have.
    ///
    /// # Errors
    /// When there is none left.
    pub async fn take_of_actor(&self, limit: &Limit, actor: ActorId) -> Result<(), Limited> {
        if self.0.is_none() {
            return Ok(());
        }
        self.take(limit, &actor.to_string()).await
    }

    /// Uses what a command costs beside its request.
    ///
    /// # Errors
    /// When there is not so much.
    pub async fn command(&self, actor: ActorId, room: RoomId, command: &Command) -> Result<(), Limited> {
        if self.0.is_none() {
            return Ok(());
        }
        self.take_of_actor(&limits::COMMANDS, actor).await?;
        if limits::is_chat(command) {
            self.take_of_actor(&limits::CHAT, actor).await?;
        }
        if limits::is_counted_for_room(command) {
            self.take(&limits::ROOM, &room.to_string()).await?;
        }
        Ok(())
    }

    /// Gives back what was granted of some limits.
    pub async fn give_back(&self, which: impl Fn(&Limit) -> bool) {
        let Some(counting) = &self.0 else { return };
        let granted = |asked: &Asked| asked.quota.wait.is_none() && which(&asked.limit);
        let asked: Vec<Asked> = counting.asked().iter().filter(|asked| granted(asked)).cloned().collect();
        for Asked { limit, key, .. } in &asked {
            counting.limiter.give_back(limit, key).await;
        }
        for asked in counting.asked().iter_mut().filter(|asked| granted(asked)) {
            let reset = asked.quota.reset.saturating_sub(asked.limit.rate.every);
            asked.quota = asked.limit.rate.quota(reset, None);
        }
    }

    /// What was asked for so far.
    #[must_use]
    pub fn told(&self) -> Vec<Asked> {
        self.0.as_ref().map(|counting| counting.asked().clone()).unwrap_or_default()
    }
}

impl Counting {
    fn note(&self, asked: Asked) {
        self.asked().push(asked);
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, Vec<Asked>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
