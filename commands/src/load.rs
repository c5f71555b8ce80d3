//! Folding a room from the log.

use synctv_domain::{Room, RoomId, Seq};

use crate::error::LogError;
use crate::ports::EventLog;

/// Events asked for at once.
const PAGE: usize = 500;

/// The room as of `until`, or as of now: the nearest snapshot and the events after it.
///
/// # Errors
/// When the log cannot be read.
pub async fn load_room(log: &dyn EventLog, id: RoomId, until: Option<Seq>) -> Result<Room, LogError> {
    let mut room = log.snapshot(id, until).await?.unwrap_or_default();
    loop {
        let wanted = until.map_or(PAGE, |until| PAGE.min(usize::try_from(until.0 - room.seq().0).unwrap_or(0)));
        if wanted == 0 {
            return Ok(room);
        }
        let page = log.read_room(id, room.seq(), wanted).await?;
        for event in &page {
            room.apply(event);
        }
        if page.len() < wanted {
            return Ok(room);
        }
    }
}
