//! Folding a room from the log.

use synctv_domain::{RoomId, Seq};

use crate::error::LogError;
use crate::ports::{EventLog, Folded};

/// Events asked for at once.
const PAGE: usize = 500;

/// The room as of `until`, or as of now: the nearest snapshot and the events after it.
///
/// # Errors
/// When the log cannot be read.
pub async fn load_room(log: &dyn EventLog, id: RoomId, until: Option<Seq>) -> Result<Folded, LogError> {
    let mut folded = log.snapshot(id, until).await?.unwrap_or_default();
    loop {
        let wanted = until.map_or(PAGE, |until| PAGE.min(usize::try_from(until.0 - folded.room.seq().0).unwrap_or(0)));
        if wanted == 0 {
            return Ok(folded);
        }
        let page = log.read_room(id, folded.room.seq(), wanted).await?;
        folded.extend(&page);
        if page.len() < wanted {
            return Ok(folded);
        }
    }
}
