//! The list of rooms.

use synctv_domain::ActorId;
use synctv_projections::read::{RoomListing, RoomQuery};

use crate::edge::Edge;
use crate::paging;
use crate::problem::Problem;

const DEFAULT: i64 = 50;
const MOST: i64 = 200;

/// Which rooms are wanted.
#[derive(Clone, Debug, Default)]
pub struct RoomsWanted {
    /// Part of the name, in any case.
    pub query: Option<String>,
    /// The most rooms to answer; clamped to 1 to 200, 50 unless set.
    pub page_size: Option<i64>,
    /// What the page before ended with.
    pub page_token: Option<String>,
    /// Only rooms that the reader is a member of.
    pub mine: Option<bool>,
    /// The list is to hold the event at this position.
    pub min_position: Option<i64>,
}

impl Edge {
    /// A page of rooms, and the token of the next one; empty at the end.
    ///
    /// # Errors
    /// When something that is asked for makes no sense, or cannot be read.
    pub async fn directory(&self, reader: ActorId, wanted: RoomsWanted) -> Result<(Vec<RoomListing>, String), Problem> {
        let limit = usize::try_from(wanted.page_size.unwrap_or(DEFAULT).clamp(1, MOST)).unwrap_or(1);
        let query = RoomQuery {
            reader,
            mine: wanted.mine.unwrap_or(false),
            text: text(wanted.query)?,
            before: paging::token(wanted.page_token.as_deref(), |token| token.parse().ok())?,
            limit: limit + 1,
        };
        self.reached(&["room_directory", "room_members"], wanted.min_position).await?;
        let mut rooms = self.models.rooms(&query).await?;
        let next = paging::cut(&mut rooms, limit, |room| room.room_id.to_string());
        Ok((rooms, next))
    }
}

fn text(query: Option<String>) -> Result<String, Problem> {
    let text = query.unwrap_or_default();
    if text.contains('\0') || text.chars().count() > 100 {
        return Err(Problem::bad_request("invalid_query", "query has at most 100 characters and no U+0000"));
    }
    Ok(text)
}
