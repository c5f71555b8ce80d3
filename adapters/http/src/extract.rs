//! Parts of a request, each with its own problem.

use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use serde::de::DeserializeOwned;
use serde_json::Value;
use synctv_commands::IfMatch;
use synctv_domain::{CommandId, RoomId, Seq};
use synctv_edge::Problem;
use tokio::time::timeout;

use crate::problem::Refusal;
use crate::shape;
use crate::state::Http;

/// Bytes of a body.
pub(crate) const BODY: usize = 64 * 1024;

/// How long a body may take to arrive.
const ARRIVAL: Duration = Duration::from_secs(10);

/// A JSON body, checked but not yet typed.
pub(crate) struct JsonBody(pub(crate) Value);

impl FromRequest<Http> for JsonBody {
    type Rejection = Refusal;

    async fn from_request(request: Request, http: &Http) -> Result<Self, Refusal> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("application/json") {
            let detail = "the body has to be application/json";
            return Err(Refusal(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported_media_type", detail)));
        }
        let slow = |_| Problem::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", "the body did not arrive in time");
        let body = timeout(ARRIVAL, Bytes::from_request(request, http)).await.map_err(slow)?.map_err(|error| {
            match error.status() {
                StatusCode::PAYLOAD_TOO_LARGE => Problem::new(
                    StatusCode::PAYLOAD_TOO_LARGE,
                    "body_too_large",
                    format!("a body has at most {BODY} bytes"),
                ),
                _ => Problem::bad_request("incomplete_body", "the body could not be read"),
            }
        })?;
        Ok(Self(shape::parse(&body)?))
    }
}

/// The room of the path. What is no room id names no room.
pub(crate) struct InRoom(pub(crate) RoomId);

impl FromRequestParts<Http> for InRoom {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, Refusal> {
        let none = || Refusal::from(synctv_commands::ReadError::RoomNotFound);
        let Path(id) = Path::<String>::from_request_parts(parts, http).await.map_err(|_| none())?;
        id.parse().map(Self).map_err(|_| none())
    }
}

/// The query, with no name unknown.
pub(crate) struct Asked<T>(pub(crate) T);

impl<T: DeserializeOwned + Send> FromRequestParts<Http> for Asked<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, Refusal> {
        let Query(query) = Query::<T>::from_request_parts(parts, http).await.map_err(|error| {
            let detail = error.body_text();
            let code = if detail.contains("unknown field") { "unknown_field" } else { "invalid_query" };
            Problem::bad_request(code, detail)
        })?;
        Ok(Self(query))
    }
}

/// `Idempotency-Key`.
pub(crate) fn idempotency_key(headers: &HeaderMap) -> Result<Option<CommandId>, Problem> {
    let bad = || {
        Problem::bad_request(
            "invalid_idempotency_key",
            "Idempotency-Key is one value of 1 to 255 printable ASCII characters",
        )
    };
    let mut given = headers.get_all("idempotency-key").iter();
    let Some(key) = given.next() else { return Ok(None) };
    if given.next().is_some() {
        return Err(bad());
    }
    key.to_str().ok().and_then(|key| CommandId::parse(key).ok()).map(Some).ok_or_else(bad)
}

/// `If-Match: "<epoch>:<seq>"`.
pub(crate) fn if_match(headers: &HeaderMap) -> Result<Option<IfMatch>, Problem> {
    let mut all = headers.get_all(header::IF_MATCH).iter();
    let Some(given) = all.next() else { return Ok(None) };
    let tag = if all.next().is_some() { None } else { given.to_str().ok() };
    let tag = tag.and_then(|given| given.strip_prefix('"')?.strip_suffix('"'));
    let parts = tag.and_then(|tag| tag.rsplit_once(':')).filter(|(epoch, _)| !epoch.is_empty() && !epoch.contains('"'));
    let version = parts.and_then(|(epoch, seq)| Some(IfMatch { epoch: epoch.to_owned(), seq: Seq(seq.parse().ok()?) }));
    version
        .map(Some)
        .ok_or_else(|| Problem::bad_request("invalid_if_match", "If-Match is one strong tag: \"<epoch>:<seq>\""))
}
