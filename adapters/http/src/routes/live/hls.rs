//! Live streams over HLS: a list, and segments.

use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use synctv_edge::Problem;
use synctv_livestream::studio::Segments;

use super::{Watcher, not_live, unread};
use crate::docs::params::{LiveRoom, LiveSegment};
use crate::docs::refusals::{CALLER, LOG, ROOM, refusals};
use crate::problem::Refusal;
use crate::state::Http;

refusals!(
    /// Of playing a stream.
    Refused: CALLER, LOG, ROOM, &["not_live", "segments_unavailable"]
);

/// The list of a live stream's segments
///
/// As RFC 8216 has it. Numbers go on when somebody publishes again, here or at another node.
#[utoipa::path(
    get,
    path = "/live/{room}/index.m3u8",
    operation_id = "watch_hls",
    tag = "live",
    params(LiveRoom),
    responses((status = 200, description = "The list", body = String, content_type = "application/vnd.apple.mpegurl"), Refused),
    security(("bearer" = []), ("access" = []))
)]
pub(crate) async fn list(State(http): State<Http>, watcher: Watcher) -> Result<Response, Refusal> {
    let (segments, live) = admitted(&http, &watcher).await?;
    let on_air = http.studio.find(watcher.room);
    let found = segments.playlist(watcher.room, on_air.as_deref()).await.map_err(|error| unread(&error))?;
    let playlist = found.filter(|playlist| !playlist.is_empty()).ok_or_else(not_live)?;
    let over = !live && Segments::is_final(&playlist, http.edge.clock.now().timestamp());
    let text = playlist.ending(over).text(&watcher.query);
    Ok(answer("application/vnd.apple.mpegurl", "private, no-cache", text))
}

/// A segment of a live stream
///
/// Where its list says. It stays at least 30 s after it has left the list.
#[utoipa::path(
    get,
    path = "/live/{room}/{token}/{segment}",
    operation_id = "read_segment",
    tag = "live",
    params(LiveSegment),
    responses(
        (
            status = 200,
            description = "The segment, or what it is decoded by",
            content((String = "video/mp2t"), (String = "video/iso.segment"), (String = "video/mp4"))
        ),
        Refused
    ),
    security(("bearer" = []), ("access" = []))
)]
pub(crate) async fn segment(
    State(http): State<Http>,
    watcher: Watcher,
    Path((_, token, name)): Path<(String, String, String)>,
) -> Result<Response, Refusal> {
    let (segments, _) = admitted(&http, &watcher).await?;
    let found = segments.segment(watcher.room, &token, &name).await.map_err(|error| unread(&error))?;
    let bytes = found.ok_or_else(not_live)?;
    let kind = match name.rsplit_once('.') {
        Some((_, "ts")) => "video/mp2t",
        Some((_, "m4s")) => "video/iso.segment",
        _ => "video/mp4",
    };
    Ok(answer(kind, "private, max-age=60, immutable", bytes))
}

/// The segments, for a member of the room, and whether it is live.
async fn admitted<'a>(http: &'a Http, watcher: &Watcher) -> Result<(&'a Segments, bool), Refusal> {
    let actor = watcher.identity.actor.id;
    // Who follows the room's stream here knows its members.
    let known = http.studio.find(watcher.room).is_some_and(|on_air| on_air.has(actor));
    let live = known || http.edge.rooms.room(watcher.room, actor).await?.room.live().is_some();
    let off = || Problem::new(StatusCode::NOT_FOUND, "not_live", "this server cuts no segments");
    Ok((http.studio.segments().ok_or_else(off)?, live))
}

fn answer(kind: &'static str, keep: &'static str, body: impl IntoResponse) -> Response {
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
    ];
    (headers, body).into_response()
}
