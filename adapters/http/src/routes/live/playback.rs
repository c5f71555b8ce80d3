//! Where what a room watches can be played from.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use synctv_domain::{ItemId, RoomId, Timestamp};
use synctv_edge::{Identity, watch_until};
use utoipa::ToSchema;

use crate::auth::Bearer;
use crate::docs::names;
use crate::docs::refusals::{CALLER, LOG, ROOM, refusals};
use crate::extract::InRoom;
use crate::problem::Refusal;
use crate::state::Http;

/// Where what a room watches can be played from.
#[derive(Serialize, ToSchema)]
pub(crate) struct RoomPlayback {
    /// The current item; null while the room is live, and when there is none.
    #[schema(value_type = Option<String>, required)]
    item_id: Option<ItemId>,
    /// The best first; none when there is nothing to play.
    sources: Vec<PlaybackSource>,
}

/// A place to play from.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlaybackSource {
    /// Where; relative to this server, or absolute.
    url: String,
    /// How it gets to the client: from where it is.
    delivery: Delivery,
    /// What it is.
    format: Format,
    /// Headers that the request needs.
    headers: BTreeMap<String, String>,
    /// Subtitles.
    #[schema(value_type = Vec<Object>)]
    subtitles: [(); 0],
    /// Until when the address is good; null: for ever.
    #[schema(value_type = Option<names::Timestamp>, required)]
    expires_at: Option<Timestamp>,
    /// What is known about it.
    metadata: BTreeMap<String, String>,
    /// Other qualities.
    #[schema(value_type = Vec<Object>)]
    variants: [(); 0],
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = SourceDelivery)]
#[serde(rename_all = "snake_case")]
enum Delivery {
    Direct,
}

#[derive(Clone, Copy, Serialize, ToSchema)]
#[schema(as = SourceFormat)]
#[serde(rename_all = "snake_case")]
enum Format {
    Flv,
    Hls,
    Dash,
    File,
}

refusals!(
    /// Of asking where to play from.
    Refused: CALLER, LOG, ROOM
);

/// Where to play from
///
/// While the room is live, the live stream: over FLV, which is a fraction of a second behind, and over HLS, which is some
/// seconds behind and can be had from every node. Their addresses are signed and need no header.
#[utoipa::path(
    get,
    path = "/v1/rooms/{room}/playback",
    operation_id = "read_playback",
    tag = "live",
    params(InRoom),
    responses((status = 200, description = "The sources", body = RoomPlayback), Refused),
    security(("bearer" = []))
)]
pub(crate) async fn read(
    State(http): State<Http>,
    bearer: Bearer,
    InRoom(id): InRoom,
) -> Result<Json<RoomPlayback>, Refusal> {
    let room = http.edge.rooms.room(id, bearer.0.actor.id).await?.room;
    if room.live().is_some() {
        let sources = live(&http, id, &bearer.0)?;
        return Ok(Json(RoomPlayback { item_id: None, sources }));
    }
    let item = room.playback().motion.item_id.and_then(|id| room.item(id));
    let sources = item.map(|item| source(item.url.to_string(), format_of(item.url.as_str()), None));
    Ok(Json(RoomPlayback { item_id: item.map(|item| item.item_id), sources: sources.into_iter().collect() }))
}

fn live(http: &Http, room: RoomId, identity: &Identity) -> Result<Vec<PlaybackSource>, Refusal> {
    let until = watch_until(identity, http.edge.clock.now());
    let access = http.edge.tokens.watch_ticket(identity, room, until)?;
    let expires = Some(Timestamp(until.saturating_mul(1_000_000)));
    let mut sources = vec![source(format!("/live/{room}.flv?access={access}"), Format::Flv, expires)];
    if http.studio.segments().is_some() {
        sources.push(source(format!("/live/{room}/index.m3u8?access={access}"), Format::Hls, expires));
    }
    Ok(sources)
}

fn source(url: String, format: Format, expires_at: Option<Timestamp>) -> PlaybackSource {
    let (headers, metadata) = (BTreeMap::new(), BTreeMap::new());
    PlaybackSource {
        url,
        delivery: Delivery::Direct,
        format,
        headers,
        subtitles: [],
        expires_at,
        metadata,
        variants: [],
    }
}

/// By the end of its path.
fn format_of(url: &str) -> Format {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_ascii_lowercase();
    match path.rsplit_once('.') {
        Some((_, "m3u8")) => Format::Hls,
        Some((_, "flv")) => Format::Flv,
        Some((_, "mpd")) => Format::Dash,
        _ => Format::File,
    }
}
