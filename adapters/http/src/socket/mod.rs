//! The socket: everything of a room over one connection.

mod ask;
#[cfg(test)]
mod autobahn;
mod connection;
#[cfg(test)]
mod described;
mod flow;
mod hear;
mod link;
mod replies;
mod shared;
mod upgrade;
mod wire;

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;

use self::connection::Connection;
use self::upgrade::Upgrade;
use crate::client::Client;
use crate::crowd::Seat;
use crate::docs::params::Protocol;
use crate::docs::refusals::{CALLER, LOG, QUERY, ROOM, refusals};
use crate::extract::{Asked, InRoom};
use crate::problem::Problem;
use crate::state::Http;

/// The one protocol.
const PROTOCOL: &str = "synctv.v1+json";
/// Bytes of a message of a client.
pub(crate) const MESSAGE: usize = 64 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct With {
    ticket: Option<String>,
}

refusals!(
    /// Of opening a socket.
    Refused: CALLER, QUERY, LOG, ROOM,
    &["ticket_used", "unsupported_protocol", "websocket_required", "too_many_connections", "origin_not_allowed"]
);

/// Open a room's socket
///
/// Everything of a room over one WebSocket: events, commands, the clock, presence. Its messages and close codes are
/// described by [/asyncapi.json](/asyncapi.json). It needs a ticket with `use: ws`, which is used up by an upgrade that
/// could be made.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/ws",
    operation_id = "open_socket",
    tag = "streams",
    params(InRoom, Protocol),
    responses(
        (
            status = 101,
            description = "The socket is open",
            headers(("Sec-WebSocket-Protocol" = String, description = "`synctv.v1+json`, if the client offers it"))
        ),
        Refused
    ),
    security(("ticket" = []))
)]
pub(crate) async fn open(
    State(http): State<Http>,
    InRoom(room): InRoom,
    client: Client,
    headers: HeaderMap,
    seat: Seat,
    Asked(with): Asked<With>,
    // What cannot become a socket uses up no ticket.
    mut upgrade: Upgrade,
) -> Result<Response, Problem> {
    upgrade.speak(PROTOCOL)?;
    http.edge.admit(&headers)?;
    let place = http.sockets.enter().ok_or_else(Problem::busy)?;
    let ticket = with.ticket.ok_or_else(crate::auth::missing)?;
    let ticket = http.tokens.redeem_socket(&ticket, room, http.clock.now())?;
    if !http.one_time.redeem(ticket.id, ticket.seconds).await? {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "ticket_used", "a ticket opens one socket"));
    }
    let now = http.rooms.room(room, ticket.identity.actor.id).await?;
    let cursor = http.hub.subscribe(room, now.room.seq()).await?;
    let (who, opened) = ((ticket.identity, client.address), now.room.seq());
    Ok(upgrade
        .accept(MESSAGE, move |socket| Connection::new(http, room, who, (cursor, opened), socket).run((place, seat))))
}

/// Limits of patience.
#[derive(Clone, Copy)]
struct Patience {
    /// A reader takes nothing: it is told to come back.
    stall: Duration,
    /// For a last word to arrive.
    linger: Duration,
    /// Nothing is heard, not even the answer to a ping.
    silence: Duration,
    /// Between two heartbeats.
    beat: Duration,
}

const PATIENCE: Patience = Patience {
    stall: Duration::from_secs(15),
    linger: Duration::from_secs(60),
    silence: Duration::from_secs(45),
    beat: Duration::from_secs(20),
};
