//! What can be seen of publications from outside.

use synctv_commands::LiveReport;
use synctv_domain::RoomId;

use super::studio::Studio;
use crate::hub::Stats;

/// A publication as it is now.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// Where.
    pub room: RoomId,
    /// Since it began.
    pub stats: Stats,
    /// Of late.
    pub report: LiveReport,
    /// Since its newest segment was listed, ms; 0: there is none.
    pub segment_age_ms: u64,
    /// How far the viewer over FLV who was furthest behind was behind, over the last seconds, ms.
    pub delay_ms: u64,
}

impl Studio {
    /// The publications of this node whose publishers are there.
    #[must_use]
    pub fn seen(&self) -> Vec<Seen> {
        let now = self.outside.clock.now().timestamp().0;
        let all = self.all().into_iter().filter(|on_air| on_air.over_since().is_none());
        all.map(|on_air| {
            let complete = on_air.playlist.borrow().complete_at();
            let age = complete.map_or(0, |complete| (now - complete.0).max(0) / 1000);
            Seen {
                room: on_air.claim.room,
                stats: on_air.stream.stats(),
                report: on_air.reported(),
                segment_age_ms: u64::try_from(age).unwrap_or(0),
                delay_ms: u64::try_from(on_air.delay_ms()).unwrap_or(0),
            }
        })
        .collect()
    }
}
