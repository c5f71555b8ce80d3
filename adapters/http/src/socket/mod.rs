//! The socket: everything of a room over one connection.

mod ask;
#[cfg(test)]
mod autobahn;
#[cfg(test)]
mod described;
mod frame;
mod link;
mod pipe;
mod shared;
mod upgrade;
mod wire;

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::Deserialize;
use synctv_edge::session::{Opening, Over};
use synctv_edge::{Problem, unauthenticated};

use self::link::SocketLink;
pub(crate) use self::pipe::Pipe;
pub(crate) use self::upgrade::Upgrade;
use crate::client::Client;
use crate::docs::params::Protocol;
use crate::docs::refusals::{CALLER, LOG, QUERY, ROOM, refusals};
use crate::extract::{Asked, InRoom};
use crate::problem::Refusal;
use crate::seat::Seated;
use crate::state::Http;

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
            headers(("Sec-WebSocket-Protocol" = String, description = "The first of the client's offers that the server speaks"))
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
    Seated(seat): Seated,
    Asked(with): Asked<With>,
    // What cannot become a socket uses up no ticket.
    mut upgrade: Upgrade,
) -> Result<Response, Refusal> {
    let protocol = upgrade.speak()?;
    http.admit(&headers)?;
    let place = http.edge.sockets.enter().ok_or_else(Problem::busy)?;
    let ticket = with.ticket.ok_or_else(unauthenticated)?;
    let ticket = http.edge.tokens.redeem_socket(&ticket, room, http.edge.clock.now())?;
    if !http.edge.one_time.redeem(ticket.id, ticket.seconds).await? {
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "ticket_used", "a ticket opens one socket").into());
    }
    let opening = Opening::new(Arc::clone(&http.edge), room, (ticket.identity, client.address)).await?;
    Ok(upgrade.accept(MESSAGE, async move |socket| {
        opening.attend(Over::Socket, SocketLink::new(socket, protocol)).await;
        drop((place, seat));
    }))
}
