//! The playlist.

use serde::{Deserialize, Serialize};

use super::permission::{Permission, allow};
use super::{Motion, Room};
use crate::actor::ActorId;
use crate::command::{PlaylistAdd, PlaylistMove, PlaylistRemove, PlaylistUpdate};
use crate::decide::{Context, Decision};
use crate::events::{Event, PlaylistAdded, PlaylistCleared, PlaylistMoved, PlaylistRemoved, PlaylistUpdated};
use crate::ids::ItemId;
use crate::rejection::Rejection;
use crate::text::{MediaUrl, Title};
use crate::time::MediaMs;

/// How a medium reaches the viewers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Delivery {
    /// Whatever fits.
    #[default]
    Auto,
    /// From its source.
    Direct,
    /// Through the server.
    Proxy,
}

/// An entry of the playlist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// Its id.
    pub item_id: ItemId,
    /// Where the medium is.
    pub url: MediaUrl,
    /// What it is called.
    pub title: Option<Title>,
    /// Its length, if known.
    pub duration_ms: Option<MediaMs>,
    /// Who added it.
    pub added_by: ActorId,
    /// How the medium reaches the viewers.
    pub delivery: Delivery,
}

pub(crate) fn add(room: &Room, fields: &PlaylistAdd, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::QueueAdd)?;
    if room.playlist.len() >= Room::MAX_ITEMS {
        return Err(Rejection::LimitReached { what: "items", max: Room::MAX_ITEMS });
    }
    let after = match fields.after {
        Some(id) => Some(room.item(id).ok_or(Rejection::ItemNotFound)?.item_id),
        None => room.playlist.last().map(|item| item.item_id),
    };
    let event = PlaylistAdded {
        item_id: ItemId::new(ctx.fresh),
        url: fields.url.clone(),
        title: fields.title.clone(),
        delivery: fields.delivery,
        duration_ms: fields.duration_ms,
        added_by: ctx.actor.id,
        after,
    };
    Ok(Decision::one(Event::PlaylistAdded(event), decided_by))
}

pub(crate) fn update(room: &Room, fields: &PlaylistUpdate, ctx: &Context) -> Result<Decision, Rejection> {
    let (item, decided_by) = editable(room, fields.item_id, ctx)?;
    let event = PlaylistUpdated {
        item_id: item.item_id,
        title: fields.title.clone().filter(|title| item.title.as_ref() != Some(title)),
        duration_ms: fields.duration_ms.filter(|length| item.duration_ms != Some(*length)),
    };
    if event.title.is_none() && event.duration_ms.is_none() {
        return Ok(Decision::nothing(decided_by));
    }
    Ok(Decision::one(Event::PlaylistUpdated(event), decided_by))
}

pub(crate) fn relocate(room: &Room, fields: &PlaylistMove, ctx: &Context) -> Result<Decision, Rejection> {
    let (item, decided_by) = editable(room, fields.item_id, ctx)?;
    if fields.after.is_some_and(|after| room.item(after).is_none()) {
        return Err(Rejection::ItemNotFound);
    }
    let before = room.index_of(item.item_id).and_then(|index| index.checked_sub(1));
    let predecessor = before.and_then(|index| room.playlist.get(index)).map(|item| item.item_id);
    // Behind itself means staying as well.
    if fields.after == predecessor || fields.after == Some(item.item_id) {
        return Ok(Decision::nothing(decided_by));
    }
    let event = PlaylistMoved { item_id: item.item_id, after: fields.after };
    Ok(Decision::one(Event::PlaylistMoved(event), decided_by))
}

pub(crate) fn remove(room: &Room, fields: &PlaylistRemove, ctx: &Context) -> Result<Decision, Rejection> {
    let (item, decided_by) = editable(room, fields.item_id, ctx)?;
    let event = PlaylistRemoved { item_id: item.item_id };
    Ok(Decision::one(Event::PlaylistRemoved(event), decided_by))
}

pub(crate) fn clear(room: &Room, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::QueueClear)?;
    if room.playlist.is_empty() {
        return Ok(Decision::nothing(decided_by));
    }
    Ok(Decision::one(Event::PlaylistCleared(PlaylistCleared {}), decided_by))
}

/// The item and the rule by which the actor may change it: as its own, or as anybody's.
fn editable<'a>(room: &'a Room, id: ItemId, ctx: &Context) -> Result<(&'a Item, String), Rejection> {
    let item = room.item(id);
    let own = item.is_some_and(|item| item.added_by == ctx.actor.id);
    if own && allow(room, ctx, Permission::QueueEditOwn).is_ok() {
        return Ok((item.ok_or(Rejection::ItemNotFound)?, "own".to_owned()));
    }
    let needed = if item.is_some() && !own { Permission::QueueEditAny } else { Permission::QueueEditOwn };
    let decided_by = allow(room, ctx, needed)?;
    Ok((item.ok_or(Rejection::ItemNotFound)?, decided_by))
}

impl Room {
    pub(super) fn index_of(&self, id: ItemId) -> Option<usize> {
        self.playlist.iter().position(|item| item.item_id == id)
    }

    pub(super) fn item_added(&mut self, event: &PlaylistAdded) {
        let item = Item {
            item_id: event.item_id,
            url: event.url.clone(),
            title: event.title.clone(),
            duration_ms: event.duration_ms,
            added_by: event.added_by,
            delivery: event.delivery,
        };
        // An id that is taken stays with its item: nothing but an update changes one.
        if self.item(event.item_id).is_none() {
            self.insert(item, event.after);
        }
        self.touch(|versions| &mut versions.playlist);
    }

    pub(super) fn item_updated(&mut self, event: &PlaylistUpdated) {
        if let Some(index) = self.index_of(event.item_id) {
            let item = &mut self.playlist[index];
            item.title = event.title.clone().or(item.title.take());
            item.duration_ms = event.duration_ms.or(item.duration_ms);
        }
        if event.duration_ms.is_some() && self.playback.motion.item_id == Some(event.item_id) {
            self.touch(|versions| &mut versions.playback);
        }
        self.touch(|versions| &mut versions.playlist);
    }

    pub(super) fn item_moved(&mut self, event: &PlaylistMoved) {
        if let Some(index) = self.index_of(event.item_id).filter(|_| event.after != Some(event.item_id)) {
            let item = self.playlist.remove(index);
            self.insert(item, event.after);
        }
        self.touch(|versions| &mut versions.playlist);
    }

    pub(super) fn item_removed(&mut self, id: ItemId) {
        self.playlist.retain(|item| item.item_id != id);
        self.playback.bag.remove(id);
        if self.playback.motion.item_id == Some(id) {
            self.unload();
        }
        self.touch(|versions| &mut versions.playlist);
    }

    pub(super) fn items_cleared(&mut self) {
        for item in std::mem::take(&mut self.playlist) {
            self.playback.bag.remove(item.item_id);
        }
        if self.playback.motion.item_id.is_some() {
            self.unload();
        }
        self.touch(|versions| &mut versions.playlist);
    }

    /// Behind an item, or at the end if that one is unknown; `None` is the beginning.
    fn insert(&mut self, item: Item, after: Option<ItemId>) {
        let index = match after {
            None => 0,
            Some(id) => self.index_of(id).map_or(self.playlist.len(), |index| index + 1),
        };
        self.playlist.insert(index, item);
    }

    /// Nothing is loaded any more; the rate stays.
    fn unload(&mut self) {
        let rate_permille = self.playback.motion.rate_permille;
        self.plays(Motion { rate_permille, ..Motion::default() });
    }
}
