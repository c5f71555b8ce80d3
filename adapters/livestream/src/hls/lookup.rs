//! What is kept of a stream, for those who did not put it there.

use std::sync::Arc;

use bytes::Bytes;
use object_store::ObjectStore;
use serde::Deserialize;
use synctv_domain::RoomId;

use super::objects::Objects;
use super::playlist::Playlist;
use super::shelf::{LIST, ShelfError};

/// Names of segments are no longer than this.
const LONGEST: usize = 64;

#[derive(Deserialize)]
struct Kept {
    playlist: Playlist,
}

/// The list of a room's segments as it was kept last. None: there is none.
///
/// # Errors
/// [`ShelfError`], when the store does not answer, or holds something else.
pub async fn read_playlist(store: &Arc<dyn ObjectStore>, room: RoomId) -> Result<Option<Playlist>, ShelfError> {
    let found = Objects::of_room(Arc::clone(store), room).read(LIST).await?;
    let kept: Option<Kept> = found.map(|bytes| serde_json::from_slice(&bytes)).transpose()?;
    Ok(kept.map(|kept| kept.playlist))
}

/// A segment by the two names that a list has for it. None: there is none.
///
/// # Errors
/// [`ShelfError`], when the store does not answer.
pub async fn read_segment(
    store: &Arc<dyn ObjectStore>,
    room: RoomId,
    (token, name): (&str, &str),
) -> Result<Option<Bytes>, ShelfError> {
    if !is_name(token, name) {
        return Ok(None);
    }
    Objects::of_room(Arc::clone(store), room).read(&format!("{token}/{name}")).await
}

/// Whether a segment may be called so: nothing else is ever looked up.
fn is_name(token: &str, name: &str) -> bool {
    let Some((stem, kind)) = name.split_once('.') else { return false };
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let numbered = (1..=20).contains(&token.len()) && token.bytes().all(|byte| byte.is_ascii_digit());
    numbered && !stem.is_empty() && name.len() <= LONGEST && plain(stem) && ["ts", "m4s", "mp4"].contains(&kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_looked_up_but_segments() {
        assert!(is_name("12", "3-0123456789abcdef0123456789abcdef.ts"));
        assert!(is_name("12", "3-0123456789abcdef0123456789abcdef.m4s"));
        let long = format!("{}.ts", "a".repeat(300));
        for (token, name) in [
            ("", "a.ts"),
            ("..", "a.ts"),
            ("1/2", "a.ts"),
            ("1", "list.json"),
            ("1", ".ts"),
            ("1", "../a.ts"),
            ("1", "..%2fa.ts"),
            ("1", "a\\b.ts"),
            ("1", "a\0.ts"),
            ("1", "a.b.ts"),
            ("1", "é.ts"),
            ("1", &long),
        ] {
            assert!(!is_name(token, name), "{token:?} {name:?}");
        }
    }
}
