//! Guests: an identity for the asking.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use synctv_domain::{ActorId, ActorKind, DisplayName, Timestamp};
use utoipa::ToSchema;

use crate::auth::{Bearer, missing};
use crate::docs::names;
use crate::docs::refusals::{BODY, CALLER, LOG, refusals};
use crate::extract::JsonBody;
use crate::limits;
use crate::meter::Meter;
use crate::problem::Problem;
use crate::shape;
use crate::state::Http;

#[derive(Deserialize, ToSchema)]
#[schema(as = GuestRequest)]
#[serde(deny_unknown_fields)]
struct Body {
    /// What rooms learn when the guest joins.
    #[schema(value_type = names::DisplayName)]
    display_name: DisplayName,
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Guest {
    actor: Named,
    /// For `Authorization: Bearer`.
    access_token: String,
    /// Of the token: 12 hours from now unless the server is told otherwise.
    #[schema(value_type = names::Timestamp)]
    expires_at: Timestamp,
}

#[derive(Serialize, ToSchema)]
#[schema(as = NamedActor)]
struct Named {
    #[schema(value_type = names::ActorId)]
    id: ActorId,
    #[schema(value_type = names::ActorKind)]
    kind: ActorKind,
    #[schema(value_type = names::DisplayName)]
    display_name: DisplayName,
}

refusals!(
    /// Of becoming a guest.
    Refused: BODY, LOG, &["erased"]
);

/// Become a guest
///
/// An identity for the asking, and its access token.
#[utoipa::path(
    post,
    path = "/v1/guests",
    operation_id = "create_guest",
    tag = "people",
    request_body = Body,
    responses((status = 201, description = "The guest", body = Guest), Refused)
)]
pub(crate) async fn create(
    State(http): State<Http>,
    meter: Meter,
    JsonBody(body): JsonBody,
) -> Result<(StatusCode, Json<Guest>), Problem> {
    let Body { display_name } = shape::typed(body)?;
    meter.take_of_address(&limits::GUESTS).await?;
    let guest = ActorId::Guest(http.ids.ulid());
    http.subjects.admit(guest).await?;
    let (access_token, expires_at) = token(&http, guest, display_name.clone())?;
    let actor = Named { id: guest, kind: guest.kind(), display_name };
    Ok((StatusCode::CREATED, Json(Guest { actor, access_token, expires_at })))
}

#[derive(Serialize, ToSchema)]
pub(crate) struct Renewed {
    /// For `Authorization: Bearer`, and for `auth` on a socket that is open.
    access_token: String,
    /// As far away as that of a new guest.
    #[schema(value_type = names::Timestamp)]
    expires_at: Timestamp,
}

refusals!(
    /// Of renewing a token.
    NotRenewed: CALLER, &["internal"]
);

/// Renew a token
///
/// A new one for whoever has one that is still good; the old one stays good until it expires.
#[utoipa::path(
    post,
    path = "/v1/tokens",
    operation_id = "renew_token",
    tag = "people",
    responses((status = 201, description = "The new token", body = Renewed), NotRenewed),
    security(("bearer" = []))
)]
pub(crate) async fn renew(
    State(http): State<Http>,
    Bearer(identity, _): Bearer,
    meter: Meter,
) -> Result<(StatusCode, Json<Renewed>), Problem> {
    let name = identity.display_name.ok_or_else(missing)?;
    meter.take_of_actor(&limits::TICKETS, identity.actor.id).await?;
    let (access_token, expires_at) = token(&http, identity.actor.id, name)?;
    Ok((StatusCode::CREATED, Json(Renewed { access_token, expires_at })))
}

fn token(http: &Http, actor: ActorId, name: DisplayName) -> Result<(String, Timestamp), Problem> {
    let expires = http.clock.now().0 / 1000 + http.guest_secs;
    Ok((http.tokens.access(actor, name, expires)?, Timestamp(expires.saturating_mul(1_000_000))))
}
