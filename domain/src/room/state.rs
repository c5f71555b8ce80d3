//! The folded room.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::chat::Heads;
use super::membership::{Ban, Cooldown, Former, Invite, Knock, Mute, Offer};
use super::permission::ByRole;
use super::{DefaultRole, Item, JoinRule, Live, LiveKey, Member, Playback, ReadyCheck, Settings, Versions, Visibility};
use crate::actor::ActorId;
use crate::ids::{CredentialId, EventId, InviteId, ItemId, LiveKeyId, RoomId};
use crate::order::Seq;
use crate::personal::Personal;
use crate::text::RoomName;
use crate::time::{MediaMs, ServerMs};

/// A room as its events made it; bounded. Its JSON is the snapshot form.
///
/// The default is the room before its first event.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    pub(super) id: Option<RoomId>,
    pub(super) seq: Seq,
    pub(super) name: Option<RoomName>,
    pub(super) visibility: Visibility,
    pub(super) join_rule: JoinRule,
    pub(super) credential: Option<CredentialId>,
    pub(super) default_role: DefaultRole,
    pub(super) owner: Option<ActorId>,
    pub(super) settings: Settings,
    pub(super) origins: Origins,
    pub(super) members: BTreeMap<ActorId, Member>,
    pub(super) former: BTreeMap<ActorId, Former>,
    pub(super) offer: Option<Offer>,
    pub(super) knocks: BTreeMap<ActorId, Knock>,
    pub(super) invites: BTreeMap<InviteId, Invite>,
    pub(super) bans: BTreeMap<ActorId, Ban>,
    pub(super) mutes: BTreeMap<ActorId, Mute>,
    pub(super) cooldowns: BTreeMap<ActorId, Cooldown>,
    pub(super) playlist: Vec<Item>,
    pub(super) playback: Playback,
    pub(super) ready: Option<ReadyCheck>,
    pub(super) live_keys: BTreeMap<LiveKeyId, LiveKey>,
    pub(super) live: Option<Live>,
    pub(super) heads: Heads,
    pub(super) versions: Versions,
    pub(super) closed: bool,
}

/// The events that gave the settings their values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Origins {
    pub(super) chat: Option<EventId>,
    pub(super) reactions: Option<EventId>,
    pub(super) control: Option<EventId>,
    pub(super) permissions: ByRole<Option<EventId>>,
}

impl Origins {
    /// Of a room that was just made.
    pub(super) fn all(event: EventId) -> Self {
        let of = Some(event);
        let permissions = ByRole { admin: of, moderator: of, member: of, guest: of };
        Self { chat: of, reactions: of, control: of, permissions }
    }
}

impl Room {
    /// The version of the snapshot form; snapshots of another one are not read.
    pub const SCHEMA: i32 = 5;
    /// The greatest number of members.
    pub const MAX_MEMBERS: usize = 1000;
    /// The greatest number of playlist items.
    pub const MAX_ITEMS: usize = 1000;
    /// The greatest number of bans, of mutes, and of those who left and are remembered.
    pub const MAX_SANCTIONS: usize = 1000;
    /// The greatest number of people who wait for an answer to their knock.
    pub const MAX_KNOCKS: usize = 100;
    /// The greatest number of invites that can be used.
    pub const MAX_INVITES: usize = 200;
    /// … and that one member has made.
    pub const MAX_OWN_INVITES: usize = 20;
    /// The greatest number of keys that can be used.
    pub const MAX_LIVE_KEYS: usize = 100;
    /// … and that one member has made.
    pub const MAX_OWN_LIVE_KEYS: usize = 10;
    /// How many of the newest messages can still be changed.
    pub const MAX_HEADS: usize = 500;

    /// Whether anything happened in it yet.
    #[must_use]
    pub fn exists(&self) -> bool {
        self.seq.0 > 0
    }

    /// Its id, once created.
    #[must_use]
    pub fn id(&self) -> Option<RoomId> {
        self.id
    }

    /// The seq of the last event folded in.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.seq
    }

    /// Its name, once created.
    #[must_use]
    pub fn name(&self) -> Option<&RoomName> {
        self.name.as_ref()
    }

    /// Whether it shows up in lists.
    #[must_use]
    pub fn visibility(&self) -> Visibility {
        self.visibility
    }

    /// How one gets in.
    #[must_use]
    pub fn join_rule(&self) -> JoinRule {
        self.join_rule
    }

    /// Where the password is kept, if there is one.
    #[must_use]
    pub fn credential(&self) -> Option<CredentialId> {
        self.credential
    }

    /// What a joiner becomes.
    #[must_use]
    pub fn default_role(&self) -> DefaultRole {
        self.default_role
    }

    /// Its owner, once created.
    #[must_use]
    pub fn owner(&self) -> Option<ActorId> {
        self.owner
    }

    /// Its settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether it takes no commands.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Whether the actor is a member.
    #[must_use]
    pub fn is_member(&self, actor: ActorId) -> bool {
        self.members.contains_key(&actor)
    }

    /// The member with this id.
    #[must_use]
    pub fn member(&self, actor: ActorId) -> Option<&Member> {
        self.members.get(&actor)
    }

    /// The members in the order they joined.
    #[must_use]
    pub fn members(&self) -> Vec<&Member> {
        let mut members: Vec<_> = self.members.values().collect();
        members.sort_by_key(|member| (member.joined_seq, member.id));
        members
    }

    /// The playlist in order.
    #[must_use]
    pub fn playlist(&self) -> &[Item] {
        &self.playlist
    }

    /// The item with this id.
    #[must_use]
    pub fn item(&self, id: ItemId) -> Option<&Item> {
        self.playlist.iter().find(|item| item.item_id == id)
    }

    /// How playback moves.
    #[must_use]
    pub fn playback(&self) -> &Playback {
        &self.playback
    }

    /// The length of the current item, if known.
    #[must_use]
    pub fn duration(&self) -> Option<MediaMs> {
        self.item(self.playback.motion.item_id?)?.duration_ms
    }

    /// When the current item is over, if it plays and its length is known.
    #[must_use]
    pub fn ends_at(&self) -> Option<ServerMs> {
        self.playback.motion.ends_at(self.duration()?)
    }

    /// When each concern last changed.
    #[must_use]
    pub fn versions(&self) -> &Versions {
        &self.versions
    }

    /// Calls `f` with the subject and the field, for every personal field.
    pub fn for_each_personal(&mut self, f: &mut dyn FnMut(ActorId, &mut Personal)) {
        for (subject, member) in &mut self.members {
            f(*subject, &mut member.display_name);
        }
        for (subject, knock) in &mut self.knocks {
            f(*subject, &mut knock.display_name);
            knock.message.iter_mut().for_each(|message| f(*subject, message));
        }
        for (subject, ban) in &mut self.bans {
            ban.display_name.iter_mut().for_each(|name| f(*subject, name));
            ban.reason.iter_mut().for_each(|reason| f(*subject, reason));
        }
    }
}
