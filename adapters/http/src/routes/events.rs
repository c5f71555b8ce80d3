//! Events of a room, as a page or as a stream.

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use synctv_commands::{LogError, RoomAt, Shown};
use synctv_domain::{RoomId, Seq};
use synctv_edge::{Identity, Place, Problem, Seat, unauthenticated};
use utoipa::ToSchema;

use crate::auth::Bearer;
use crate::docs::names;
use crate::docs::params::LastEventId;
use crate::docs::refusals::{CALLER, LOG, QUERY, ROOM, refusals};
use crate::extract::{Asked, InRoom};
use crate::paging;
use crate::problem::Refusal;
use crate::seat::Seated;
use crate::sse::{self, Start};
use crate::state::Http;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct From {
    /// What the reader has: `<seq>` or `<epoch>:<seq>`; nothing unless set.
    #[param(example = "01JZ0000000000000000000006:42", pattern = "^([^:]+:)?[0-9]+$")]
    after: Option<String>,
    /// The most events of a page; clamped to the bounds.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<i64>,
    #[param(ignore)]
    ticket: Option<String>,
}

refusals!(
    /// Of reading events.
    Refused: CALLER, QUERY, LOG, ROOM, &["invalid_cursor", "cursor_reset"]
);

/// Read or follow a room's events
///
/// A page; or, with `Accept: text/event-stream`, a stream that begins behind the cursor and goes on as events happen:
/// events without an `event:` field and with `id: <epoch>:<seq>`, and `reset`, `heartbeat` and `drain` as described by
/// [/asyncapi.json](/asyncapi.json). A ticket opens the stream only.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/events",
    operation_id = "read_events",
    tag = "streams",
    params(InRoom, From, LastEventId),
    responses(
        (
            status = 200,
            description = "Events in order",
            content((Page<'static> = "application/json"), (String = "text/event-stream"))
        ),
        Refused
    ),
    security(("bearer" = []), ("ticket" = []))
)]
pub(crate) async fn read(
    State(http): State<Http>,
    InRoom(room): InRoom,
    Asked(from): Asked<From>,
    mut parts: Parts,
) -> Result<Response, Refusal> {
    let streaming = accepts_sse(&parts.headers);
    let seat = if streaming { Some(Seated::from_request_parts(&mut parts, &http).await?.0) } else { None };
    let identity = identify(&http, room, &from, streaming, &mut parts).await?;
    let place = place(&from, &parts.headers, streaming)?;
    let current = http.edge.rooms.room(room, identity.actor.id).await?;
    let lost = place.lost(&current.epoch.name, current.room.seq());
    if let Some(seat) = seat {
        return Ok(stream(&http, (room, seat), &identity, &current, &place, lost).await?);
    }
    let head = Head { epoch: &current.epoch.name, seq: current.room.seq() };
    if let Some(reason) = lost {
        let problem = Problem::new(StatusCode::GONE, "cursor_reset", "the cursor is not a place in this room's events");
        return Err(problem.with("head", json!(head)).with("reason", json!(reason)).into());
    }
    let events = http.edge.rooms.events(room, place.seq, paging::limit(from.limit)).await?;
    Ok(Json(Page { events, head }).into_response())
}

#[derive(Serialize)]
struct Head<'a> {
    epoch: &'a str,
    seq: Seq,
}

#[derive(Serialize, ToSchema)]
#[schema(as = EventPage)]
struct Page<'a> {
    #[schema(value_type = Vec<names::Event>)]
    events: Vec<Shown>,
    #[schema(value_type = names::Head)]
    head: Head<'a>,
}

async fn stream(
    http: &Http,
    (room, seat): (RoomId, Seat),
    identity: &Identity,
    current: &RoomAt,
    place: &Place,
    lost: Option<&'static str>,
) -> Result<Response, Problem> {
    let head = current.room.seq();
    let after = if lost.is_some() { head } else { place.seq };
    let cursor = http.edge.hub.subscribe(room, after).await?;
    if cursor.epoch() != &current.epoch {
        // The place was judged by a log that has been replaced since.
        return Err(LogError::EpochChanged.into());
    }
    let reset = lost.map(|reason| (head, reason));
    let (actor, expires) = (identity.actor.id, identity.expires);
    Ok(sse::respond(http, Start { room, actor, expires, cursor, opened: current.room.seq(), reset, seat }))
}

fn accepts_sse(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/event-stream"))
}

/// A ticket opens the stream only; everything else needs the token itself.
async fn identify(
    http: &Http,
    room: RoomId,
    from: &From,
    streaming: bool,
    parts: &mut Parts,
) -> Result<Identity, Problem> {
    match &from.ticket {
        Some(ticket) if streaming => http.edge.tokens.redeem_sse(ticket, room, http.edge.clock.now()),
        Some(_) => Err(unauthenticated()),
        None => Bearer::from_request_parts(parts, http).await.map(|bearer| bearer.0).map_err(|refusal| refusal.0),
    }
}

/// What the browser last received is newer than what the address says.
fn place(from: &From, headers: &HeaderMap, streaming: bool) -> Result<Place, Problem> {
    // What is no text is no cursor either.
    let last = headers.get("last-event-id").filter(|_| streaming).map(|id| id.to_str().unwrap_or("?"));
    match last.filter(|id| !id.is_empty()).or(from.after.as_deref()) {
        Some(text) => Place::parse(text),
        None => Ok(Place { epoch: None, seq: Seq(0) }),
    }
}
