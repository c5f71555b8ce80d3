//! Who is calling.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, header};
use synctv_commands::Caller;
use synctv_edge::{Identity, Problem, bearer, limits, unauthenticated};

use crate::client::Client;
use crate::measure::Meter;
use crate::problem::Refusal;
use crate::state::Http;

/// The bearer of a valid access token, and where they are. What they read is counted.
pub(crate) struct Bearer(pub(crate) Identity, pub(crate) Option<IpAddr>);

impl Bearer {
    pub(crate) fn caller(&self) -> Caller {
        self.0.caller(self.1)
    }
}

impl FromRequestParts<Http> for Bearer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, Refusal> {
        let identity = http.edge.tokens.identify(given(parts)?, http.edge.clock.now())?;
        let Ok(Client { address, .. }) = Client::from_request_parts(parts, http).await;
        if [Method::GET, Method::HEAD].contains(&parts.method) {
            let Ok(Meter(meter)) = Meter::from_request_parts(parts, http).await;
            meter.take_of_actor(&limits::READS, identity.actor.id).await?;
        }
        Ok(Self(identity, address))
    }
}

/// The token of the request.
pub(crate) fn given(parts: &Parts) -> Result<&str, Problem> {
    let given = parts.headers.get(header::AUTHORIZATION).and_then(|given| given.to_str().ok());
    given.and_then(bearer).ok_or_else(unauthenticated)
}
