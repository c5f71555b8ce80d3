//! Which item plays: select, next, previous, mode.

use super::motion::within;
use super::{Mode, Motion, expect_item};
use crate::actor::ActorId;
use crate::command::{Next, Previous, SelectItem, SetMode};
use crate::decide::{Context, Decision};
use crate::events::{Event, PlaybackModeSet};
use crate::rejection::Rejection;
use crate::room::permission::{Permission, allow};
use crate::room::{Item, Room};
use crate::time::MediaMs;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Forward,
    Back,
}

pub(crate) fn set_mode(room: &Room, fields: &SetMode, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx.actor.id, Permission::PlaybackNavigate)?;
    if room.playback.mode == fields.mode {
        return Ok(Decision::nothing(decided_by));
    }
    let event = PlaybackModeSet { mode: fields.mode };
    Ok(Decision::one(Event::PlaybackModeSet(event), decided_by))
}

pub(crate) fn select_item(room: &Room, fields: &SelectItem, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx.actor.id, Permission::PlaybackNavigate)?;
    let item = room.item(fields.item_id).ok_or(Rejection::ItemNotFound)?;
    Ok(select(room, item, fields.position_ms.unwrap_or_default(), ctx, decided_by))
}

pub(crate) fn next(room: &Room, fields: &Next, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx.actor.id, Permission::PlaybackNavigate)?;
    expect_item(room, fields.expected_item)?;
    turn(room, Direction::Forward, ctx, decided_by)
}

pub(crate) fn previous(room: &Room, fields: &Previous, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx.actor.id, Permission::PlaybackNavigate)?;
    expect_item(room, fields.expected_item)?;
    turn(room, Direction::Back, ctx, decided_by)
}

fn turn(room: &Room, direction: Direction, ctx: &Context, decided_by: String) -> Result<Decision, Rejection> {
    if room.playlist.is_empty() {
        return Err(Rejection::NothingToPlay);
    }
    let current = room.playback.motion.item_id.and_then(|id| room.index_of(id));
    let target = match (current, direction) {
        (Some(index), _) => neighbour(room, index, direction, ctx),
        (None, Direction::Forward) => Some(0),
        (None, Direction::Back) => None,
    };
    let item = target.and_then(|index| room.playlist.get(index));
    Ok(match item {
        Some(item) => select(room, item, MediaMs::MIN, ctx, decided_by),
        None => Decision::nothing(decided_by),
    })
}

/// The index that follows `index`; `None` past either end.
fn neighbour(room: &Room, index: usize, direction: Direction, ctx: &Context) -> Option<usize> {
    let count = room.playlist.len();
    let plain = match direction {
        Direction::Forward => Some(index + 1).filter(|next| *next < count),
        Direction::Back => index.checked_sub(1),
    };
    match room.playback.mode {
        // The system moves on at the end of an item: that is where repeating happens. A person
        // who asks for another item gets another item.
        Mode::RepeatOne if ctx.actor.id == ActorId::System => Some(index),
        Mode::Sequential | Mode::RepeatOne => plain,
        Mode::RepeatAll if direction == Direction::Forward => plain.or(Some(0)),
        Mode::RepeatAll => plain.or(count.checked_sub(1)),
        Mode::Shuffle => other(index, count, ctx.entropy),
    }
}

/// Any index but `index`, chosen by `entropy`.
fn other(index: usize, count: usize, entropy: u64) -> Option<usize> {
    let others = u64::try_from(count.checked_sub(1)?).ok()?;
    let drawn = usize::try_from(entropy.checked_rem(others)?).ok()?;
    Some(if drawn < index { drawn } else { drawn + 1 })
}

fn select(room: &Room, item: &Item, position: MediaMs, ctx: &Context, decided_by: String) -> Decision {
    let motion = room.playback.motion;
    let selected = Motion {
        item_id: Some(item.item_id),
        position_ms: within(position, item.duration_ms),
        anchor_ms: if motion.playing { ctx.scheduled() } else { ctx.now },
        ..motion
    };
    Decision::one(Event::PlaybackItemSelected(selected), decided_by)
}
