//! What a request uses of what its client, its actor and its room may have.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use synctv_commands::{Limit, Limiter, Quota, network};
use synctv_domain::{ActorId, Command, RoomId};

use crate::client::Client;
use crate::limits::{self, ADDRESS};
use crate::metrics::Metrics;
use crate::problem::Problem;
use crate::rate_fields;
use crate::state::Http;

/// There is none left.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limited {
    pub(crate) limit: &'static str,
    /// Until there is one.
    pub(crate) wait: Duration,
}

/// What was asked for, and what is left of it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) limit: Limit,
    key: String,
    pub(crate) quota: Quota,
}

/// Counts for one request, or one command over a socket. Without limits it grants everything.
#[derive(Clone, Default)]
pub(crate) struct Meter(Option<Arc<Counting>>);

struct Counting {
    limiter: Arc<dyn Limiter>,
    metrics: Arc<Metrics>,
    address: Option<IpAddr>,
    asked: Mutex<Vec<Asked>>,
}

impl Meter {
    pub(crate) fn new(http: &Http, address: Option<IpAddr>) -> Self {
        if !http.edge.limited {
            return Self::default();
        }
        let (limiter, metrics) = (Arc::clone(&http.limiter), Arc::clone(&http.metrics));
        Self(Some(Arc::new(Counting { limiter, metrics, address: address.map(network), asked: Mutex::default() })))
    }

    /// Uses one of what `key` may have.
    pub(crate) async fn take(&self, limit: &Limit, key: &str) -> Result<(), Limited> {
        let Some(counting) = &self.0 else { return Ok(()) };
        let quota = counting.limiter.take(limit, key).await;
        counting.note(Asked { limit: *limit, key: key.to_owned(), quota });
        let Some(wait) = quota.wait else { return Ok(()) };
        counting.metrics.limited(limit.name);
        Err(Limited { limit: limit.name, wait })
    }

    /// Uses one of what the client's address may have. Whoever has none is not counted.
    pub(crate) async fn take_of_address(&self, limit: &Limit) -> Result<(), Limited> {
        match self.0.as_ref().and_then(|counting| counting.address) {
            Some(address) => self.take(limit, &address.to_string()).await,
            None => Ok(()),
        }
    }

    pub(crate) async fn take_of_actor(&self, limit: &Limit, actor: ActorId) -> Result<(), Limited> {
        if self.0.is_none() {
            return Ok(());
        }
        self.take(limit, &actor.to_string()).await
    }

    /// Uses what a command costs beside its request.
    pub(crate) async fn command(&self, actor: ActorId, room: RoomId, command: &Command) -> Result<(), Limited> {
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
    pub(crate) async fn give_back(&self, which: impl Fn(&Limit) -> bool) {
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
    fn told(&self) -> Vec<Asked> {
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

impl<S: Sync> FromRequestParts<S> for Meter {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or_default())
    }
}

/// Counts a request, and tells what is left. Who asks whether the server is alive is not counted.
pub(crate) async fn measure(State(http): State<Http>, mut request: Request, next: Next) -> Response {
    if ["/livez", "/readyz"].contains(&request.uri().path()) {
        return next.run(request).await;
    }
    let address = request.extensions().get::<Client>().and_then(|client| client.address);
    let meter = Meter::new(&http, address);
    let mut response = match meter.take_of_address(&ADDRESS).await {
        Ok(()) => {
            request.extensions_mut().insert(meter.clone());
            next.run(request).await
        }
        Err(limited) => Problem::from(limited).into_response(),
    };
    rate_fields::tell(response.headers_mut(), &meter.told());
    response
}
