//! Rooms: making one, and seeing it as it is or was.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use synctv_commands::RoomAt;
use synctv_domain::{Position, RoomId, Seq};
use synctv_edge::{Problem, time, typed_of};
use utoipa::ToSchema;

use crate::auth::Bearer;
use crate::docs::names;
use crate::docs::params::{IdempotencyKey, IfNoneMatch};
use crate::docs::refusals::{APPEND, BODY, CALLER, LOG, QUERY, ROOM, refusals};
use crate::extract::{Asked, InRoom, JsonBody, idempotency_key};
use crate::measure::Meter;
use crate::problem::Refusal;
use crate::state::Http;

/// A room that was made.
#[derive(Serialize, ToSchema)]
#[schema(as = RoomMade)]
struct Made {
    #[schema(value_type = names::RoomId)]
    room_id: RoomId,
    /// Its last event.
    #[schema(value_type = names::Seq)]
    seq: Seq,
    /// Position of its last event: the `min_position` of a list that shows it.
    #[schema(value_type = names::Position)]
    position: Position,
}

refusals!(
    /// Of making a room.
    NotMade: BODY, CALLER, LOG, APPEND, &["room_exists", "password_required", "rate_limited"]
);

/// Make a room
#[utoipa::path(
    post,
    path = "/v1/rooms",
    operation_id = "create_room",
    tag = "rooms",
    params(IdempotencyKey),
    request_body = names::CreateRoom,
    responses(
        (
            status = 201,
            description = "The room; the caller is its owner and a member",
            body = Made,
            headers(("Location" = String, description = "Where it is"))
        ),
        NotMade
    ),
    security(("bearer" = []))
)]
pub(crate) async fn create(
    State(http): State<Http>,
    bearer: Bearer,
    meter: Meter,
    headers: HeaderMap,
    JsonBody(body): JsonBody,
) -> Result<Response, Refusal> {
    let (room, key) = (typed_of(body)?, idempotency_key(&headers)?);
    let counting = (&meter.0, &http.edge.metrics.http_commands);
    let reply = http.edge.make(counting, (&bearer.0, bearer.1), room, (key, None)).await?;
    let location = [(header::LOCATION, format!("/v1/rooms/{}", reply.room))];
    let made = Made { room_id: reply.room, seq: reply.seq, position: reply.position };
    Ok((StatusCode::CREATED, location, Json(made)).into_response())
}

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct When {
    /// The room as this event left it; not together with `at`.
    #[param(minimum = 1)]
    as_of: Option<i64>,
    /// The room as it was at this time, RFC 3339; not together with `as_of`.
    #[param(format = DateTime, example = "2026-06-01T20:15:00Z")]
    at: Option<String>,
}

refusals!(
    /// Of reading a room.
    NotShown: CALLER, QUERY, LOG, ROOM, &["invalid_time", "no_such_version"]
);

/// Read a room, as it is or was
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}",
    operation_id = "read_room",
    tag = "rooms",
    params(InRoom, When, IfNoneMatch),
    responses(
        (
            status = 200,
            description = "The room",
            body = names::Room,
            headers(("ETag" = String, description = "Its version, `\"<epoch>:<seq>\"`"))
        ),
        (status = 304, description = "It is still at the version that If-None-Match names"),
        NotShown
    ),
    security(("bearer" = []))
)]
pub(crate) async fn show(
    State(http): State<Http>,
    bearer: Bearer,
    InRoom(room): InRoom,
    Asked(when): Asked<When>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let reader = bearer.0.actor.id;
    let found = match (when.as_of, when.at) {
        (None, None) => http.edge.rooms.room(room, reader).await?,
        (Some(seq), None) => http.edge.rooms.room_as_of(room, reader, Seq(seq)).await?,
        (None, Some(at)) => http.edge.rooms.room_at(room, reader, time(&at)?).await?,
        (Some(_), Some(_)) => {
            return Err(Problem::bad_request("invalid_query", "as_of and at exclude each other").into());
        }
    };
    Ok(answer(&found, &headers))
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
