//! The closed list of commands.

use serde::Serialize;
use serde_json::Value;

use super::parse::{NoFields, ParseError, read};
use super::{
    AcceptTransfer, ChatEdit, ChatPost, ChatReact, ChatRedact, CheckLive, CreateInvite, CreateLiveKey, CreateRoom,
    EndLive, Hold, Join, Judged, Next, OverridePermissions, Pardoned, Password, Pause, Play, PlaylistAdd, PlaylistMove,
    PlaylistRemove, PlaylistUpdate, Previous, ReadyMark, ReadySettle, ReadyStart, Release, RevokeInvite, RevokeLiveKey,
    Seek, SelectItem, SetJoinRule, SetMode, SetRate, SetRole, StartLive, Transfer, UpdateSettings,
};

macro_rules! commands {
    (
        $(unasked $(#[$own_doc:meta])* $own:ident($own_fields:ty) = $own_name:literal;)+
        $(plain $(#[$plain_doc:meta])* $plain:ident = $plain_name:literal;)+
        $(with $(#[$doc:meta])* $variant:ident($fields:ty) = $name:literal;)+
    ) => {
        /// One wish of one actor, its fields checked but not yet decided.
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub enum Command {
            $($(#[$own_doc])* $own($own_fields),)+
            $($(#[$plain_doc])* $plain,)+
            $($(#[$doc])* $variant($fields),)+
        }

        impl Command {
            /// Every command that [`Command::parse`] knows.
            pub const NAMES: &[&str] = &[$($plain_name,)+ $($name),+];

            /// The name on the wire, for example `playback.play`.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$own(_) => $own_name,)+
                    $(Self::$plain => $plain_name,)+
                    $(Self::$variant(_) => $name,)+
                }
            }

            /// Reads a command from its name and an object of its fields. `room.create`, which has a route of its own,
            /// and what only the room itself does are unknown here.
            ///
            /// # Errors
            /// [`ParseError`] says which field or name is wrong.
            pub fn parse(name: &str, fields: Value) -> Result<Self, ParseError> {
                match name {
                    $($plain_name => read::<NoFields>(fields).map(|_| Self::$plain),)+
                    $($name => read(fields).map(Self::$variant),)+
                    _ => Err(ParseError::UnknownCommand { name: name.to_owned() }),
                }
            }

            /// JSON text with the name, equal exactly if the commands are equal. Absent optional
            /// fields are left out, so a later optional field keeps old texts as they were.
            #[must_use]
            pub fn canonical(&self) -> String {
                match self {
                    $(Self::$own(fields) => text(self.name(), fields),)+
                    $(Self::$plain => text(self.name(), &NoFields {}),)+
                    $(Self::$variant(fields) => text(self.name(), fields),)+
                }
            }
        }
    };
}

commands! {
    unasked
    /// Make the room.
    Create(CreateRoom) = "room.create";
    unasked
    /// Wait for members who buffer.
    PlaybackHold(Hold) = "playback.hold";
    unasked
    /// Go on after a wait.
    PlaybackRelease(Release) = "playback.release";
    unasked
    /// Take a publisher who showed a key.
    StartLive(StartLive) = "live.start";
    unasked
    /// Say that a publisher has ended.
    EndLive(EndLive) = "live.end";
    unasked
    /// Look whether the live stream may go on.
    CheckLive(CheckLive) = "live.check";
    unasked
    /// Look whether a ready check is over.
    ReadySettle(ReadySettle) = "ready.settle";
    plain
    /// Take no more commands.
    Close = "room.close";
    plain
    /// Take commands again.
    Reopen = "room.reopen";
    plain
    /// Remove all guests.
    ExpelGuests = "room.expel_guests";
    plain
    /// Leave the room.
    Leave = "member.leave";
    plain
    /// Call a ready check off.
    ReadyCancel = "ready.cancel";
    plain
    /// End the live stream.
    StopLive = "live.stop";
    plain
    /// Remove all items.
    PlaylistClear = "playlist.clear";
    with
    /// Change settings.
    UpdateSettings(UpdateSettings) = "room.update_settings";
    with
    /// Change how one gets in.
    SetJoinRule(SetJoinRule) = "room.set_join_rule";
    with
    /// Offer the room to another owner, or withdraw the offer.
    Transfer(Transfer) = "room.transfer";
    with
    /// Become the owner.
    AcceptTransfer(AcceptTransfer) = "room.accept_transfer";
    with
    /// Become a member, or ask to.
    Join(Join) = "member.join";
    with
    /// Let in somebody who asked.
    Approve(Pardoned) = "member.approve";
    with
    /// Send away somebody who asked.
    Reject(Judged) = "member.reject";
    with
    /// Remove a member.
    Kick(Judged) = "member.kick";
    with
    /// Remove somebody and keep them out.
    Ban(Judged) = "member.ban";
    with
    /// Let somebody come in again.
    Unban(Pardoned) = "member.unban";
    with
    /// Keep a member from writing.
    Mute(Judged) = "member.mute";
    with
    /// Let a member write again.
    Unmute(Pardoned) = "member.unmute";
    with
    /// Give a member another role.
    SetRole(SetRole) = "member.set_role";
    with
    /// Allow and deny rights to a member.
    OverridePermissions(OverridePermissions) = "member.override_permissions";
    with
    /// Make an invite.
    CreateInvite(CreateInvite) = "invite.create";
    with
    /// Make an invite worthless.
    RevokeInvite(RevokeInvite) = "invite.revoke";
    with
    /// Make a key to publish a live stream with.
    CreateLiveKey(CreateLiveKey) = "live.create_key";
    with
    /// Make a key worthless.
    RevokeLiveKey(RevokeLiveKey) = "live.revoke_key";
    with
    /// Add an item.
    PlaylistAdd(PlaylistAdd) = "playlist.add";
    with
    /// Change title or duration of an item.
    PlaylistUpdate(PlaylistUpdate) = "playlist.update";
    with
    /// Put an item somewhere else.
    PlaylistMove(PlaylistMove) = "playlist.move";
    with
    /// Remove an item.
    PlaylistRemove(PlaylistRemove) = "playlist.remove";
    with
    /// Start playing.
    PlaybackPlay(Play) = "playback.play";
    with
    /// Stop playing.
    PlaybackPause(Pause) = "playback.pause";
    with
    /// Jump.
    PlaybackSeek(Seek) = "playback.seek";
    with
    /// Play faster or slower.
    PlaybackSetRate(SetRate) = "playback.set_rate";
    with
    /// Choose differently what follows an item.
    PlaybackSetMode(SetMode) = "playback.set_mode";
    with
    /// Play this item.
    PlaybackSelectItem(SelectItem) = "playback.select_item";
    with
    /// Play the item that follows.
    PlaybackNext(Next) = "playback.next";
    with
    /// Play the item before.
    PlaybackPrevious(Previous) = "playback.previous";
    with
    /// Ask everybody whether they are ready.
    ReadyStart(ReadyStart) = "ready.start";
    with
    /// Be ready, or not any more.
    ReadyMark(ReadyMark) = "ready.mark";
    with
    /// Write a message.
    ChatPost(ChatPost) = "chat.post";
    with
    /// Replace the text of one's message.
    ChatEdit(ChatEdit) = "chat.edit";
    with
    /// Withdraw a message.
    ChatRedact(ChatRedact) = "chat.redact";
    with
    /// Add or take back a reaction.
    ChatReact(ChatReact) = "chat.react";
}

impl Command {
    /// Whether the command may only be given together with what it was based on.
    #[must_use]
    pub fn requires_precondition(&self) -> bool {
        matches!(self, Self::UpdateSettings(_) | Self::SetJoinRule(_) | Self::OverridePermissions(_))
    }

    /// The password that comes with it.
    #[must_use]
    pub fn password(&self) -> Option<&Password> {
        match self {
            Self::Create(fields) => fields.password.as_ref(),
            Self::SetJoinRule(fields) => fields.password.as_ref(),
            Self::Join(fields) => fields.password.as_ref(),
            _ => None,
        }
    }

    /// The same command with another text in place of the password.
    #[must_use]
    pub fn with_password(mut self, password: Password) -> Self {
        let place = match &mut self {
            Self::Create(fields) => &mut fields.password,
            Self::SetJoinRule(fields) => &mut fields.password,
            Self::Join(fields) => &mut fields.password,
            _ => return self,
        };
        *place = Some(password);
        self
    }

    /// Whether its decision depends on who is connected.
    #[must_use]
    pub fn asks_who_is_there(&self) -> bool {
        self.name().starts_with("ready.")
    }

    /// Whether it may make another item current.
    #[must_use]
    pub fn changes_item(&self) -> bool {
        matches!(self, Self::PlaybackSelectItem(_) | Self::PlaybackNext(_) | Self::PlaybackPrevious(_))
    }

    /// Whether it steers what everybody sees: such commands are counted for each member.
    #[must_use]
    pub fn steers(&self) -> bool {
        ["playback.", "ready."].iter().any(|family| self.name().starts_with(family))
    }
}

#[derive(Serialize)]
struct Canonical<'a, T> {
    r#type: &'a str,
    fields: &'a T,
}

fn text<T: Serialize>(name: &str, fields: &T) -> String {
    serde_json::to_string(&Canonical { r#type: name, fields })
        .expect("fields are structs of strings, integers and booleans: nothing can fail")
}
