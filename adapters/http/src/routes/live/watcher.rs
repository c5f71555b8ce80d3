//! Who watches.

use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::Deserialize;
use synctv_domain::RoomId;
use synctv_edge::Identity;

use crate::auth::given;
use crate::problem::Refusal;
use crate::state::Http;

/// Who wants to see the stream of a room: by a Bearer token, or by the address that `…/playback` gave.
pub(crate) struct Watcher {
    pub(crate) identity: Identity,
    pub(crate) room: RoomId,
    /// What was in the address, to be put into the addresses of segments.
    pub(crate) query: String,
}

#[derive(Deserialize)]
struct Signed {
    access: Option<String>,
}

impl FromRequestParts<Http> for Watcher {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, http: &Http) -> Result<Self, Refusal> {
        let none = || Refusal::from(synctv_commands::ReadError::RoomNotFound);
        // The room is the first part of the path, whatever follows.
        let Path(path) = Path::<Vec<(String, String)>>::from_request_parts(parts, http).await.map_err(|_| none())?;
        let room = path.first().map(|(_, room)| room.strip_suffix(".flv").unwrap_or(room));
        let room: RoomId = room.and_then(|room| room.parse().ok()).ok_or_else(none)?;
        let signed =
            Query::<Signed>::from_request_parts(parts, http).await.ok().and_then(|Query(signed)| signed.access);
        let (tokens, now) = (&http.edge.tokens, http.edge.clock.now());
        let (identity, query) = match signed {
            Some(access) => (tokens.redeem_watch(&access, room, now)?, format!("?access={access}")),
            None => (tokens.identify(given(parts)?, now)?, String::new()),
        };
        Ok(Self { identity, room, query })
    }
}
