//! What guards a server towards its clients.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};

use crate::client::Client;
use crate::crowd::{Crowd, Seat};
use crate::limits::{CONNECTIONS, OPENINGS};
use crate::meter::{Limited, Meter};
use crate::metrics::Metrics;
use crate::origins::Origins;
use crate::problem::Problem;
use crate::state::Http;
use crate::trusted::Trusted;

/// When somebody may come back who holds as many connections as an address may.
const COME_BACK: Duration = Duration::from_secs(5);

/// What is believed, admitted and counted.
#[derive(Debug, Default)]
pub struct Edge {
    /// Proxies.
    pub trusted: Trusted,
    /// Pages of other sites.
    pub origins: Origins,
    /// Whether anything is limited.
    pub limited: bool,
    /// Sockets and streams of each client's address.
    pub streams: Crowd,
}

impl Edge {
    /// Whether pages of this origin may open sockets.
    pub(crate) fn admit(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let detail = "pages of this origin may not open sockets here: SYNCTV_CORS_ORIGINS";
        let refused = || Problem::new(StatusCode::FORBIDDEN, "origin_not_allowed", detail);
        self.origins.admit(headers).then_some(()).ok_or_else(refused)
    }
}

/// For a socket or a stream.
impl FromRequestParts<Http> for Seat {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, Problem> {
        let Ok(Client { address, .. }) = Client::from_request_parts(parts, http).await;
        let Ok(meter) = Meter::from_request_parts(parts, http).await;
        meter.take_of_address(&OPENINGS).await?;
        http.edge.streams.enter(address).ok_or_else(|| {
            http.metrics.limited(CONNECTIONS);
            Limited { limit: CONNECTIONS, wait: COME_BACK }.into()
        })
    }
}

/// Lets connections in.
#[derive(Clone)]
pub struct Door(Option<(Arc<Edge>, Crowd, Arc<Metrics>)>);

impl Door {
    /// One that is held to what an address may hold. Proxies hold as many as they like.
    #[must_use]
    pub fn guarded(edge: Arc<Edge>, connections: Crowd, metrics: Arc<Metrics>) -> Self {
        Self(Some((edge, connections, metrics)))
    }

    /// One that lets everybody in.
    #[must_use]
    pub fn open() -> Self {
        Self(None)
    }

    /// A seat for a connection; None when its address has as many as it may.
    #[must_use]
    pub fn enter(&self, peer: SocketAddr) -> Option<Seat> {
        let Some((edge, connections, metrics)) = &self.0 else { return Crowd::default().enter(None) };
        let address = Some(peer.ip()).filter(|peer| !edge.trusted.holds(*peer));
        let seat = connections.enter(address);
        if seat.is_none() {
            metrics.limited(CONNECTIONS);
        }
        seat
    }

    /// What who is not let in is told: a whole answer of HTTP/1.
    pub const FULL: &'static [u8] = b"HTTP/1.1 429 Too Many Requests\r\ncontent-length: 0\r\nretry-after: 5\r\n\
        cache-control: no-store\r\nconnection: close\r\n\r\n";
}
