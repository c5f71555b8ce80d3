//! Why somebody may do something, or may not.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use synctv_domain::{ActorId, Permission, Trace, permission};
use synctv_edge::Problem;

use crate::auth::Bearer;
use crate::docs::names;
use crate::docs::refusals::{CALLER, LOG, QUERY, ROOM, refusals};
use crate::extract::{Asked, InRoom};
use crate::problem::Refusal;
use crate::state::Http;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Question {
    /// Whose right; the caller's unless set. Also of somebody who is no member.
    #[param(value_type = Option<names::ActorId>)]
    member: Option<String>,
    /// Which right, for example `playback.control`.
    #[param(value_type = names::Permission)]
    permission: String,
}

refusals!(
    /// Of explaining a right.
    Refused: CALLER, QUERY, LOG, ROOM
);

/// Ask why somebody may do something, or may not
///
/// Every layer that decides about the right, in order, with the event that gave it its value. The last one that says
/// anything settles it: what is told here is what a command is decided by.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/permissions/explain",
    operation_id = "explain_permission",
    tag = "rooms",
    params(InRoom, Question),
    responses((status = 200, description = "The decision", body = names::Trace), Refused),
    security(("bearer" = []))
)]
pub(crate) async fn explain(
    State(http): State<Http>,
    bearer: Bearer,
    InRoom(room): InRoom,
    Asked(question): Asked<Question>,
) -> Result<Json<Trace>, Refusal> {
    let bad = |what: &str| Problem::bad_request("invalid_query", format!("{what} has a value that it cannot have"));
    let reader = bearer.0.actor.id;
    let member = question.member.map(|id| id.parse::<ActorId>()).transpose().map_err(|_| bad("member"))?;
    let permission: Permission = question.permission.parse().map_err(|_| bad("permission"))?;
    let found = http.edge.rooms.room(room, reader).await?;
    let now = http.edge.clock.now();
    Ok(Json(permission::explain(&found.room, member.unwrap_or(reader), permission, now)))
}
