//! The list of rooms.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use synctv_commands::{RoomListing, RoomQuery};
use synctv_domain::{Position, RoomId};
use tokio::time::{Instant, sleep};
use utoipa::ToSchema;

use crate::auth::Bearer;
use crate::docs::names;
use crate::docs::refusals::{CALLER, LOG, QUERY, refusals};
use crate::extract::Asked;
use crate::problem::Problem;
use crate::state::Http;

const DEFAULT: i64 = 50;
const MOST: i64 = 200;
/// How long a reader who just wrote waits for the list to show it.
const PATIENCE: Duration = Duration::from_secs(5);

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
) -> Result<Json<Page>, Problem> {
    let limit = usize::try_from(wanted.page_size.unwrap_or(DEFAULT).clamp(1, MOST)).unwrap_or(1);
    let query = RoomQuery {
        reader: bearer.0.actor.id,
        text: text(wanted.query)?,
        before: token(wanted.page_token)?,
        limit: limit + 1,
    };
    // Also refuses to list what a rewound log may hold.
    let head = http.tail.head().await?.position;
    let position = wanted.min_position.unwrap_or(0);
    if !(0..=head.0).contains(&position) {
        return Err(Problem::bad_request("invalid_query", "min_position is not a position of the log"));
    }
    await_position(&http, Position(position)).await?;
    let mut rooms = http.directory.list(&query).await?;
    let more = rooms.len() > limit;
    rooms.truncate(limit);
    let next_page_token = rooms.last().filter(|_| more).map(|room| room.room_id.to_string()).unwrap_or_default();
    Ok(Json(Page { rooms, next_page_token }))
}

fn text(query: Option<String>) -> Result<String, Problem> {
    let text = query.unwrap_or_default();
    if text.contains('\0') || text.chars().count() > 100 {
        return Err(Problem::bad_request("invalid_query", "query has at most 100 characters and no U+0000"));
    }
    Ok(text)
}

fn token(token: Option<String>) -> Result<Option<RoomId>, Problem> {
    let token = token.filter(|token| !token.is_empty()).map(|token| token.parse());
    token.transpose().map_err(|_| Problem::bad_request("invalid_cursor", "page_token is the next_page_token of a page"))
}

async fn await_position(http: &Http, wanted: Position) -> Result<(), Problem> {
    let until = Instant::now() + PATIENCE;
    while wanted.0 > 0 && http.directory.position().await? < wanted {
        if Instant::now() >= until {
            return Err(Problem::behind());
        }
        sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}
