//! The room as clients see it.

use serde::Serialize;

use super::{DefaultRole, Hold, Item, JoinRule, Member, Mode, ReadyCheck, Role, Room, Settings, Versions, Visibility};
use crate::actor::{ActorId, ActorKind};
use crate::ids::{ItemId, RoomId};
use crate::order::Seq;
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
    playback: PlaybackView<'a>,
    playlist: &'a [Item],
    ready: Option<&'a ReadyCheck>,
    live: Option<()>,
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

impl<'a> From<&'a Member> for MemberView<'a> {
    fn from(member: &'a Member) -> Self {
        Self {
            id: member.id,
            kind: member.id.kind(),
            display_name: member.display_name.text(),
            role: member.role,
            joined_at: member.joined_at,
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
            members: self.members().into_iter().map(MemberView::from).collect(),
            playback: self.playback_view(),
            playlist: &self.playlist,
            ready: self.ready.as_ref(),
            live: None,
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
