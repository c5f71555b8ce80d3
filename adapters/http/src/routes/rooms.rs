//! Rooms: making one, and seeing it as it is or was.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use synctv_commands::RoomAt;
use synctv_domain::{Seq, Timestamp};

use crate::auth::Bearer;
use crate::extract::{Asked, InRoom, JsonBody, idempotency_key};
use crate::problem::Problem;
use crate::shape;
use crate::state::Http;

/// `POST /v1/rooms`
pub(crate) async fn create(
    State(http): State<Http>,
    bearer: Bearer,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Problem> {
    let room = shape::typed(body)?;
    let reply = http.rooms.create(bearer.caller(), room, idempotency_key(&headers)?).await?;
    let location = [(header::LOCATION, format!("/v1/rooms/{}", reply.room))];
    let body = Json(json!({ "room_id": reply.room, "seq": reply.seq, "position": reply.position }));
    Ok((StatusCode::CREATED, location, body).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct When {
    as_of: Option<i64>,
    at: Option<String>,
}

/// `GET /v1/rooms/{room}`, `?as_of=<seq>`, `?at=<RFC 3339>`
pub(crate) async fn show(
    State(http): State<Http>,
    bearer: Bearer,
    InRoom(room): InRoom,
    Asked(when): Asked<When>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let reader = bearer.0.actor.id;
    let found = match (when.as_of, when.at) {
        (None, None) => http.rooms.room(room, reader).await?,
        (Some(seq), None) => http.rooms.room_as_of(room, reader, Seq(seq)).await?,
        (None, Some(at)) => http.rooms.room_at(room, reader, time(&at)?).await?,
        (Some(_), Some(_)) => return Err(Problem::bad_request("invalid_query", "as_of and at exclude each other")),
    };
    Ok(answer(&found, &headers))
}

/// A `+` that was not escaped arrives as a space.
fn time(text: &str) -> Result<Timestamp, Problem> {
    Timestamp::parse(&text.replace(' ', "+")).map_err(|error| Problem::bad_request("invalid_time", error.to_string()))
}

fn answer(found: &RoomAt, headers: &HeaderMap) -> Response {
    let tag = format!("\"{}:{}\"", found.epoch.name, found.room.seq().0);
    let Ok(value) = HeaderValue::from_str(&tag) else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let tag = [(header::ETAG, value), (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"))];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == tag[0].1) {
        return (StatusCode::NOT_MODIFIED, tag).into_response();
    }
    (tag, Json(found.room.view(&found.epoch.name))).into_response()
}
