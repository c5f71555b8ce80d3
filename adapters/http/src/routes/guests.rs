//! Guests: an identity for the asking.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use synctv_domain::{ActorId, DisplayName, Timestamp};

use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::shape;
use crate::state::Http;
use crate::tokens::GUEST_SECS;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    display_name: DisplayName,
}

/// `POST /v1/guests`
pub(crate) async fn create(
    State(http): State<Http>,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let Body { display_name } = shape::typed(body)?;
    let guest = ActorId::Guest(http.ids.ulid());
    http.subjects.admit(guest).await?;
    let expires = http.clock.now().0 / 1000 + GUEST_SECS;
    let token = http.tokens.access(guest, display_name.clone(), expires)?;
    let body = json!({
        "actor": { "id": guest, "kind": guest.kind(), "display_name": display_name },
        "access_token": token,
        "expires_at": Timestamp(expires.saturating_mul(1_000_000)),
    });
    Ok((StatusCode::CREATED, Json(body)))
}
