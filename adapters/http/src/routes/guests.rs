//! Guests: an identity for the asking.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use synctv_domain::{ActorId, DisplayName, Timestamp};

use crate::auth::{Bearer, missing};
use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::shape;
use crate::state::Http;

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
    let (token, expires) = token(&http, guest, display_name.clone())?;
    let body = json!({
        "actor": { "id": guest, "kind": guest.kind(), "display_name": display_name },
        "access_token": token,
        "expires_at": expires,
    });
    Ok((StatusCode::CREATED, Json(body)))
}

/// `POST /v1/tokens`: a new token for whoever has one that is still good.
pub(crate) async fn renew(
    State(http): State<Http>,
    Bearer(identity): Bearer,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let name = identity.display_name.ok_or_else(missing)?;
    let (token, expires) = token(&http, identity.actor.id, name)?;
    Ok((StatusCode::CREATED, Json(json!({ "access_token": token, "expires_at": expires }))))
}

fn token(http: &Http, actor: ActorId, name: DisplayName) -> Result<(String, Timestamp), Problem> {
    let expires = http.clock.now().0 / 1000 + http.guest_secs;
    Ok((http.tokens.access(actor, name, expires)?, Timestamp(expires.saturating_mul(1_000_000))))
}
