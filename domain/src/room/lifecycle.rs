//! Creation, settings, closing and reopening.

use super::permission::{Permission, allow};
use super::state::Origins;
use super::{CapabilitiesPatch, Role, Room, Versions};
use crate::actor::ActorId;
use crate::command::{CreateRoom, UpdateSettings};
use crate::decide::{Context, Decision};
use crate::events::{Event, MemberJoined, Recorded, RoomClosed, RoomCreated, RoomReopened, RoomSettingsUpdated};
use crate::personal::Personal;
use crate::rejection::Rejection;

pub(crate) fn create(fields: &CreateRoom, ctx: &Context) -> Result<Decision, Rejection> {
    let owner = ctx.actor.id;
    // A room belongs to a person; the system has no name to show and could not be asked.
    let name = ctx.display_name.as_ref().filter(|_| owner != ActorId::System);
    let name = name.ok_or(Rejection::DisplayNameRequired)?;
    let created = RoomCreated {
        room_id: ctx.room_id,
        name: fields.name.clone(),
        visibility: fields.visibility,
        join_rule: fields.join_rule,
        default_role: fields.default_role.unwrap_or_default(),
        settings: fields.settings.unwrap_or_default(),
        owner,
    };
    let joined = MemberJoined { member: owner, display_name: Personal::Clear(name.to_string()), role: Role::Owner };
    Ok(Decision {
        events: vec![Event::RoomCreated(created), Event::MemberJoined(joined)],
        decided_by: "self".to_owned(),
    })
}

pub(crate) fn update_settings(room: &Room, fields: &UpdateSettings, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx.actor.id, Permission::RoomSettings)?;
    let settings = &room.settings;
    let chat =
        changed(fields.capabilities.and_then(|capabilities| capabilities.chat).as_ref(), &settings.capabilities.chat);
    let update = RoomSettingsUpdated {
        name: fields.name.clone().filter(|name| room.name.as_ref() != Some(name)),
        visibility: changed(fields.visibility.as_ref(), &room.visibility),
        default_role: changed(fields.default_role.as_ref(), &room.default_role),
        capabilities: chat.map(|chat| CapabilitiesPatch { chat: Some(chat) }),
        barrier: changed(fields.barrier.as_ref(), &settings.barrier),
        control: changed(fields.control.as_ref(), &settings.control),
    };
    if update == RoomSettingsUpdated::default() {
        return Ok(Decision::nothing(decided_by));
    }
    Ok(Decision::one(Event::RoomSettingsUpdated(update), decided_by))
}

fn changed<T: Copy + PartialEq>(wanted: Option<&T>, present: &T) -> Option<T> {
    wanted.filter(|wanted| *wanted != present).copied()
}

pub(crate) fn close(room: &Room, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx.actor.id, Permission::RoomClose)?;
    Ok(Decision::one(Event::RoomClosed(RoomClosed {}), decided_by))
}

pub(crate) fn reopen(room: &Room, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx.actor.id, Permission::RoomClose)?;
    if !room.closed {
        return Ok(Decision::nothing(decided_by));
    }
    Ok(Decision::one(Event::RoomReopened(RoomReopened {}), decided_by))
}

impl Room {
    pub(super) fn created(&mut self, event: &RoomCreated, recorded: &Recorded) {
        self.id = Some(event.room_id);
        self.name = Some(event.name.clone());
        self.visibility = event.visibility;
        self.join_rule = event.join_rule;
        self.default_role = event.default_role;
        self.owner = Some(event.owner);
        self.settings = event.settings;
        self.origins = Origins { chat: Some(recorded.id), control: Some(recorded.id) };
        let seq = self.seq;
        let chat = self.versions.chat;
        self.versions = Versions { settings: seq, members: seq, playlist: seq, playback: seq, chat };
    }

    pub(super) fn settings_updated(&mut self, event: &RoomSettingsUpdated, recorded: &Recorded) {
        if let Some(name) = &event.name {
            self.name = Some(name.clone());
        }
        self.visibility = event.visibility.unwrap_or(self.visibility);
        self.default_role = event.default_role.unwrap_or(self.default_role);
        if let Some(chat) = event.capabilities.and_then(|capabilities| capabilities.chat) {
            self.settings.capabilities.chat = chat;
            self.origins.chat = Some(recorded.id);
        }
        self.settings.barrier = event.barrier.unwrap_or(self.settings.barrier);
        if let Some(control) = event.control {
            self.settings.control = control;
            self.origins.control = Some(recorded.id);
        }
        self.touch(|versions| &mut versions.settings);
    }

    pub(super) fn set_closed(&mut self, closed: bool) {
        self.closed = closed;
        // Nothing is under way that would go on by itself once the room is open again.
        self.ready_cancelled();
        self.playback.holds.current = None;
        self.touch(|versions| &mut versions.settings);
    }
}
