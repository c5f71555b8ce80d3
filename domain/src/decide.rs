//! From a command to its events, or a refusal.

use std::collections::BTreeSet;

use ulid::Ulid;

use crate::actor::{Actor, ActorId};
use crate::command::Command;
use crate::events::Event;
use crate::ids::{CredentialId, InviteId, RoomId};
use crate::rejection::Rejection;
use crate::room::{Room, chat, lifecycle, live, membership, playback, playlist, ready};
use crate::text::DisplayName;
use crate::time::ServerMs;

/// Everything a decision may depend on besides the room and the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// Who gives the command.
    pub actor: Actor,
    /// What the actor is called; needed to create and to join.
    pub display_name: Option<DisplayName>,
    /// The database's time.
    pub now: ServerMs,
    /// How far ahead a start is scheduled, in ms.
    pub lead_ms: i64,
    /// Becomes the id of a new item or message.
    pub fresh: Ulid,
    /// The id of the room, used by `room.create`.
    pub room_id: RoomId,
    /// Who is connected, for a ready check.
    pub company: Company,
    /// Chooses the item in shuffle mode.
    pub entropy: u64,
    /// What was found out about secrets that came with the command.
    pub proof: Proof,
}

/// What is known of a password or token, without the text itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Proof {
    /// The password is the one that is kept here; of a new one, where it is kept.
    pub credential: Option<CredentialId>,
    /// It is not the one that is kept here.
    pub wrong: Option<CredentialId>,
    /// The token is that of this invite.
    pub invite: Option<InviteId>,
}

/// Who is connected, as far as the server sees that decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Company {
    /// Connected to it.
    pub here: BTreeSet<ActorId>,
    /// Were connected to it, and are gone.
    pub gone: BTreeSet<ActorId>,
}

impl Context {
    /// When something scheduled now begins.
    pub(crate) fn scheduled(&self) -> ServerMs {
        self.now.plus(self.lead_ms.max(0))
    }
}

/// An accepted command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// What happens; empty if the command changes nothing.
    pub events: Vec<Event>,
    /// The rule that allowed it, for example `role:moderator`.
    pub decided_by: String,
}

impl Decision {
    pub(crate) fn one(event: Event, decided_by: impl Into<String>) -> Self {
        Self { events: vec![event], decided_by: decided_by.into() }
    }

    pub(crate) fn nothing(decided_by: impl Into<String>) -> Self {
        Self { events: Vec::new(), decided_by: decided_by.into() }
    }
}

/// Decides a command against the room as it is; pure.
///
/// # Errors
/// [`Rejection`] if the command is refused.
pub fn decide(room: &Room, command: &Command, ctx: &Context) -> Result<Decision, Rejection> {
    enter(room, command, ctx)?;
    match command {
        Command::Create(fields) => lifecycle::create(fields, ctx),
        Command::UpdateSettings(fields) => lifecycle::update_settings(room, fields, ctx),
        Command::Close => lifecycle::close(room, ctx),
        Command::Reopen => lifecycle::reopen(room, ctx),
        Command::SetJoinRule(fields) => lifecycle::set_join_rule(room, fields, ctx),
        Command::Transfer(fields) => membership::offer_transfer(room, fields, ctx),
        Command::AcceptTransfer(fields) => membership::accept_transfer(room, fields, ctx),
        Command::ExpelGuests => membership::expel_guests(room, ctx),
        Command::Join(fields) => membership::join(room, fields, ctx),
        Command::Leave => membership::leave(room, ctx),
        Command::Approve(fields) => membership::approve(room, fields, ctx),
        Command::Reject(fields) => membership::reject(room, fields, ctx),
        Command::Kick(fields) => membership::kick(room, fields, ctx),
        Command::Ban(fields) => membership::ban(room, fields, ctx),
        Command::Unban(fields) => membership::unban(room, fields, ctx),
        Command::Mute(fields) => membership::mute(room, fields, ctx),
        Command::Unmute(fields) => membership::unmute(room, fields, ctx),
        Command::SetRole(fields) => membership::set_role(room, fields, ctx),
        Command::OverridePermissions(fields) => membership::override_permissions(room, fields, ctx),
        Command::CreateInvite(fields) => membership::create_invite(room, fields, ctx),
        Command::RevokeInvite(fields) => membership::revoke_invite(room, *fields, ctx),
        Command::CreateLiveKey(fields) => live::create_key(room, fields, ctx),
        Command::RevokeLiveKey(fields) => live::revoke_key(room, *fields, ctx),
        Command::StopLive => live::stop(room, ctx),
        Command::StartLive(fields) => live::start(room, *fields, ctx),
        Command::EndLive(fields) => live::end(room, *fields),
        Command::CheckLive(_) => live::check(room, ctx),
        Command::PlaylistAdd(fields) => playlist::add(room, fields, ctx),
        Command::PlaylistUpdate(fields) => playlist::update(room, fields, ctx),
        Command::PlaylistMove(fields) => playlist::relocate(room, fields, ctx),
        Command::PlaylistRemove(fields) => playlist::remove(room, fields, ctx),
        Command::PlaylistClear => playlist::clear(room, ctx),
        Command::PlaybackPlay(fields) => playback::play(room, fields, ctx),
        Command::PlaybackPause(fields) => playback::pause(room, fields, ctx),
        Command::PlaybackSeek(fields) => playback::seek(room, fields, ctx),
        Command::PlaybackSetRate(fields) => playback::set_rate(room, fields, ctx),
        Command::PlaybackSetMode(fields) => playback::set_mode(room, fields, ctx),
        Command::PlaybackSelectItem(fields) => playback::select_item(room, fields, ctx),
        Command::PlaybackNext(fields) => playback::next(room, fields, ctx),
        Command::PlaybackPrevious(fields) => playback::previous(room, fields, ctx),
        Command::PlaybackHold(fields) => playback::hold(room, fields, ctx),
        Command::PlaybackRelease(fields) => playback::release(room, fields, ctx),
        Command::ReadyStart(fields) => ready::start(room, fields, ctx),
        Command::ReadyMark(fields) => ready::mark(room, fields, ctx),
        Command::ReadyCancel => ready::cancel(room, ctx),
        Command::ReadySettle(_) => ready::settle(room, ctx),
        Command::ChatPost(fields) => chat::post(room, fields, ctx),
        Command::ChatEdit(fields) => chat::edit(room, fields, ctx),
        Command::ChatRedact(fields) => chat::redact(room, fields, ctx),
        Command::ChatReact(fields) => chat::react(room, fields, ctx),
    }
}

/// What holds for every command: existence, membership, openness, in that order, so that a
/// stranger learns nothing about a room beyond its existence.
fn enter(room: &Room, command: &Command, ctx: &Context) -> Result<(), Rejection> {
    if matches!(command, Command::Create(_)) {
        return if room.exists() { Err(Rejection::RoomExists) } else { Ok(()) };
    }
    if !room.exists() {
        return Err(Rejection::RoomNotFound);
    }
    let joins = matches!(command, Command::Join(_));
    let inside = ctx.actor.id == ActorId::System || room.is_member(ctx.actor.id);
    if !joins && !inside {
        return Err(Rejection::NotAMember);
    }
    let always = matches!(command, Command::Close | Command::Reopen | Command::Leave | Command::EndLive(_));
    if room.is_closed() && !always {
        return Err(Rejection::RoomClosed);
    }
    Ok(())
}
