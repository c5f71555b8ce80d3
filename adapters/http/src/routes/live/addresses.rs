//! Where live streams are published.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, Uri, header};
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Bearer;
use crate::docs::refusals::{CALLER, refusals};
use crate::problem::Refusal;
use crate::state::Http;

/// Where encoders publish.
#[derive(Serialize, ToSchema)]
pub(crate) struct LiveAddresses {
    /// None: live streams are not taken here.
    publish: Vec<PublishAddress>,
}

/// An address for encoders; the stream key is `{room_id}?key={key}`.
#[derive(Serialize, ToSchema)]
pub(crate) struct PublishAddress {
    /// Such as `rtmp://tv.example:1935/live`.
    #[schema(format = "uri")]
    url: String,
}

refusals!(
    /// Of asking where to publish.
    Refused: CALLER
);

/// Where live streams are published
///
/// At the host that this request was sent to, unless the server was told another one.
#[utoipa::path(
    get,
    path = "/v1/live",
    operation_id = "live_addresses",
    tag = "live",
    responses((status = 200, description = "The addresses", body = LiveAddresses), Refused),
    security(("bearer" = []))
)]
pub(crate) async fn list(
    State(http): State<Http>,
    _: Bearer,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Json<LiveAddresses>, Refusal> {
    let asked = headers.get(header::HOST).and_then(|host| host.to_str().ok()).and_then(|host| host.parse::<Uri>().ok());
    let host = uri.host().map(str::to_owned).or_else(|| Some(asked?.host()?.to_owned()));
    let urls = http.ingest.urls(host.as_deref().unwrap_or("localhost"));
    Ok(Json(LiveAddresses { publish: urls.into_iter().map(|url| PublishAddress { url }).collect() }))
}
