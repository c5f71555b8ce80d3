//! Guests: an identity for the asking.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use synctv_domain::{ActorId, ActorKind, DisplayName, Timestamp};
use synctv_edge::{Token, typed_of};
use utoipa::ToSchema;

use crate::auth::Bearer;
use crate::docs::names;
use crate::docs::refusals::{BODY, CALLER, LOG, refusals};
use crate::extract::JsonBody;
use crate::measure::Meter;
use crate::problem::Refusal;
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
) -> Result<(StatusCode, Json<Guest>), Refusal> {
    let Body { display_name } = typed_of(body)?;
    let guest = http.edge.admit(&meter.0, display_name).await?;
    let actor = Named { id: guest.id, kind: guest.id.kind(), display_name: guest.display_name };
    let Token { text: access_token, expires_at } = guest.token;
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
) -> Result<(StatusCode, Json<Renewed>), Refusal> {
    let Token { text: access_token, expires_at } = http.edge.renew(&meter.0, identity).await?;
    Ok((StatusCode::CREATED, Json(Renewed { access_token, expires_at })))
}
