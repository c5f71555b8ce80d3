//! One event of every kind.

use std::collections::BTreeSet;

use synctv_domain::events::{
    ChatEdited, ChatPosted, ChatReacted, ChatRedacted, InviteCreated, InviteRevoked, LiveKeyCreated, LiveKeyRevoked,
    LiveStarted, LiveStopped, MemberApproved, MemberBanned, MemberJoined, MemberKicked, MemberKnocked, MemberLeft,
    MemberMuted, MemberPermissionsOverridden, MemberRejected, MemberRoleSet, MemberUnbanned, MemberUnmuted, Muted,
    PlaybackHeld, PlaybackItemSelected, PlaybackModeSet, PlaybackReleased, PlaylistAdded, PlaylistCleared,
    PlaylistMoved, PlaylistRemoved, PlaylistUpdated, ProjectionEventSkipped, ReadyCancelled, ReadyEnd, ReadyMarked,
    ReadyStarted, RoomClosed, RoomCreated, RoomGuestsExpelled, RoomJoinRuleSet, RoomReopened, RoomSettingsUpdated,
    RoomTransferOffered, RoomTransferred,
};
use synctv_domain::{
    Barrier, CapabilitiesPatch, Control, CredentialId, DefaultRole, Delivery, Event, InviteId, InviteUses, JoinRule,
    LiveEnd, LiveKeyId, MediaMs, MediaUrl, Mode, Motion, Overrides, Permission, PermissionSet, PermissionsPatch,
    Personal, Position, RatePermille, Reaction, ReleasedBy, Role, RoomId, RoomName, RoomSize, ServerMs, Settings,
    Timestamp, Title, Visibility,
};
use ulid::Ulid;

use crate::scenario::{GUEST, MEMBER, OWNER, STRANGER, item, message};

pub fn ms(value: i64) -> MediaMs {
    MediaMs::try_from(value).expect("in range")
}

fn title() -> Title {
    Title::parse("A film").expect("a title")
}

fn clear(text: &str) -> Personal {
    Personal::Clear(text.to_owned())
}

/// 2033-05-18T03:33:20Z
const LATER: Timestamp = Timestamp(2_000_000_000_000_000);

fn noise() -> Option<Personal> {
    Some(clear("noise"))
}

fn set(permissions: &[Permission]) -> PermissionSet {
    permissions.iter().copied().collect()
}

fn motion(playing: bool) -> Motion {
    Motion {
        item_id: Some(item(1)),
        position_ms: ms(1_500),
        anchor_ms: ServerMs(1_700_000_000_000),
        rate_permille: RatePermille::NORMAL,
        playing,
    }
}

pub fn samples() -> Vec<Event> {
    [room(), member(), playlist(), playback(), ready(), chat()].concat()
}

fn room() -> Vec<Event> {
    vec![
        Event::RoomCreated(RoomCreated {
            room_id: RoomId::new(Ulid(77)),
            name: RoomName::parse("Film night").expect("a name"),
            visibility: Visibility::Listed,
            join_rule: JoinRule::Public,
            default_role: DefaultRole::Member,
            settings: Settings::default(),
            owner: OWNER,
            credential_id: Some(CredentialId::new(Ulid(6))),
        }),
        Event::RoomSettingsUpdated(RoomSettingsUpdated {
            name: Some(RoomName::parse("Matinee").expect("a name")),
            visibility: Some(Visibility::Unlisted),
            default_role: Some(DefaultRole::Guest),
            capabilities: Some(CapabilitiesPatch { chat: Some(false), reactions: None }),
            barrier: Some(Barrier::Strict),
            control: Some(Control::Moderators),
            permissions: Some(PermissionsPatch {
                guest: Some(Overrides { allow: set(&[Permission::QueueAdd]), deny: PermissionSet::NONE }),
                ..PermissionsPatch::default()
            }),
            max_members: RoomSize::try_from(50).ok(),
        }),
        Event::RoomJoinRuleSet(RoomJoinRuleSet {
            join_rule: JoinRule::Password,
            credential_id: Some(CredentialId::new(Ulid(6))),
        }),
        Event::RoomTransferOffered(RoomTransferOffered { member: Some(MEMBER) }),
        Event::RoomTransferred(RoomTransferred { from: OWNER, to: MEMBER }),
        Event::RoomGuestsExpelled(RoomGuestsExpelled { members: vec![GUEST], expires_at: LATER }),
        Event::RoomClosed(RoomClosed {}),
        Event::RoomReopened(RoomReopened {}),
    ]
}

