//! The room as clients see it.

use serde::Serialize;

use super::permission::PermissionSet;
use super::{
    Ban, DefaultRole, Hold, Invite, Item, JoinRule, Knock, Live, LiveKey, Member, Mode, Offer, ReadyCheck, Role, Room,
    Settings, Versions, Visibility,
};
use crate::actor::{ActorId, ActorKind};
use crate::events::Muted;
use crate::ids::{InviteId, ItemId, LiveKeyId, RoomId};
use crate::order::Seq;
use crate::personal::Personal;
use crate::text::RoomName;
use crate::time::{MediaMs, RatePermille, ServerMs, Timestamp};

/// The public shape of a room; serialise it.
#[derive(Debug, Clone, Serialize)]
pub struct RoomView<'a> {
    room_id: Option<RoomId>,
    epoch: &'a str,
    seq: Seq,
    name: Option<&'a RoomName>,
    visibility: Visibility,
    join_rule: JoinRule,
    default_role: DefaultRole,
    owner: Option<ActorId>,
    settings: Settings,
    members: Vec<MemberView<'a>>,
    offer: Option<&'a Offer>,
    knocks: Vec<KnockView<'a>>,
    invites: Vec<InviteView<'a>>,
    bans: Vec<BanView<'a>>,
    playback: PlaybackView<'a>,
    playlist: &'a [Item],
    ready: Option<&'a ReadyCheck>,
    live: Option<LiveView>,
    live_keys: Vec<LiveKeyView>,
    versions: Versions,
    closed: bool,
}

#[derive(Debug, Clone, Serialize)]
struct MemberView<'a> {
    id: ActorId,
    kind: ActorKind,
    display_name: Option<&'a str>,
    role: Role,
    joined_at: Timestamp,
    #[serde(skip_serializing_if = "PermissionSet::is_empty")]
    allow: PermissionSet,
    #[serde(skip_serializing_if = "PermissionSet::is_empty")]
    deny: PermissionSet,
    #[serde(skip_serializing_if = "Option::is_none")]
    muted: Option<Muted>,
}

#[derive(Debug, Clone, Serialize)]
struct KnockView<'a> {
    id: ActorId,
    kind: ActorKind,
    display_name: Option<&'a str>,
    message: Option<&'a str>,
    at: Timestamp,
    expires_at: Timestamp,
}

#[derive(Debug, Clone, Serialize)]
struct InviteView<'a> {
    invite_id: InviteId,
    #[serde(flatten)]
    invite: &'a Invite,
}

#[derive(Debug, Clone, Serialize)]
struct BanView<'a> {
    id: ActorId,
    kind: ActorKind,
    display_name: Option<&'a str>,
    reason: Option<&'a str>,
    by: ActorId,
    at: Timestamp,
    expires_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Serialize)]
struct LiveView {
    by: ActorId,
    seq: Seq,
    started_at: Timestamp,
}

/// A key is told to its maker alone; that there is one, to all.
#[derive(Debug, Clone, Serialize)]
struct LiveKeyView {
    key_id: LiveKeyId,
    #[serde(flatten)]
    key: LiveKey,
}

#[derive(Debug, Clone, Serialize)]
struct PlaybackView<'a> {
    item_id: Option<ItemId>,
    position_ms: MediaMs,
    anchor_ms: ServerMs,
    rate_permille: RatePermille,
    playing: bool,
    duration_ms: Option<MediaMs>,
    mode: Mode,
    hold: Option<&'a Hold>,
}

impl<'a> MemberView<'a> {
    fn of(room: &Room, member: &'a Member) -> Self {
        Self {
            id: member.id,
            kind: member.id.kind(),
            display_name: member.display_name.text(),
            role: member.role,
            joined_at: member.joined_at,
            allow: member.overrides.allow,
            deny: member.overrides.deny,
            muted: room.mutes.get(&member.id).map(|mute| Muted { expires_at: mute.expires_at }),
        }
    }
}

impl LiveView {
    /// Its key is its publisher's business.
    fn of(live: Live) -> Self {
        let Live { by, seq, started_at, .. } = live;
        Self { by, seq, started_at }
    }
}

impl<'a> KnockView<'a> {
    fn of((id, knock): (&ActorId, &'a Knock)) -> Self {
        Self {
            id: *id,
            kind: id.kind(),
            display_name: knock.display_name.text(),
            message: knock.message.as_ref().and_then(Personal::text),
            at: knock.at,
            expires_at: knock.expires_at,
        }
    }
}

impl<'a> BanView<'a> {
    fn of((id, ban): (&ActorId, &'a Ban)) -> Self {
        Self {
            id: *id,
            kind: id.kind(),
            display_name: ban.display_name.as_ref().and_then(Personal::text),
            reason: ban.reason.as_ref().and_then(Personal::text),
            by: ban.by,
            at: ban.at,
            expires_at: ban.expires_at,
        }
    }
}

impl Room {
    /// The room as clients see it, under the log's epoch.
    #[must_use]
    pub fn view<'a>(&'a self, epoch: &'a str) -> RoomView<'a> {
        RoomView {
            room_id: self.id,
            epoch,
            seq: self.seq,
            name: self.name.as_ref(),
            visibility: self.visibility,
            join_rule: self.join_rule,
            default_role: self.default_role,
            owner: self.owner,
            settings: self.settings,
            members: self.members().into_iter().map(|member| MemberView::of(self, member)).collect(),
            offer: self.offer.as_ref(),
            knocks: self.knocks.iter().map(KnockView::of).collect(),
            invites: self.invites.iter().map(|(id, invite)| InviteView { invite_id: *id, invite }).collect(),
            bans: self.bans.iter().map(BanView::of).collect(),
            playback: self.playback_view(),
            playlist: &self.playlist,
            ready: self.ready.as_ref(),
            live: self.live.map(LiveView::of),
            live_keys: self.live_keys.iter().map(|(id, key)| LiveKeyView { key_id: *id, key: *key }).collect(),
            versions: self.versions,
            closed: self.closed,
        }
    }

    fn playback_view(&self) -> PlaybackView<'_> {
        let motion = self.playback.motion;
        PlaybackView {
            item_id: motion.item_id,
            position_ms: motion.position_ms,
            anchor_ms: motion.anchor_ms,
            rate_permille: motion.rate_permille,
            playing: motion.playing,
            duration_ms: self.duration(),
            mode: self.playback.mode,
            hold: self.playback.hold(),
        }
    }
}
