//! The rights, which roles have them, and which roles may be given them.

use std::fmt;
use std::str::FromStr;

use crate::ids::{InvalidId, serde_as_text};
use crate::room::Role;

macro_rules! permissions {
    ($($(#[doc = $doc:literal])* $variant:ident = $text:literal, $least:ident, $ceiling:ident;)+) => {
        /// A right within a room.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Permission {
            $($(#[doc = $doc])* $variant,)+
        }

        impl Permission {
            /// Every right.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name on the wire, for example `playback.control`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// What it lets one do.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self {
                    $(Self::$variant => concat!($($doc),*).trim(),)+
                }
            }

            /// The lowest role that has it unless a room says otherwise.
            #[must_use]
            pub const fn least_role(self) -> Role {
                match self {
                    $(Self::$variant => Role::$least,)+
                }
            }

            /// The lowest role that can have it, whatever a room says.
            #[must_use]
            pub const fn ceiling(self) -> Role {
                match self {
                    $(Self::$variant => Role::$ceiling,)+
                }
            }
        }
    };
}

permissions! {
    /// Play, pause, seek, and ask whether everybody is ready.
    PlaybackControl = "playback.control", Member, Guest;
    /// Select an item, go to the next or previous one, set the mode.
    PlaybackNavigate = "playback.navigate", Member, Guest;
    /// Change the rate.
    PlaybackRate = "playback.rate", Member, Guest;
    /// Add to the playlist.
    QueueAdd = "queue.add", Member, Guest;
    /// Change, move and remove one's own items.
    QueueEditOwn = "queue.edit_own", Member, Guest;
    /// Change, move and remove everybody's items.
    QueueEditAny = "queue.edit_any", Moderator, Member;
    /// Clear the playlist.
    QueueClear = "queue.clear", Moderator, Member;
    /// Write messages.
    ChatSend = "chat.send", Guest, Guest;
    /// React to messages.
    ChatReact = "chat.react", Guest, Guest;
    /// Withdraw everybody's messages.
    ChatDeleteAny = "chat.delete_any", Moderator, Member;
    /// Make invites, and revoke one's own.
    MembersInvite = "members.invite", Member, Member;
    /// Approve and reject those who knock, and revoke everybody's invites.
    MembersReview = "members.review", Moderator, Member;
    /// Mute members and let them speak again.
    MembersMute = "members.mute", Moderator, Member;
    /// Remove members, and all guests at once.
    MembersKick = "members.kick", Moderator, Member;
    /// Ban people, and let those in again who are kept out.
    MembersBan = "members.ban", Moderator, Moderator;
    /// Publish live streams: make keys, revoke one's own, stop one's own stream.
    LivePublish = "live.publish", Moderator, Member;
    /// Stop everybody's live stream, and revoke everybody's keys.
    LiveStop = "live.stop", Moderator, Member;
    /// Give roles.
    RolesAssign = "roles.assign", Admin, Moderator;
    /// Allow and deny rights to single members.
    PermissionsOverride = "permissions.override", Admin, Moderator;
    /// Change the settings, the rights of roles among them.
    RoomSettings = "room.settings", Admin, Moderator;
    /// Change how one gets in.
    RoomJoinRule = "room.join_rule", Admin, Moderator;
    /// Close and reopen the room.
    RoomClose = "room.close", Owner, Owner;
    /// Offer the room to another owner.
    RoomTransfer = "room.transfer", Owner, Owner;
}

impl Permission {
    /// Whether a mute takes it away.
    #[must_use]
    pub const fn is_speech(self) -> bool {
        matches!(self, Self::ChatSend | Self::ChatReact)
    }

    /// Whether the room's `control` decides about it.
    #[must_use]
    pub const fn is_playback(self) -> bool {
        matches!(self, Self::PlaybackControl | Self::PlaybackNavigate | Self::PlaybackRate)
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Permission {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let known = Self::ALL.iter().find(|permission| permission.as_str() == text);
        known.copied().ok_or(InvalidId { what: "permission" })
    }
}

serde_as_text!(Permission);
