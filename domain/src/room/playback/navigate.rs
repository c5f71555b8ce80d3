//! Which item plays: select, next, previous, mode.

use super::motion::within;
use super::shuffle::Bag;
use super::{Mode, Motion, Seed, expect_item};
use crate::actor::ActorId;
use crate::command::{Next, Previous, SelectItem, SetMode};
use crate::decide::{Context, Decision};
use crate::events::{Event, PlaybackItemSelected, PlaybackModeSet};
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
    let decided_by = allow(room, ctx, Permission::PlaybackNavigate)?;
    if room.playback.mode == fields.mode {
        return Ok(Decision::nothing(decided_by));
    }
    let seed = (fields.mode == Mode::Shuffle).then(|| Seed::new(ctx.entropy));
    let event = PlaybackModeSet { mode: fields.mode, seed };
    Ok(Decision::one(Event::PlaybackModeSet(event), decided_by))
}

pub(crate) fn select_item(room: &Room, fields: &SelectItem, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::PlaybackNavigate)?;
    let item = room.item(fields.item_id).ok_or(Rejection::ItemNotFound)?;
    let selected = select(room, item, fields.position_ms.unwrap_or_default(), ctx);
    Ok(decision(selected, None, decided_by))
}

pub(crate) fn next(room: &Room, fields: &Next, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::PlaybackNavigate)?;
    expect_item(room, fields.expected_item)?;
    // The room itself goes on at the end of an item only, however often it is asked.
    if ctx.actor.id == ActorId::System && room.ends_at().is_none_or(|end| ctx.now < end) {
        return Ok(Decision::nothing(decided_by));
    }
    turn(room, Direction::Forward, ctx, decided_by)
}

pub(crate) fn previous(room: &Room, fields: &Previous, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::PlaybackNavigate)?;
    expect_item(room, fields.expected_item)?;
    turn(room, Direction::Back, ctx, decided_by)
}

fn turn(room: &Room, direction: Direction, ctx: &Context, decided_by: String) -> Result<Decision, Rejection> {
    if room.playlist.is_empty() {
        return Err(Rejection::NothingToPlay);
    }
    let target = match room.playback.mode {
        Mode::Shuffle => drawn(room, direction, ctx),
        mode => in_order(room, mode, direction, ctx).map(|item| (item, None)),
    };
    Ok(match target {
        Some((item, seed)) => decision(select(room, item, MediaMs::MIN, ctx), seed, decided_by),
        None => Decision::nothing(decided_by),
    })
}

/// The item that follows in the playlist; `None` past either end.
fn in_order<'a>(room: &'a Room, mode: Mode, direction: Direction, ctx: &Context) -> Option<&'a Item> {
    let count = room.playlist.len();
    let current = room.playback.motion.item_id.and_then(|id| room.index_of(id));
    let plain = match (current, direction) {
        (None, Direction::Forward) => return room.playlist.first(),
        (None, Direction::Back) => return None,
        (Some(index), Direction::Forward) => Some(index + 1).filter(|next| *next < count),
        (Some(index), Direction::Back) => index.checked_sub(1),
    };
    let target = match mode {
        // The system moves on at the end of an item: that is where repeating happens. A person
        // who asks for another item gets another item.
        Mode::RepeatOne if ctx.actor.id == ActorId::System => current,
        Mode::RepeatAll if direction == Direction::Forward => plain.or(Some(0)),
        Mode::RepeatAll => plain.or(count.checked_sub(1)),
        Mode::Sequential | Mode::RepeatOne | Mode::Shuffle => plain,
    };
    room.playlist.get(target?)
}

/// The next item of the round; the first one of a new round, with its seed, when the bag is empty.
fn drawn<'a>(room: &'a Room, direction: Direction, ctx: &Context) -> Option<(&'a Item, Option<Seed>)> {
    let bag = &room.playback.bag;
    if direction == Direction::Back {
        return bag.previous(&room.playlist).map(|item| (item, None));
    }
    let new_round = || {
        let seed = Seed::new(ctx.entropy);
        // Not the same item twice.
        let first = Bag::new(seed, room.playback.motion.item_id).next(&room.playlist)?;
        Some((first, Some(seed)))
    };
    bag.next(&room.playlist).map(|item| (item, None)).or_else(new_round)
}

fn select(room: &Room, item: &Item, position: MediaMs, ctx: &Context) -> Motion {
    let motion = room.playback.motion;
    // What only waits plays.
    let playing = motion.playing || room.playback.holds.current.is_some();
    Motion {
        item_id: Some(item.item_id),
        position_ms: within(position, item.duration_ms),
        anchor_ms: if playing { ctx.scheduled().max(motion.anchor_ms) } else { ctx.now },
        playing,
        ..motion
    }
}

fn decision(motion: Motion, seed: Option<Seed>, decided_by: String) -> Decision {
    Decision::one(Event::PlaybackItemSelected(PlaybackItemSelected { motion, seed }), decided_by)
}
