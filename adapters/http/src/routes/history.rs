//! What was played in a room.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use synctv_projections::ReadModel;
use synctv_projections::playback_history::PlaybackHistory;
use synctv_projections::read::ShowingListing;
use utoipa::ToSchema;

use crate::auth::Bearer;
use crate::docs::names;
use crate::docs::refusals::{CALLER, LOG, PAGE, QUERY, ROOM, refusals};
use crate::extract::{Asked, InRoom};
use crate::paging::{self, Paging};
use crate::problem::Refusal;
use crate::state::Http;

#[derive(Serialize, ToSchema)]
#[schema(as = HistoryPage)]
pub(crate) struct Page {
    #[schema(value_type = Vec<names::ShowingListing>)]
    history: Vec<ShowingListing>,
    /// Empty at the end.
    next_page_token: String,
}

refusals!(
    /// Of listing what was played.
    Refused: CALLER, QUERY, LOG, ROOM, PAGE
);

/// List what was played in a room
///
/// One entry for each showing of an item, the newest first.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/history",
    operation_id = "list_history",
    tag = "rooms",
    params(InRoom, Paging),
    responses((status = 200, description = "A page of showings", body = Page), Refused),
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
    http.edge.reached(&[PlaybackHistory::NAME], paging.min_position).await?;
    let mut history = http.edge.models.history(room, &from, http.edge.clock.now()).await?;
    let next_page_token = paging::cut(&mut history, paging.limit(), |showing| showing.seq.to_string());
    Ok(Json(Page { history, next_page_token }))
}
