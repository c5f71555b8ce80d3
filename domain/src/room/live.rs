//! The live stream of a room: who may publish it, by which key, and whether somebody does.

use serde::{Deserialize, Serialize};

use super::Room;
use super::membership::in_future;
use super::permission::{Permission, allow};
use crate::actor::ActorId;
use crate::command::{CreateLiveKey, EndLive, RevokeLiveKey, StartLive};
use crate::decide::{Context, Decision};
use crate::events::{Event, LiveKeyCreated, LiveKeyRevoked, LiveStarted, LiveStopped, Recorded};
use crate::ids::LiveKeyId;
use crate::order::Seq;
use crate::rejection::Rejection;
use crate::time::{ServerMs, Timestamp};

/// How long a key is good unless it says otherwise, in ms.
const LIFE_MS: i64 = 30 * 24 * 3_600_000;

/// A key that may still be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveKey {
    /// Who made it, and publishes with it.
    pub by: ActorId,
    /// When it was made.
    pub at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// A stream under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Live {
    /// Who publishes.
    pub by: ActorId,
    /// The key that was shown.
    pub key_id: LiveKeyId,
    /// The event that began it.
    pub seq: Seq,
    /// When it began.
    pub started_at: Timestamp,
}

/// Why a stream ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LiveEnd {
    /// The publisher said so.
    Finished,
    /// The publisher's connection is gone.
    Disconnected,
    /// Nothing came from the publisher any more.
    Silent,
    /// What came was no stream.
    Malformed,
    /// The same key is used again.
    Replaced,
    /// Somebody stopped it.
    Asked,
    /// The key was revoked, or is over.
    KeyRevoked,
    /// The publisher may not publish any more.
    NotAllowed,
    /// The room was closed.
    RoomClosed,
    /// The node that had it is gone.
    NodeGone,
}

pub(crate) fn create_key(room: &Room, fields: &CreateLiveKey, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::LivePublish)?;
    let good = || room.live_keys.values().filter(|key| key.expires_at > ctx.now.timestamp());
    if good().filter(|key| key.by == ctx.actor.id).count() >= Room::MAX_OWN_LIVE_KEYS {
        return Err(Rejection::LimitReached { what: "keys of yours", max: Room::MAX_OWN_LIVE_KEYS });
    }
    if good().count() >= Room::MAX_LIVE_KEYS {
        return Err(Rejection::LimitReached { what: "keys", max: Room::MAX_LIVE_KEYS });
    }
    let event = LiveKeyCreated {
        key_id: LiveKeyId::new(ctx.fresh),
        expires_at: in_future(fields.expires_at, ctx.now)?.unwrap_or(ctx.now.plus(LIFE_MS).timestamp()),
    };
    Ok(Decision::one(Event::LiveKeyCreated(event), decided_by))
}

pub(crate) fn revoke_key(room: &Room, fields: RevokeLiveKey, ctx: &Context) -> Result<Decision, Rejection> {
    let key = room.live_keys.get(&fields.key_id);
    let own = key.is_some_and(|key| key.by == ctx.actor.id);
    let decided_by = if own { "own".to_owned() } else { allow(room, ctx, Permission::LiveStop)? };
    if key.is_none() {
        return Err(Rejection::LiveKeyNotFound);
    }
    let mut events = vec![Event::LiveKeyRevoked(LiveKeyRevoked { key_id: fields.key_id })];
    let uses = room.live.is_some_and(|live| live.key_id == fields.key_id);
    events.extend(uses.then(|| stopped(LiveEnd::KeyRevoked)));
    Ok(Decision { events, decided_by })
}

pub(crate) fn stop(room: &Room, ctx: &Context) -> Result<Decision, Rejection> {
    let own = room.live.is_some_and(|live| live.by == ctx.actor.id);
    let decided_by = if own { "own".to_owned() } else { allow(room, ctx, Permission::LiveStop)? };
    let events = room.live.map(|_| stopped(LiveEnd::Asked)).into_iter().collect();
    Ok(Decision { events, decided_by })
}

/// A publisher showed a key. The same key again takes its own stream over: the connection before may be long dead.
pub(crate) fn start(room: &Room, fields: StartLive, ctx: &Context) -> Result<Decision, Rejection> {
    let key = room.live_key(fields.key_id, ctx.now).ok_or(Rejection::LiveKeyNotFound)?;
    let publisher = Context { actor: key.by.into(), ..ctx.clone() };
    let decided_by = allow(room, &publisher, Permission::LivePublish)?;
    let mut events = Vec::new();
    if let Some(live) = room.live {
        if live.key_id != fields.key_id {
            return Err(Rejection::AlreadyLive { by: live.by });
        }
        events.push(stopped(LiveEnd::Replaced));
    }
    events.push(Event::LiveStarted(LiveStarted { by: key.by, key_id: fields.key_id }));
    Ok(Decision { events, decided_by })
}

/// A publisher has ended, unless another one began since.
pub(crate) fn end(room: &Room, fields: EndLive) -> Result<Decision, Rejection> {
    let current = room.live.is_some_and(|live| live.seq == fields.started);
    let events = current.then(|| stopped(fields.reason)).into_iter().collect();
    Ok(Decision { events, decided_by: "system".to_owned() })
}

/// Whether the stream may go on: its key may have expired, and its publisher may not publish any more.
pub(crate) fn check(room: &Room, ctx: &Context) -> Result<Decision, Rejection> {
    let ends = room.live.and_then(|live| {
        let Some(key) = room.live_key(live.key_id, ctx.now) else { return Some(LiveEnd::KeyRevoked) };
        let publisher = Context { actor: key.by.into(), ..ctx.clone() };
        allow(room, &publisher, Permission::LivePublish).is_err().then_some(LiveEnd::NotAllowed)
    });
    Ok(Decision { events: ends.map(stopped).into_iter().collect(), decided_by: "system".to_owned() })
}

/// What closing a room does to its stream.
pub(super) fn closed(room: &Room) -> Option<Event> {
    room.live.map(|_| stopped(LiveEnd::RoomClosed))
}

fn stopped(reason: LiveEnd) -> Event {
    Event::LiveStopped(LiveStopped { reason })
}

impl Room {
    /// The stream under way.
    #[must_use]
    pub fn live(&self) -> Option<Live> {
        self.live
    }

    /// The key with this id, if it is good.
    #[must_use]
    pub fn live_key(&self, id: LiveKeyId, now: ServerMs) -> Option<LiveKey> {
        self.live_keys.get(&id).copied().filter(|key| key.expires_at > now.timestamp())
    }

    pub(super) fn live_key_created(&mut self, event: &LiveKeyCreated, recorded: &Recorded) {
        self.expire(recorded.at);
        let key = LiveKey { by: recorded.actor.id, at: recorded.at, expires_at: event.expires_at };
        self.live_keys.insert(event.key_id, key);
    }

    pub(super) fn live_key_revoked(&mut self, event: LiveKeyRevoked) {
        self.live_keys.remove(&event.key_id);
    }

    pub(super) fn live_started(&mut self, event: LiveStarted, recorded: &Recorded) {
        let LiveStarted { by, key_id } = event;
        self.live = Some(Live { by, key_id, seq: recorded.seq, started_at: recorded.at });
    }

    pub(super) fn live_stopped(&mut self) {
        self.live = None;
    }
}
