//! The members of a room.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use synctv_projections::ReadModel;
use synctv_projections::read::MemberListing;
use synctv_projections::room_members::RoomMembers;
use utoipa::ToSchema;

use crate::auth::Bearer;
use crate::docs::names;
use crate::docs::refusals::{CALLER, LOG, PAGE, QUERY, ROOM, refusals};
use crate::extract::{Asked, InRoom};
use crate::paging::{self, Paging};
use crate::problem::Refusal;
use crate::state::Http;

#[derive(Serialize, ToSchema)]
#[schema(as = MemberPage)]
pub(crate) struct Page {
    #[schema(value_type = Vec<names::MemberListing>)]
    members: Vec<MemberListing>,
    /// Empty at the end.
    next_page_token: String,
}

refusals!(
    /// Of listing members.
    Refused: CALLER, QUERY, LOG, ROOM, PAGE
);

/// List the members of a room
///
/// In the order in which they came.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/members",
    operation_id = "list_members",
    tag = "rooms",
    params(InRoom, Paging),
    responses((status = 200, description = "A page of members", body = Page), Refused),
    security(("bearer" = []))
)]
pub(crate) async fn list(
    State(http): State<Http>,
    bearer: Bearer,
    InRoom(room): InRoom,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page>, Refusal> {
    let from = paging.onward(paging::seq)?;
    http.edge.rooms.room(room, bearer.0.actor.id).await?;
    http.edge.reached(&[RoomMembers::NAME], paging.min_position).await?;
    let mut members = http.edge.models.members(room, &from).await?;
    let next_page_token = paging::cut(&mut members, paging.limit(), |member| member.seq.to_string());
    Ok(Json(Page { members, next_page_token }))
}
