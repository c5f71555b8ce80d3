//! When what was said of somebody ends.

use crate::rejection::Rejection;
use crate::room::Room;
use crate::time::{ServerMs, Timestamp};

/// How long somebody who was removed stays out unless said otherwise, in ms.
const COOLDOWN_MS: i64 = 60_000;
/// The longest cooldown, in ms: what is longer is a ban.
const LONGEST_MS: i64 = 24 * 3_600_000;

/// An end in the future, or none.
pub(in crate::room) fn in_future(wanted: Option<Timestamp>, now: ServerMs) -> Result<Option<Timestamp>, Rejection> {
    if wanted.is_some_and(|end| end <= now.timestamp()) {
        return Err(Rejection::InvalidExpiry { within: "the future" });
    }
    Ok(wanted)
}

/// The end of a cooldown.
pub(super) fn within_a_day(wanted: Option<Timestamp>, now: ServerMs) -> Result<Timestamp, Rejection> {
    let end = in_future(wanted, now)?.unwrap_or(now.plus(COOLDOWN_MS).timestamp());
    if end > now.plus(LONGEST_MS).timestamp() {
        return Err(Rejection::InvalidExpiry { within: "24 hours" });
    }
    Ok(end)
}

impl Room {
    /// Forgets what is over; whatever is decided looks at the time as well.
    pub(in crate::room) fn expire(&mut self, now: Timestamp) {
        self.knocks.retain(|_, knock| knock.expires_at > now);
        self.cooldowns.retain(|_, cooldown| cooldown.until > now);
        self.bans.retain(|_, ban| ban.expires_at.is_none_or(|end| end > now));
        self.mutes.retain(|_, mute| mute.expires_at.is_none_or(|end| end > now));
        self.invites.retain(|_, invite| invite.expires_at > now && !invite.is_used_up());
        self.live_keys.retain(|_, key| key.expires_at > now);
    }
}
