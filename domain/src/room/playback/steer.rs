//! Play, pause, seek, rate.

use super::motion::within;
use super::{Motion, expect_item};
use crate::command::{Pause, Play, Seek, SetRate};
use crate::decide::{Context, Decision};
use crate::events::Event;
use crate::rejection::Rejection;
use crate::room::Room;
use crate::room::permission::{Permission, allow};
use crate::room::ready::overtaken;
use crate::time::{MediaMs, ServerMs};

/// How far from the computed position a pause may name its own, in ms: about a reaction time.
const PAUSE_SLACK_MS: u64 = 1000;

pub(crate) fn play(room: &Room, fields: &Play, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::PlaybackControl)?;
    expect_item(room, fields.expected_item)?;
    let motion = room.playback.motion;
    if motion.playing {
        return Ok(Decision::nothing(decided_by));
    }
    let (item_id, duration, present) = match motion.item_id {
        Some(id) => (id, room.duration(), motion.position_at(ctx.now, room.duration())),
        None => {
            let first = room.playlist.first().ok_or(Rejection::NothingToPlay)?;
            (first.item_id, first.duration_ms, MediaMs::MIN)
        }
    };
    let started = Motion {
        item_id: Some(item_id),
        position_ms: within(fields.position_ms.unwrap_or(present), duration),
        anchor_ms: ctx.scheduled(),
        playing: true,
        ..motion
    };
    // Whoever starts it does not wait for others to be ready.
    let events = overtaken(room, ctx).into_iter().chain([Event::PlaybackPlayed(started)]).collect();
    Ok(Decision { events, decided_by })
}

pub(crate) fn pause(room: &Room, fields: &Pause, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::PlaybackControl)?;
    expect_item(room, fields.expected_item)?;
    let motion = room.playback.motion;
    // To stop what waits is to keep it from going on.
    if !motion.playing && room.playback.holds.current.is_none() {
        return Ok(Decision::nothing(decided_by));
    }
    let present = motion.position_at(ctx.now, room.duration());
    let near = |seen: &MediaMs| seen.get().abs_diff(present.get()) <= PAUSE_SLACK_MS;
    let position_ms = fields.position_ms.filter(near).unwrap_or(present);
    let stopped =
        Motion { position_ms: within(position_ms, room.duration()), anchor_ms: ctx.now, playing: false, ..motion };
    let events = [Event::PlaybackPaused(stopped)].into_iter().chain(overtaken(room, ctx)).collect();
    Ok(Decision { events, decided_by })
}

pub(crate) fn seek(room: &Room, fields: &Seek, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::PlaybackControl)?;
    expect_item(room, fields.expected_item)?;
    let motion = room.playback.motion;
    if motion.item_id.is_none() {
        return Err(Rejection::NothingToPlay);
    }
    let position_ms = within(fields.position_ms, room.duration());
    if !motion.playing && position_ms == motion.position_at(ctx.now, room.duration()) {
        return Ok(Decision::nothing(decided_by));
    }
    let jumped = Motion { position_ms, anchor_ms: scheduled_or_now(motion, ctx), ..motion };
    Ok(Decision::one(Event::PlaybackSeeked(jumped), decided_by))
}

pub(crate) fn set_rate(room: &Room, fields: &SetRate, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::PlaybackRate)?;
    let motion = room.playback.motion;
    if motion.rate_permille == fields.rate_permille {
        return Ok(Decision::nothing(decided_by));
    }
    let changed = Motion {
        position_ms: motion.position_at(ctx.now, room.duration()),
        anchor_ms: scheduled_or_now(motion, ctx),
        rate_permille: fields.rate_permille,
        ..motion
    };
    Ok(Decision::one(Event::PlaybackRateSet(changed), decided_by))
}

/// A scheduled start stays where it is.
fn scheduled_or_now(motion: Motion, ctx: &Context) -> ServerMs {
    if motion.playing { ctx.now.max(motion.anchor_ms) } else { ctx.now }
}
