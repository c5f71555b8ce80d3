//! The list of rooms.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use synctv_edge::RoomsWanted;
use synctv_projections::read::RoomListing;
use utoipa::ToSchema;

use crate::auth::Bearer;
use crate::docs::names;
use crate::docs::refusals::{CALLER, LOG, QUERY, refusals};
use crate::extract::Asked;
use crate::problem::Refusal;
use crate::state::Http;

#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    /// Part of the name, in any case.
    #[param(max_length = 100)]
    query: Option<String>,
    /// The most rooms to answer; clamped to the bounds.
    #[param(minimum = 1, maximum = 200, default = 50)]
    page_size: Option<i64>,
    /// The `next_page_token` of the page before.
    page_token: Option<String>,
    /// Only rooms that the caller is a member of.
    mine: Option<bool>,
    /// Waits up to 5 s for the list to hold the event at this position: the `position` of one's own write.
    #[param(minimum = 0)]
    min_position: Option<i64>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = RoomPage)]
pub(crate) struct Page {
    #[schema(value_type = Vec<names::RoomListing>)]
    rooms: Vec<RoomListing>,
    /// Empty at the end.
    next_page_token: String,
}

refusals!(
    /// Of listing.
    Refused: CALLER, QUERY, LOG, &["invalid_cursor", "behind"]
);

/// List rooms
///
/// Listed rooms and those of the caller, newest first; closed ones are left out.
#[utoipa::path(
    get,
    path = "/v1/rooms",
    operation_id = "list_rooms",
    tag = "rooms",
    params(Wanted),
    responses((status = 200, description = "A page of rooms", body = Page), Refused),
    security(("bearer" = []))
)]
pub(crate) async fn list(
    State(http): State<Http>,
    bearer: Bearer,
    Asked(wanted): Asked<Wanted>,
) -> Result<Json<Page>, Refusal> {
    let Wanted { query, page_size, page_token, mine, min_position } = wanted;
    let wanted = RoomsWanted { query, page_size, page_token, mine, min_position };
    let (rooms, next_page_token) = http.edge.directory(bearer.0.actor.id, wanted).await?;
    Ok(Json(Page { rooms, next_page_token }))
}
