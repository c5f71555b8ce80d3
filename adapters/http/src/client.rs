//! Where a request comes from.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use synctv_edge::forwarded::{is_secure, origin};
use synctv_edge::{Edge, Peer, Problem};

use crate::problem::Refusal;

/// Bytes of a request's target.
const TARGET: usize = 8192;

/// Whoever sent a request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Client {
    /// If it is known.
    pub(crate) address: Option<IpAddr>,
    /// They reach a trusted proxy over TLS.
    pub(crate) secure: bool,
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or_default())
    }
}

/// Tells all that handles a request whose it is.
pub(crate) async fn know(State(edge): State<Arc<Edge>>, mut request: Request, next: Next) -> Response {
    if let Some(Peer(peer)) = request.extensions().get() {
        let (peer, trusted) = (peer.ip(), &edge.guard.trusted);
        let address = Some(origin(peer, request.headers(), trusted));
        let secure = is_secure(peer, request.headers(), trusted);
        request.extensions_mut().insert(Client { address, secure });
    }
    next.run(request).await
}

/// Refuses a target that nobody needs.
pub(crate) async fn brief(request: Request, next: Next) -> Response {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target > TARGET {
        let detail = format!("a request's target has at most {TARGET} bytes");
        return Refusal(Problem::new(StatusCode::URI_TOO_LONG, "uri_too_long", detail)).into_response();
    }
    next.run(request).await
}
