//! The ready check: playback starts, after a countdown, once everybody asked is ready.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::permission::{Permission, allow};
use super::{Motion, Room};
use crate::actor::ActorId;
use crate::command::{ReadyMark, ReadyStart};
use crate::decide::{Context, Decision};
use crate::events::{Event, ReadyCancelled, ReadyEnd, ReadyMarked, ReadyStarted, Recorded};
use crate::rejection::Rejection;
use crate::time::ServerMs;

/// Between the last one being ready and the start, in ms.
const COUNTDOWN_MS: i64 = 3_000;
/// How long nobody is given up unless the check says otherwise, in ms.
const PATIENCE_MS: i64 = 60_000;
/// The longest check, in ms; as a deadline, anything up to this is a span and no instant.
const LONGEST_MS: i64 = 10 * 60_000;

/// A check under way, or one that ended with a start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadyCheck {
    /// Who asked.
    pub started_by: ActorId,
    /// When nobody is waited for any longer.
    pub deadline_ms: ServerMs,
    /// Who is asked.
    pub members: BTreeSet<ActorId>,
    /// Who is ready.
    pub ready: BTreeSet<ActorId>,
    /// The start is scheduled, for the anchor of the motion.
    pub counting: bool,
}

pub(crate) fn start(room: &Room, fields: &ReadyStart, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::PlaybackControl)?;
    if first(room).is_none() {
        return Err(Rejection::NothingToPlay);
    }
    if room.ready_check(ctx.now).is_some() {
        return Ok(Decision::nothing(decided_by));
    }
    let started = ReadyStarted { deadline_ms: deadline(fields, ctx)?, members: asked(room, ctx) };
    let mut events = vec![Event::ReadyStarted(started)];
    events.extend(stop(room, ctx));
    Ok(Decision { events, decided_by })
}

pub(crate) fn mark(room: &Room, fields: &ReadyMark, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = "self".to_owned();
    let member = ctx.actor.id;
    let check = room.ready_check(ctx.now).ok_or(Rejection::NoReadyCheck)?;
    if check.ready.contains(&member) == fields.ready {
        return Ok(Decision::nothing(decided_by));
    }
    let marked = Event::ReadyMarked(ReadyMarked { member, ready: fields.ready });
    let mut events = Vec::new();
    if check.counting && !fields.ready {
        // The countdown ends, the check goes on.
        events.extend(stop(room, ctx));
    }
    events.push(marked);
    if fields.ready && !check.counting && check.awaited(ctx).all(|awaited| awaited == member) {
        events.extend(go(room, ctx));
    }
    Ok(Decision { events, decided_by })
}

pub(crate) fn cancel(room: &Room, ctx: &Context) -> Result<Decision, Rejection> {
    let check = room.ready_check(ctx.now);
    let own = check.is_some_and(|check| check.started_by == ctx.actor.id);
    let decided_by = if own { "own".to_owned() } else { allow(room, ctx, Permission::PlaybackControl)? };
    let Some(check) = check else { return Ok(Decision::nothing(decided_by)) };
    let mut events: Vec<Event> = if check.counting { stop(room, ctx).collect() } else { Vec::new() };
    events.push(ended(ReadyEnd::Asked));
    Ok(Decision { events, decided_by })
}

/// What the room itself does when everybody who is there is ready, or it was long enough.
pub(crate) fn settle(room: &Room, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::PlaybackControl)?;
    let check = room.ready_check(ctx.now).filter(|check| !check.counting);
    let Some(check) = check else { return Ok(Decision::nothing(decided_by)) };
    let late = ctx.now >= check.deadline_ms;
    let events = match (check.ready.is_empty(), go(room, ctx)) {
        (_, None) => vec![ended(ReadyEnd::NothingToPlay)],
        (false, Some(played)) if late || check.awaited(ctx).next().is_none() => vec![played],
        (true, Some(_)) if late => vec![ended(ReadyEnd::Deadline)],
        _ => Vec::new(),
    };
    Ok(Decision { events, decided_by })
}

/// What ends a check because somebody starts or stops playback instead.
pub(super) fn overtaken(room: &Room, ctx: &Context) -> Option<Event> {
    room.ready_check(ctx.now).map(|_| ended(ReadyEnd::Overtaken))
}

