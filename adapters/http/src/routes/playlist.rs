//! The playlist of a room.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use synctv_domain::{Item, ItemId};
use synctv_edge::Problem;
use synctv_projections::ReadModel;
use synctv_projections::playlist::Playlists;
use utoipa::ToSchema;

use crate::auth::Bearer;
use crate::docs::names;
use crate::docs::refusals::{CALLER, LOG, PAGE, QUERY, ROOM, refusals};
use crate::extract::{Asked, InRoom};
use crate::paging::{self, Paging};
use crate::problem::Refusal;
use crate::state::Http;

#[derive(Serialize, ToSchema)]
#[schema(as = PlaylistPage)]
pub(crate) struct Page {
    #[schema(value_type = Vec<names::Item>)]
    playlist: Vec<Item>,
    /// Empty at the end.
    next_page_token: String,
}

refusals!(
    /// Of listing a playlist.
    Refused: CALLER, QUERY, LOG, ROOM, PAGE
);

/// List the playlist of a room
///
/// In order. A playlist has at most 1000 items; with that `limit` it is one page. Behind an item that was removed
/// there is no next page: begin again.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/playlist",
    operation_id = "list_playlist",
    tag = "rooms",
    params(InRoom, Paging),
    responses((status = 200, description = "A page of items", body = Page), Refused),
    security(("bearer" = []))
)]
pub(crate) async fn list(
    State(http): State<Http>,
    bearer: Bearer,
    InRoom(room): InRoom,
    Asked(paging): Asked<Paging>,
) -> Result<Json<Page>, Refusal> {
    let after = paging.after(|token| token.parse().ok())?;
    http.edge.rooms.room(room, bearer.0.actor.id).await?;
    http.edge.reached(&[Playlists::NAME], paging.min_position).await?;
    let mut playlist = http.edge.models.playlist(room).await?;
    playlist.drain(..shown(&playlist, after)?);
    let next_page_token = paging::cut(&mut playlist, paging.limit(), |item| item.item_id.to_string());
    Ok(Json(Page { playlist, next_page_token }))
}

/// How many items were shown, up to this one.
fn shown(playlist: &[Item], last: Option<ItemId>) -> Result<usize, Problem> {
    let Some(last) = last else { return Ok(0) };
    let index = playlist.iter().position(|item| item.item_id == last);
    let gone = || Problem::bad_request("invalid_cursor", "the item that page_token names was removed: begin again");
    index.map(|index| index + 1).ok_or_else(gone)
}
