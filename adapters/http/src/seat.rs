//! Seats of streams and sockets.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use synctv_edge::Seat;

use crate::client::Client;
use crate::measure::Meter;
use crate::problem::Refusal;
use crate::state::Http;

/// For a socket or a stream, as long as it is held.
pub(crate) struct Seated(pub(crate) Seat);

impl FromRequestParts<Http> for Seated {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, Refusal> {
        let Ok(Client { address, .. }) = Client::from_request_parts(parts, http).await;
        let Ok(Meter(meter)) = Meter::from_request_parts(parts, http).await;
        Ok(Self(http.edge.seat(&meter, address).await?))
    }
}
