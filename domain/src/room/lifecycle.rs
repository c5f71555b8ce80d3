//! Creation, settings, the join rule, closing and reopening.

use super::live;
use super::permission::{Permission, Place, allow, has_all, outranks, passes_on};
use super::state::Origins;
use super::{Capabilities, CapabilitiesPatch, JoinRule, PermissionsPatch, Role, Room, Versions};
use crate::actor::ActorId;
use crate::command::{CreateRoom, SetJoinRule, UpdateSettings};
use crate::decide::{Context, Decision};
use crate::events::{
    Event, MemberJoined, Recorded, RoomClosed, RoomCreated, RoomJoinRuleSet, RoomReopened, RoomSettingsUpdated,
};
use crate::ids::CredentialId;
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
        credential_id: kept(fields.join_rule, fields.password.is_some(), ctx)?,
    };
    let joined = MemberJoined::new(owner, Personal::Clear(name.to_string()), Role::Owner);
    Ok(Decision {
        events: vec![Event::RoomCreated(created), Event::MemberJoined(joined)],
        decided_by: "self".to_owned(),
    })
}

/// Where a password that came with a rule is kept from now on.
fn kept(rule: JoinRule, given: bool, ctx: &Context) -> Result<Option<CredentialId>, Rejection> {
    match (rule, given) {
        (_, false) => Ok(None),
        (JoinRule::Password, true) => ctx.proof.credential.map(Some).ok_or(Rejection::PasswordMoved),
        (_, true) => Err(Rejection::PasswordRequired),
    }
}

pub(crate) fn set_join_rule(room: &Room, fields: &SetJoinRule, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::RoomJoinRule)?;
    let new = kept(fields.join_rule, fields.password.is_some(), ctx)?;
    let credential_id = new.or(room.credential.filter(|_| fields.join_rule == JoinRule::Password));
    if fields.join_rule == JoinRule::Password && credential_id.is_none() {
        return Err(Rejection::PasswordRequired);
    }
    if fields.join_rule == room.join_rule && credential_id == room.credential {
        return Ok(Decision::nothing(decided_by));
    }
    let event = RoomJoinRuleSet { join_rule: fields.join_rule, credential_id };
    Ok(Decision::one(Event::RoomJoinRuleSet(event), decided_by))
}

pub(crate) fn update_settings(room: &Room, fields: &UpdateSettings, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::RoomSettings)?;
    let settings = &room.settings;
    let update = RoomSettingsUpdated {
        name: fields.name.clone().filter(|name| room.name.as_ref() != Some(name)),
        visibility: changed(fields.visibility, room.visibility),
        default_role: changed(fields.default_role, room.default_role),
        capabilities: switched(fields.capabilities, &settings.capabilities),
        barrier: changed(fields.barrier, settings.barrier),
        control: changed(fields.control, settings.control),
        permissions: fields.permissions.and_then(|patch| patch.changing(&settings.permissions)),
        max_members: changed(fields.max_members, settings.max_members),
    };
    if update == RoomSettingsUpdated::default() {
        return Ok(Decision::nothing(decided_by));
    }
    entitled(room, &update, ctx)?;
    Ok(Decision::one(Event::RoomSettingsUpdated(update), decided_by))
}

/// Settings give rights as much as roles do: nobody gives what they lack, or touches the rights of those they do not outrank.
fn entitled(room: &Room, update: &RoomSettingsUpdated, ctx: &Context) -> Result<(), Rejection> {
    for (role, overrides) in update.permissions.iter().flat_map(PermissionsPatch::roles) {
        outranks(room, ctx, Permission::RoomSettings, role)?;
        has_all(room, ctx, overrides.differing(room.settings.permissions.get(role).unwrap_or_default()))?;
    }
    let now = room.standing(ctx.actor.id, ctx.now);
    let then = now.under(room.settings.updated(update));
    if let Some(default_role) = update.default_role {
        outranks(room, ctx, Permission::RoomSettings, default_role.into())?;
        let usual = room.default_role.into();
        passes_on(room, ctx, now.at(Place::of(usual)), then.at(Place::of(default_role.into())))?;
    }
    // Control, too, may give somebody a right.
    Role::ALL.into_iter().try_for_each(|role| {
        let place = Place::of(role);
        passes_on(room, ctx, now.at(place), then.at(place))
    })
}

fn switched(wanted: Option<CapabilitiesPatch>, present: &Capabilities) -> Option<CapabilitiesPatch> {
    let wanted = wanted.unwrap_or_default();
    let left = CapabilitiesPatch {
        chat: changed(wanted.chat, present.chat),
        reactions: changed(wanted.reactions, present.reactions),
    };
    (left != CapabilitiesPatch::default()).then_some(left)
}

fn changed<T: Copy + PartialEq>(wanted: Option<T>, present: T) -> Option<T> {
    wanted.filter(|wanted| *wanted != present)
}

pub(crate) fn close(room: &Room, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::RoomClose)?;
    if room.closed {
        return Ok(Decision::nothing(decided_by));
    }
    let mut events: Vec<_> = live::closed(room).into_iter().collect();
    events.push(Event::RoomClosed(RoomClosed {}));
    Ok(Decision { events, decided_by })
}

pub(crate) fn reopen(room: &Room, ctx: &Context) -> Result<Decision, Rejection> {
    let decided_by = allow(room, ctx, Permission::RoomClose)?;
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
        self.credential = event.credential_id;
        self.default_role = event.default_role;
        self.owner = Some(event.owner);
        self.settings = event.settings;
        self.origins = Origins::all(recorded.id);
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
        self.settings = self.settings.updated(event);
        let by = Some(recorded.id);
        let switched = event.capabilities.unwrap_or_default();
        self.origins.chat = switched.chat.and(by).or(self.origins.chat);
        self.origins.reactions = switched.reactions.and(by).or(self.origins.reactions);
        self.origins.control = event.control.and(by).or(self.origins.control);
        for (role, _) in event.permissions.iter().flat_map(PermissionsPatch::roles) {
            if let Some(origin) = self.origins.permissions.slot(role) {
                *origin = by;
            }
        }
        self.touch(|versions| &mut versions.settings);
    }

    pub(super) fn join_rule_set(&mut self, event: RoomJoinRuleSet) {
        self.join_rule = event.join_rule;
        self.credential = event.credential_id;
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
