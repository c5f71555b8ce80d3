//! Counting requests.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use synctv_edge::limits::ADDRESS;

use crate::client::Client;
use crate::problem::Refusal;
use crate::state::Http;
use synctv_edge::rate_fields;

/// Counts for the request.
#[derive(Clone, Default)]
pub(crate) struct Meter(pub(crate) synctv_edge::Meter);

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
    let meter = synctv_edge::Meter::new(&http.edge, address);
    let mut response = match meter.take_of_address(&ADDRESS).await {
        Ok(()) => {
            request.extensions_mut().insert(Meter(meter.clone()));
            next.run(request).await
        }
        Err(limited) => Refusal::from(limited).into_response(),
    };
    rate_fields::tell(response.headers_mut(), &meter.told());
    response
}
