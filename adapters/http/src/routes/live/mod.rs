//! Live streams: where to publish, and how they are watched.

pub(crate) mod addresses;
pub(crate) mod flv;
pub(crate) mod hls;
pub(crate) mod playback;
mod watcher;

pub(crate) use watcher::Watcher;

use axum::http::StatusCode;
use synctv_edge::Problem;

/// Nobody publishes here.
fn not_live() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "not_live", "nobody publishes in this room, or there is nothing to play yet")
}

/// What is kept of streams cannot be read.
fn unread(error: &synctv_livestream::hls::ShelfError) -> Problem {
    tracing::warn!(%error, "live.unread");
    Problem::new(StatusCode::SERVICE_UNAVAILABLE, "segments_unavailable", "segments cannot be read now; try again")
}
