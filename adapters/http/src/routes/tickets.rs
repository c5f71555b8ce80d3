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

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Use {
    Sse,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    #[serde(rename = "use")]
    _usage: Use,
}

/// `POST /v1/rooms/{room}/tickets`
pub(crate) async fn create(
    State(http): State<Http>,
    bearer: Bearer,
    InRoom(room): InRoom,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let _: Body = shape::typed(body)?;
    http.rooms.room(room, bearer.0.actor.id).await?;
    let ticket = http.tokens.sse_ticket(&bearer.0, room)?;
    let expires = Timestamp(bearer.0.expires.saturating_mul(1_000_000));
    Ok((StatusCode::CREATED, Json(json!({ "ticket": ticket, "expires_at": expires }))))
}
