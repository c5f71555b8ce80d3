//! How long the members of a room have watched.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use synctv_projections::ReadModel;
use synctv_projections::read::WatchListing;
use synctv_projections::watch_time::WatchTime;
use utoipa::ToSchema;

use crate::auth::Bearer;
use crate::docs::names;
use crate::docs::refusals::{CALLER, LOG, PAGE, QUERY, ROOM, refusals};
use crate::extract::{Asked, InRoom};
use crate::paging::{self, Paging};
use crate::problem::Refusal;
use crate::state::Http;

#[derive(Serialize, ToSchema)]
#[schema(as = WatchTimePage)]
pub(crate) struct Page {
    #[schema(value_type = Vec<names::WatchListing>)]
    watch_time: Vec<WatchListing>,
    /// Empty at the end.
    next_page_token: String,
}

refusals!(
    /// Of listing who watched.
    Refused: CALLER, QUERY, LOG, ROOM, PAGE
);

/// List how long who has watched in a room
///
/// Everybody who is or was a member, in the order of their ids.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/watch-time",
    operation_id = "list_watch_time",
    tag = "rooms",
    params(InRoom, Paging),
    responses((status = 200, description = "A page of watch times", body = Page), Refused),
    security(("bearer" = []))
)]
pub(crate) async fn list(
    State(http): State<Http>,
    bearer: Bearer,
    InRoom(room): InRoom,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page>, Refusal> {
    let from = paging.onward(|token| token.parse().ok())?;
    http.edge.rooms.room(room, bearer.0.actor.id).await?;
    http.edge.reached(&[WatchTime::NAME], paging.min_position).await?;
    let mut watch_time = http.edge.models.watch_time(room, &from, http.edge.clock.now()).await?;
    let next_page_token = paging::cut(&mut watch_time, paging.limit(), |watch| watch.member.to_string());
    Ok(Json(Page { watch_time, next_page_token }))
}
