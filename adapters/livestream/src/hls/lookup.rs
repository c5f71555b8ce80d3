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

/// What was written last of the list of a room's segments. None: nothing.
///
/// # Errors
/// [`ShelfError`], when the store does not answer.
pub async fn read_list(store: &Arc<dyn ObjectStore>, room: RoomId) -> Result<Option<Bytes>, ShelfError> {
    Objects::of_room(Arc::clone(store), room).read(LIST).await
}

/// The list that was written.
///
/// # Errors
/// [`ShelfError`], when it is something else.
pub fn playlist(written: &[u8]) -> Result<Playlist, ShelfError> {
    Ok(serde_json::from_slice::<Kept>(written)?.playlist)
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