fn member() -> Vec<Event> {
    vec![
        Event::MemberJoined(MemberJoined {
            member: GUEST,
            display_name: clear("Ada"),
            role: Role::Guest,
            invite: Some(InviteId::new(Ulid(5))),
            deny: set(&[Permission::ChatReact]),
            muted: Some(Muted { expires_at: Some(LATER) }),
        }),
        Event::MemberLeft(MemberLeft { member: MEMBER }),
        Event::MemberKicked(MemberKicked { member: GUEST, reason: noise(), expires_at: Some(LATER) }),
        Event::MemberRoleSet(MemberRoleSet { member: MEMBER, role: Role::Moderator }),
        Event::MemberPermissionsOverridden(MemberPermissionsOverridden {
            member: MEMBER,
            allow: set(&[Permission::QueueClear, Permission::MembersKick]),
            deny: set(&[Permission::PlaybackControl]),
        }),
        Event::MemberKnocked(MemberKnocked {
            member: STRANGER,
            display_name: clear("Eve"),
            message: Some(clear("It is me")),
            expires_at: LATER,
        }),
        Event::MemberApproved(MemberApproved { member: STRANGER, reason: noise() }),
        Event::MemberRejected(MemberRejected { member: STRANGER, reason: noise(), expires_at: LATER }),
        Event::MemberBanned(MemberBanned {
            member: STRANGER,
            was_member: true,
            reason: noise(),
            expires_at: Some(LATER),
        }),
        Event::MemberUnbanned(MemberUnbanned { member: STRANGER, reason: noise() }),
        Event::MemberMuted(MemberMuted { member: GUEST, reason: noise(), expires_at: Some(LATER) }),
        Event::MemberUnmuted(MemberUnmuted { member: GUEST, reason: noise() }),
        Event::InviteCreated(InviteCreated {
            invite_id: InviteId::new(Ulid(5)),
            role: Some(Role::Guest),
            max_uses: InviteUses::try_from(5).ok(),
            expires_at: LATER,
        }),
        Event::InviteRevoked(InviteRevoked { invite_id: InviteId::new(Ulid(5)) }),
        Event::LiveKeyCreated(LiveKeyCreated { key_id: LiveKeyId::new(Ulid(6)), expires_at: LATER }),
        Event::LiveKeyRevoked(LiveKeyRevoked { key_id: LiveKeyId::new(Ulid(6)) }),
        Event::LiveStarted(LiveStarted { by: MEMBER, key_id: LiveKeyId::new(Ulid(6)) }),
        Event::LiveStopped(LiveStopped { reason: LiveEnd::KeyRevoked }),
    ]
}

fn playlist() -> Vec<Event> {
    vec![
        Event::PlaylistAdded(PlaylistAdded {
            item_id: item(2),
            url: MediaUrl::parse("https://media.example/film.mp4").expect("a URL"),
            title: Some(title()),
            delivery: Delivery::Proxy,
            duration_ms: Some(ms(5_400_000)),
            added_by: MEMBER,
            after: Some(item(1)),
        }),
        Event::PlaylistUpdated(PlaylistUpdated {
            item_id: item(2),
            title: Some(title()),
            duration_ms: Some(ms(5_400_001)),
        }),
        Event::PlaylistMoved(PlaylistMoved { item_id: item(2), after: None }),
        Event::PlaylistRemoved(PlaylistRemoved { item_id: item(2) }),
        Event::PlaylistCleared(PlaylistCleared {}),
    ]
}

fn playback() -> Vec<Event> {
    vec![
        Event::PlaybackPlayed(motion(true)),
        Event::PlaybackPaused(motion(false)),
        Event::PlaybackSeeked(motion(true)),
        Event::PlaybackRateSet(motion(true)),
        Event::PlaybackModeSet(PlaybackModeSet { mode: Mode::RepeatAll, seed: None }),
        Event::PlaybackItemSelected(PlaybackItemSelected { motion: motion(false), seed: None }),
        Event::PlaybackHeld(PlaybackHeld {
            motion: motion(false),
            members: BTreeSet::from([MEMBER, GUEST]),
            deadline_ms: Some(ServerMs(1_700_000_008_000)),
        }),
        Event::PlaybackReleased(PlaybackReleased {
            motion: motion(true),
            by: ReleasedBy::Deadline,
            exempt: BTreeSet::from([GUEST]),
        }),
    ]
}

fn ready() -> Vec<Event> {
    vec![
        Event::ReadyStarted(ReadyStarted {
            deadline_ms: ServerMs(1_700_000_060_000),
            members: BTreeSet::from([OWNER, GUEST]),
        }),
        Event::ReadyMarked(ReadyMarked { member: GUEST, ready: true }),
        Event::ProjectionEventSkipped(ProjectionEventSkipped {
            projection: "chat_messages".to_owned(),
            position: Position(4711),
            reason: "the text is no text".to_owned(),
        }),
        Event::ReadyCancelled(ReadyCancelled { reason: ReadyEnd::Asked }),
    ]
}

fn chat() -> Vec<Event> {
    vec![
        Event::ChatPosted(ChatPosted {
            message_id: message(2),
            author: GUEST,
            text: clear("hello\nthere"),
            reply_to: Some(message(1)),
        }),
        Event::ChatEdited(ChatEdited { message_id: message(2), text: clear("hello"), author: GUEST }),
        Event::ChatRedacted(ChatRedacted {
            message_id: message(2),
            author: GUEST,
            reason: Some(Personal::Sealed("c2VhbGVk".to_owned())),
        }),
        Event::ChatReacted(ChatReacted {
            message_id: message(2),
            member: MEMBER,
            reaction: Reaction::parse("🎉").expect("a reaction"),
            on: true,
        }),
    ]
}
