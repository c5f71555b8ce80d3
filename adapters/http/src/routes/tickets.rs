//! Tickets: for what cannot send a header.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use synctv_domain::Timestamp;
use synctv_edge::{limits, socket_until, typed_of};
use utoipa::ToSchema;

use crate::auth::Bearer;
use crate::docs::names;
use crate::docs::refusals::{BODY, CALLER, LOG, ROOM, refusals};
use crate::extract::{InRoom, JsonBody};
use crate::measure::Meter;
use crate::problem::Refusal;
use crate::state::Http;

#[derive(Deserialize, ToSchema)]
#[schema(as = TicketUse)]
#[serde(rename_all = "snake_case")]
enum Use {
    Sse,
    Ws,
}

#[derive(Deserialize, ToSchema)]
#[schema(as = TicketRequest)]
#[serde(deny_unknown_fields)]
struct Body {
    /// What it shall open: `sse` the stream of the room's events, `ws` its socket.
    #[serde(rename = "use")]
    usage: Use,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Ticket {
    /// Goes into the address: `?ticket=`.
    ticket: String,
    /// An `sse` ticket is good as long as the token that it was asked with. A `ws` ticket opens one socket within 30 s;
    /// the socket may stay as long as that token is good.
    #[schema(value_type = names::Timestamp)]
    expires_at: Timestamp,
}

refusals!(
    /// Of a ticket.
    Refused: BODY, CALLER, LOG, ROOM
);

/// Get a ticket
///
/// For what cannot send a header, such as a browser's EventSource and WebSocket: good for this room alone.
#[utoipa::path(
    post,
    path = "/v1/rooms/{room}/tickets",
    operation_id = "create_ticket",
    tag = "streams",
    params(InRoom),
    request_body = Body,
    responses((status = 201, description = "The ticket", body = Ticket), Refused),
    security(("bearer" = []))
)]
pub(crate) async fn create(
    State(http): State<Http>,
    bearer: Bearer,
    Meter(meter): Meter,
    InRoom(room): InRoom,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Ticket>), Refusal> {
    let Body { usage } = typed_of(body)?;
    meter.take_of_actor(&limits::TICKETS, bearer.0.actor.id).await?;
    http.edge.rooms.room(room, bearer.0.actor.id).await?;
    let now = http.edge.clock.now();
    let (ticket, until) = match usage {
        Use::Sse => (http.edge.tokens.sse_ticket(&bearer.0, room)?, bearer.0.expires),
        Use::Ws => (http.edge.tokens.socket_ticket(&bearer.0, room, http.edge.ids.ulid(), now)?, socket_until(now)),
    };
    let expires_at = Timestamp(until.min(bearer.0.expires).saturating_mul(1_000_000));
    Ok((StatusCode::CREATED, Json(Ticket { ticket, expires_at })))
}