impl ReadyCheck {
    /// Who is asked, not ready, and not gone. Who is connected to another server is not seen here, and is waited for.
    fn awaited<'a>(&'a self, ctx: &'a Context) -> impl Iterator<Item = ActorId> + 'a {
        self.members.difference(&self.ready).copied().filter(|member| !ctx.company.gone.contains(member))
    }
}

/// The members who are connected, and whoever asks; all members if nobody is connected.
fn asked(room: &Room, ctx: &Context) -> BTreeSet<ActorId> {
    let mut members: BTreeSet<ActorId> =
        ctx.company.here.iter().copied().filter(|member| room.is_member(*member)).collect();
    if members.is_empty() {
        members = room.members.keys().copied().collect();
    }
    members.extend(room.member(ctx.actor.id).map(|member| member.id));
    members
}

fn deadline(fields: &ReadyStart, ctx: &Context) -> Result<ServerMs, Rejection> {
    let span = match fields.deadline_ms {
        None => PATIENCE_MS,
        Some(span) if span <= LONGEST_MS => span,
        Some(instant) => instant.saturating_sub(ctx.now.0),
    };
    if (1..=LONGEST_MS).contains(&span) { Ok(ctx.now.plus(span)) } else { Err(Rejection::InvalidDeadline) }
}

/// The start, after the countdown.
fn go(room: &Room, ctx: &Context) -> Option<Event> {
    let motion = first(room)?;
    Some(Event::PlaybackPlayed(Motion { anchor_ms: ctx.now.plus(COUNTDOWN_MS), playing: true, ..motion }))
}

/// Where playback is, or the beginning of the playlist.
fn first(room: &Room) -> Option<Motion> {
    let motion = room.playback.motion;
    let item_id = motion.item_id.or_else(|| room.playlist.first().map(|item| item.item_id))?;
    Some(Motion { item_id: Some(item_id), ..motion })
}

fn stop(room: &Room, ctx: &Context) -> impl Iterator<Item = Event> {
    let motion = room.playback.motion;
    let moves = motion.playing || room.playback.holds.current.is_some();
    let position_ms = motion.position_at(ctx.now, room.duration());
    let stopped = Motion { position_ms, anchor_ms: ctx.now, playing: false, ..motion };
    moves.then_some(Event::PlaybackPaused(stopped)).into_iter()
}

fn ended(reason: ReadyEnd) -> Event {
    Event::ReadyCancelled(ReadyCancelled { reason })
}

impl Room {
    /// The check under way. One whose countdown is over has ended.
    #[must_use]
    pub fn ready_check(&self, now: ServerMs) -> Option<&ReadyCheck> {
        self.ready.as_ref().filter(|check| !check.counting || now < self.playback.motion.anchor_ms)
    }

    pub(super) fn ready_started(&mut self, event: &ReadyStarted, recorded: &Recorded) {
        self.ready = Some(ReadyCheck {
            started_by: recorded.actor.id,
            deadline_ms: event.deadline_ms,
            members: event.members.clone(),
            ready: BTreeSet::new(),
            counting: false,
        });
    }

    pub(super) fn ready_marked(&mut self, event: ReadyMarked) {
        let Some(check) = &mut self.ready else { return };
        if event.ready {
            check.members.insert(event.member);
            check.ready.insert(event.member);
        } else {
            check.ready.remove(&event.member);
        }
    }

    pub(super) fn ready_cancelled(&mut self) {
        self.ready = None;
    }

    pub(super) fn not_asked(&mut self, member: ActorId) {
        if let Some(check) = &mut self.ready {
            check.members.remove(&member);
            check.ready.remove(&member);
        }
    }

    /// What another motion makes of a check: a start begins the countdown, a stop before its end leaves the check open,
    /// and anything after its end is none of the check's business. What is unloaded has no anchor to tell the end by: the
    /// countdown was for that item.
    pub(super) fn ready_moves(&mut self, next: &Motion) {
        let anchor = self.playback.motion.anchor_ms;
        let Some(check) = &mut self.ready else { return };
        let over = if next.playing { next.anchor_ms > anchor } else { next.anchor_ms >= anchor };
        if check.counting && (over || next.item_id.is_none()) {
            self.ready = None;
        } else {
            check.counting = next.playing;
        }
    }
}
