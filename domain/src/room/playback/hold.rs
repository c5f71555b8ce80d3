//! The buffering barrier: playback waits, for a bounded time, for members who buffer.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Motion;
use crate::actor::ActorId;
use crate::command::{Hold as HoldFields, Release};
use crate::decide::{Context, Decision};
use crate::events::{Event, PlaybackHeld, PlaybackReleased};
use crate::rejection::Rejection;
use crate::room::permission::{Permission, allow};
use crate::room::{Barrier, Room};
use crate::time::ServerMs;

/// How long playback waits unless the room is strict, in ms.
const PATIENCE_MS: i64 = 8_000;
/// Who made it wait this often …
const CHRONIC: usize = 3;
/// … within this time is waited for no longer, in ms.
const CHRONIC_MS: i64 = 5 * 60_000;

/// Playback waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// For whom.
    pub members: BTreeSet<ActorId>,
    /// Until then at most; None: as long as it takes.
    pub deadline_ms: Option<ServerMs>,
}

/// What ends a wait without anybody asking for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleasedBy {
    /// Nobody has to be waited for any more.
    Ready,
    /// It was long enough.
    Deadline,
}

/// The barrier, past and present.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Holds {
    pub(crate) current: Option<Hold>,
    /// When each member made playback wait, the newest times.
    past: BTreeMap<ActorId, Vec<ServerMs>>,
    /// Who stalled before this has been waited for.
    pub(crate) waived_ms: ServerMs,
}

impl Holds {
    fn is_chronic(&self, member: ActorId, now: ServerMs) -> bool {
        let times = self.past.get(&member).map_or(&[][..], Vec::as_slice);
        times.iter().filter(|time| time.plus(CHRONIC_MS) > now).count() >= CHRONIC
    }

    /// A member is gone.
    pub(crate) fn forget(&mut self, member: ActorId) {
        self.past.remove(&member);
        if let Some(hold) = &mut self.current {
            hold.members.remove(&member);
        }
    }
}

pub(crate) fn hold(room: &Room, fields: &HoldFields, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::PlaybackControl)?;
    let motion = room.playback.motion;
    let deadline_ms = match room.settings.barrier {
        Barrier::Never => return Ok(Decision::nothing(decided_by)),
        Barrier::Grace => Some(ctx.now.plus(PATIENCE_MS)),
        Barrier::Strict => None,
    };
    let waited_for = |member: &ActorId| room.is_member(*member) && !room.playback.holds.is_chronic(*member, ctx.now);
    let members: BTreeSet<ActorId> = fields.members.iter().copied().filter(waited_for).collect();
    let runs = motion.playing && motion.anchor_ms <= ctx.now && room.ends_at().is_none_or(|end| ctx.now < end);
    if members.is_empty() || !runs {
        return Ok(Decision::nothing(decided_by));
    }
    let position_ms = motion.position_at(ctx.now, room.duration());
    let motion = Motion { position_ms, anchor_ms: ctx.now, playing: false, ..motion };
    Ok(Decision::one(Event::PlaybackHeld(PlaybackHeld { motion, members, deadline_ms }), decided_by))
}

pub(crate) fn release(room: &Room, fields: &Release, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::PlaybackControl)?;
    let Some(hold) = &room.playback.holds.current else { return Ok(Decision::nothing(decided_by)) };
    let early = fields.by == ReleasedBy::Deadline && hold.deadline_ms.is_none_or(|deadline| ctx.now < deadline);
    if early {
        return Ok(Decision::nothing(decided_by));
    }
    let chronic = |member: &ActorId| room.playback.holds.is_chronic(*member, ctx.now);
    let event = PlaybackReleased {
        motion: Motion { anchor_ms: ctx.scheduled(), playing: true, ..room.playback.motion },
        by: fields.by,
        exempt: hold.members.iter().copied().filter(chronic).collect(),
    };
    Ok(Decision::one(Event::PlaybackReleased(event), decided_by))
}

impl Room {
    pub(in crate::room) fn held(&mut self, event: &PlaybackHeld) {
        let at = event.motion.anchor_ms;
        for member in &event.members {
            let times = self.playback.holds.past.entry(*member).or_default();
            times.push(at);
            if times.len() > CHRONIC {
                times.remove(0);
            }
        }
        self.moves(event.motion);
        self.playback.holds.current = Some(Hold { members: event.members.clone(), deadline_ms: event.deadline_ms });
    }

    pub(in crate::room) fn released(&mut self, event: &PlaybackReleased) {
        if event.by == ReleasedBy::Deadline {
            self.playback.holds.waived_ms = event.motion.anchor_ms;
        }
        self.moves(event.motion);
        self.playback.holds.current = None;
    }
}
