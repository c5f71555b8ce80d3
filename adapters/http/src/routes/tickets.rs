//! Tickets: for what cannot send a header.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use synctv_domain::Timestamp;

use crate::auth::Bearer;
use crate::extract::{InRoom, JsonBody};
use crate::problem::Problem;
use crate::shape;
use crate::state::Http;
use crate::tokens::socket_until;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Use {
    Sse,
    Ws,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    #[serde(rename = "use")]
    usage: Use,
}

/// `POST /v1/rooms/{room}/tickets`
pub(crate) async fn create(
    State(http): State<Http>,
    bearer: Bearer,
    InRoom(room): InRoom,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let Body { usage } = shape::typed(body)?;
    http.rooms.room(room, bearer.0.actor.id).await?;
    let now = http.clock.now();
    let (ticket, until) = match usage {
        Use::Sse => (http.tokens.sse_ticket(&bearer.0, room)?, bearer.0.expires),
        Use::Ws => (http.tokens.socket_ticket(&bearer.0, room, http.ids.ulid(), now)?, socket_until(now)),
    };
    let expires = Timestamp(until.min(bearer.0.expires).saturating_mul(1_000_000));
    Ok((StatusCode::CREATED, Json(json!({ "ticket": ticket, "expires_at": expires }))))
}
