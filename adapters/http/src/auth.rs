//! Who is calling.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{Method, StatusCode, header};
use synctv_commands::Caller;

use crate::client::Client;
use crate::limits;
use crate::meter::Meter;
use crate::problem::Problem;
use crate::state::Http;
use crate::tokens::Identity;

/// The bearer of a valid access token, and where they are. What they read is counted.
pub(crate) struct Bearer(pub(crate) Identity, pub(crate) Option<IpAddr>);

impl Bearer {
    pub(crate) fn caller(self) -> Caller {
        Caller { actor: self.0.actor, display_name: self.0.display_name, address: self.1 }
    }
}

impl FromRequestParts<Http> for Bearer {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, Problem> {
        let identity = http.tokens.identify(given(parts)?, http.clock.now())?;
        let Ok(Client { address, .. }) = Client::from_request_parts(parts, http).await;
        if [Method::GET, Method::HEAD].contains(&parts.method) {
            let Ok(meter) = Meter::from_request_parts(parts, http).await;
            meter.take_of_actor(&limits::READS, identity.actor.id).await?;
        }
        Ok(Self(identity, address))
    }
}

/// The token of the request.
pub(crate) fn given(parts: &Parts) -> Result<&str, Problem> {
    let given = parts.headers.get(header::AUTHORIZATION).ok_or_else(missing)?;
    given.to_str().ok().and_then(bearer).ok_or_else(missing)
}

fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

pub(crate) fn missing() -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, "unauthenticated", "an access token is needed: Authorization: Bearer …")
}
