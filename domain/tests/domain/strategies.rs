//! Arbitrary events and commands over few ids, so that they meet.

use proptest::prelude::*;
use synctv_domain::command::{
    AcceptTransfer, ChatEdit, ChatPost, ChatReact, ChatRedact, CheckLive, CreateInvite, CreateLiveKey, EndLive, Hold,
    Join, Judged, Next, OverridePermissions, Pardoned, Pause, Play, PlaylistAdd, PlaylistMove, PlaylistRemove,
    PlaylistUpdate, Previous, ReadyMark, ReadySettle, ReadyStart, Release, RevokeInvite, RevokeLiveKey, Secret, Seek,
    SelectItem, SetJoinRule, SetMode, SetRate, SetRole, StartLive, Transfer, UpdateSettings,
};
use synctv_domain::{
    ActorId, Barrier, CapabilitiesPatch, ChatText, Command, Control, DefaultRole, Delivery, Event, InviteId,
    InviteUses, ItemId, JoinRule, LiveEnd, LiveKeyId, MediaMs, MediaUrl, MessageId, Mode, Motion, Overrides,
    Permission, PermissionSet, PermissionsPatch, RatePermille, Reaction, Reason, ReleasedBy, Role, RoomName, RoomSize,
    Seq, ServerMs, Timestamp, Title, Visibility,
};
use ulid::Ulid;

use crate::samples::{ms, samples};
use crate::scenario::{CROWD, STRANGER, item, message, public_room};

pub fn actor() -> impl Strategy<Value = ActorId> {
    let mut actors: Vec<ActorId> = CROWD.iter().map(|(id, _)| *id).collect();
    actors.extend([STRANGER, ActorId::System]);
    prop::sample::select(actors)
}

fn an_item() -> impl Strategy<Value = ItemId> {
    (0..6_u128).prop_map(item)
}

fn a_message() -> impl Strategy<Value = MessageId> {
    (0..6_u128).prop_map(message)
}

/// Few values, so that commands that change nothing occur, and far ones.
fn media() -> impl Strategy<Value = MediaMs> {
    prop_oneof![(0..5_i64).prop_map(|seconds| ms(seconds * 1000)), (0..200_000_i64).prop_map(ms), Just(MediaMs::MAX),]
}

fn rate() -> impl Strategy<Value = RatePermille> {
    prop::sample::select(vec![250, 333, 1000, 1001, 4000])
        .prop_map(|rate| RatePermille::try_from(rate).expect("in range"))
}

fn mode() -> impl Strategy<Value = Mode> {
    prop::sample::select(vec![Mode::Sequential, Mode::RepeatOne, Mode::RepeatAll, Mode::Shuffle])
}

fn role() -> impl Strategy<Value = Role> {
    use Role::{Admin, Guest, Member, Moderator, Owner};
    prop::sample::select(vec![Owner, Admin, Moderator, Member, Guest])
}

fn title() -> impl Strategy<Value = Option<Title>> {
    prop::sample::select(vec![None, Title::parse("One").ok(), Title::parse("Two").ok()])
}

fn reason() -> impl Strategy<Value = Option<Reason>> {
    prop::sample::select(vec![None, Reason::parse("because").ok()])
}

fn text() -> impl Strategy<Value = ChatText> {
    prop::sample::select(vec!["hello", "bye", "a\n\"b\""]).prop_map(|text| ChatText::parse(text).expect("a text"))
}

fn reaction() -> impl Strategy<Value = Reaction> {
    prop::sample::select(vec!["+", "-", "🎉"]).prop_map(|text| Reaction::parse(text).expect("a reaction"))
}

fn url() -> MediaUrl {
    MediaUrl::parse("https://media.example/film.mp4").expect("a URL")
}

fn maybe<S: Strategy>(inner: S) -> impl Strategy<Value = Option<S::Value>> {
    prop::option::of(inner)
}

fn permissions() -> impl Strategy<Value = PermissionSet> {
    prop::collection::vec(prop::sample::select(Permission::ALL), 0..4).prop_map(|some| some.into_iter().collect())
}

fn overrides() -> impl Strategy<Value = Overrides> {
    (permissions(), permissions()).prop_map(|(allow, deny)| Overrides { allow, deny })
}

fn permissions_patch() -> impl Strategy<Value = PermissionsPatch> {
    (maybe(overrides()), maybe(overrides()), maybe(overrides()), maybe(overrides()))
        .prop_map(|(admin, moderator, member, guest)| PermissionsPatch { admin, moderator, member, guest })
}

fn update_settings() -> BoxedStrategy<Command> {
    use prop::sample::select;
    let capabilities = (maybe(any::<bool>()), maybe(any::<bool>()))
        .prop_map(|(chat, reactions)| CapabilitiesPatch { chat, reactions });
    (
        maybe(select(vec!["One", "Two"]).prop_map(|name| RoomName::parse(name).expect("a name"))),
        maybe(select(vec![Visibility::Listed, Visibility::Unlisted])),
        maybe(select(vec![DefaultRole::Moderator, DefaultRole::Member, DefaultRole::Guest])),
        maybe(capabilities),
        maybe(select(vec![Barrier::Never, Barrier::Grace, Barrier::Strict])),
        maybe(select(vec![Control::Everyone, Control::Moderators, Control::Owner])),
        maybe(permissions_patch()),
        maybe((1..9_i64).prop_map(|size| RoomSize::try_from(size).expect("in range"))),
    )
        .prop_map(|(name, visibility, default_role, capabilities, barrier, control, permissions, max_members)| {
            Command::UpdateSettings(UpdateSettings {
                name,
                visibility,
                default_role,
                capabilities,
                barrier,
                control,
                permissions,
                max_members,
            })
        })
        .boxed()
}

/// Soon, later, or over already.
fn an_end() -> impl Strategy<Value = Option<Timestamp>> {
    maybe((900_000..1_300_000_i64).prop_map(|ms| ServerMs(ms).timestamp()))
}

fn judged() -> impl Strategy<Value = Judged> {
    (actor(), reason(), an_end()).prop_map(|(member, reason, expires_at)| Judged { member, reason, expires_at })
}

fn pardoned() -> impl Strategy<Value = Pardoned> {
    (actor(), reason()).prop_map(|(member, reason)| Pardoned { member, reason })
}

fn an_invite() -> impl Strategy<Value = InviteId> {
    (0..6_u128).prop_map(|number| InviteId::new(Ulid(number)))
}

fn door() -> BoxedStrategy<Command> {
    use JoinRule::{Approval, Invite, Public};
    let rule = prop::sample::select(vec![Public, Public, Approval, Invite]);
    let uses = maybe((1..3_i64).prop_map(|uses| InviteUses::try_from(uses).expect("in range")));
    let token = prop_oneof![2 => Just(None), 1 => Just(Some(Secret::new("a token".to_owned())))];
    prop_oneof![
        2 => rule.prop_map(|join_rule| Command::SetJoinRule(SetJoinRule { join_rule, password: None })),
        6 => (token, reason()).prop_map(|(invite, message)| Command::Join(Join { password: None, invite, message })),
        2 => pardoned().prop_map(Command::Approve),
        1 => judged().prop_map(Command::Reject),
        3 => (uses, an_end(), maybe(role().prop_filter("never", |role| *role != Role::Owner))).prop_map(
            |(max_uses, expires_at, role)| Command::CreateInvite(CreateInvite { max_uses, expires_at, role })
        ),
        1 => an_invite().prop_map(|invite_id| Command::RevokeInvite(RevokeInvite { invite_id })),
    ]
    .boxed()
}

fn live() -> BoxedStrategy<Command> {
    let key_id = || (0..6_u128).prop_map(|number| LiveKeyId::new(Ulid(number)));
    let reason = prop::sample::select(vec![LiveEnd::Finished, LiveEnd::Disconnected, LiveEnd::NodeGone]);
    prop_oneof![
        3 => an_end().prop_map(|expires_at| Command::CreateLiveKey(CreateLiveKey { expires_at })),
        1 => key_id().prop_map(|key_id| Command::RevokeLiveKey(RevokeLiveKey { key_id })),
        3 => key_id().prop_map(|key_id| Command::StartLive(StartLive { key_id })),
        1 => (1..300_i64, reason).prop_map(|(seq, reason)| Command::EndLive(EndLive { started: Seq(seq), reason })),
        1 => Just(Command::CheckLive(CheckLive {})),
        1 => Just(Command::StopLive),
    ]
    .boxed()
}

fn ranks() -> BoxedStrategy<Command> {
    prop_oneof![
        2 => (actor(), role()).prop_map(|(member, role)| Command::SetRole(SetRole { member, role })),
        3 => (actor(), overrides()).prop_map(|(member, Overrides { allow, deny })| {
            Command::OverridePermissions(OverridePermissions { member, allow, deny })
        }),
        1 => maybe(actor()).prop_map(|member| Command::Transfer(Transfer { member })),
        1 => Just(Command::AcceptTransfer(AcceptTransfer::default())),
        2 => update_settings(),
    ]
    .boxed()
}

fn sanctions() -> BoxedStrategy<Command> {
    prop_oneof![
        1 => judged().prop_map(Command::Kick),
        1 => judged().prop_map(Command::Ban),
        1 => pardoned().prop_map(Command::Unban),
        2 => judged().prop_map(Command::Mute),
        2 => pardoned().prop_map(Command::Unmute),
        1 => Just(Command::ExpelGuests),
    ]
    .boxed()
}

fn people() -> BoxedStrategy<Command> {
    prop_oneof![
        1 => Just(public_room()),
        1 => Just(Command::Close),
        4 => Just(Command::Reopen),
        4 => Just(Command::Join(Join::default())),
        1 => Just(Command::Leave),
        2 => door(),
        1 => live(),
        2 => ranks(),
        2 => sanctions(),
    ]
    .boxed()
}

/// Commands about who may do what.
pub fn authority() -> BoxedStrategy<Command> {
    prop_oneof![2 => door(), 4 => ranks(), 2 => sanctions(), 1 => Just(Command::Leave), 1 => Just(Command::Reopen)]
        .boxed()
}

fn queue() -> BoxedStrategy<Command> {
    use Delivery::{Auto, Direct, Proxy};
    let delivery = prop::sample::select(vec![Auto, Direct, Proxy]);
    prop_oneof![
        5 => (title(), delivery, maybe(media()), maybe(an_item())).prop_map(
            |(title, delivery, duration_ms, after)| Command::PlaylistAdd(PlaylistAdd {
                url: url(),
                title,
                delivery,
                duration_ms,
                after,
            })
        ),
        2 => (an_item(), title(), maybe(media())).prop_map(|(item_id, title, duration_ms)| {
            Command::PlaylistUpdate(PlaylistUpdate { item_id, title, duration_ms })
        }),
        2 => (an_item(), maybe(an_item()))
            .prop_map(|(item_id, after)| Command::PlaylistMove(PlaylistMove { item_id, after })),
        1 => an_item().prop_map(|item_id| Command::PlaylistRemove(PlaylistRemove { item_id })),
        1 => Just(Command::PlaylistClear),
    ]
    .boxed()
}

fn playback() -> BoxedStrategy<Command> {
    let place = || (maybe(media()), prop::option::weighted(0.2, an_item()));
    let expected = || prop::option::weighted(0.2, an_item());
    prop_oneof![
        3 => place().prop_map(|(position_ms, expected_item)| {
            Command::PlaybackPlay(Play { position_ms, expected_item })
        }),
        2 => place().prop_map(|(position_ms, expected_item)| {
            Command::PlaybackPause(Pause { position_ms, expected_item })
        }),
        1 => (media(), expected()).prop_map(|(position_ms, expected_item)| {
            Command::PlaybackSeek(Seek { position_ms, expected_item })
        }),
        2 => rate().prop_map(|rate_permille| Command::PlaybackSetRate(SetRate { rate_permille })),
        1 => mode().prop_map(|mode| Command::PlaybackSetMode(SetMode { mode })),
        1 => (an_item(), maybe(media())).prop_map(|(item_id, position_ms)| {
            Command::PlaybackSelectItem(SelectItem { item_id, position_ms })
        }),
        1 => expected().prop_map(|expected_item| Command::PlaybackNext(Next { expected_item })),
        1 => expected().prop_map(|expected_item| Command::PlaybackPrevious(Previous { expected_item })),
    ]
    .boxed()
}

/// What the room itself does as well, whoever does it.
fn waiting() -> BoxedStrategy<Command> {
    let by = prop::sample::select(vec![ReleasedBy::Ready, ReleasedBy::Deadline]);
    prop_oneof![
        2 => prop::collection::vec(actor(), 0..3).prop_map(|members| Command::PlaybackHold(Hold { members })),
        2 => by.prop_map(|by| Command::PlaybackRelease(Release { by })),
        2 => maybe(1..20_000_i64)
            .prop_map(|deadline_ms| Command::ReadyStart(ReadyStart { deadline_ms })),
        4 => any::<bool>().prop_map(|ready| Command::ReadyMark(ReadyMark { ready })),
        1 => Just(Command::ReadyCancel),
        2 => Just(Command::ReadySettle(ReadySettle {})),
    ]
    .boxed()
}

fn chat() -> BoxedStrategy<Command> {
    prop_oneof![
        (text(), maybe(a_message())).prop_map(|(text, reply_to)| Command::ChatPost(ChatPost { text, reply_to })),
        (a_message(), text()).prop_map(|(message_id, text)| Command::ChatEdit(ChatEdit { message_id, text })),
        (a_message(), reason()).prop_map(|(message_id, reason)| Command::ChatRedact(ChatRedact { message_id, reason })),
        (a_message(), reaction(), any::<bool>())
            .prop_map(|(message_id, reaction, on)| { Command::ChatReact(ChatReact { message_id, reaction, on }) }),
    ]
    .boxed()
}

pub fn command() -> BoxedStrategy<Command> {
    prop_oneof![2 => people(), 3 => queue(), 5 => playback(), 3 => waiting(), 1 => chat()].boxed()
}

/// A command in its circumstances.
#[derive(Debug, Clone)]
pub struct Act {
    pub actor: ActorId,
    pub command: Command,
    pub advance_ms: i64,
    pub fresh: Ulid,
    pub entropy: u64,
    /// The invite that a token turns out to be.
    pub invite: InviteId,
}

pub fn act() -> impl Strategy<Value = Act> {
    act_of(command())
}

pub fn act_of(command: impl Strategy<Value = Command>) -> impl Strategy<Value = Act> {
    let often = prop_oneof![3 => Just(crate::scenario::OWNER), 2 => actor()];
    (often, command, 0..4000_i64, 0..6_u128, any::<u64>(), an_invite()).prop_map(
        |(actor, command, advance_ms, fresh, entropy, invite)| Act {
            actor,
            command,
            advance_ms,
            fresh: Ulid(fresh),
            entropy,
            invite,
        },
    )
}

fn motion() -> impl Strategy<Value = Motion> {
    (maybe(an_item()), media(), any::<i64>(), rate(), any::<bool>()).prop_map(
        |(item_id, position_ms, anchor, rate_permille, playing)| Motion {
            item_id,
            position_ms,
            anchor_ms: ServerMs(anchor),
            rate_permille,
            playing,
        },
    )
}

/// Any event, also such as no decision would make.
pub fn event() -> impl Strategy<Value = Event> {
    let picks = (actor(), role(), an_item(), maybe(an_item()), a_message(), motion());
    (prop::sample::select(samples()), picks, maybe(media()), any::<bool>()).prop_map(
        |(mut event, (member, role, item_id, after, message_id, motion), duration_ms, on)| {
            match &mut event {
                Event::RoomCreated(event) => event.owner = member,
                Event::MemberJoined(event) => (event.member, event.role) = (member, role),
                Event::MemberLeft(event) => event.member = member,
                Event::MemberKicked(event) => event.member = member,
                Event::MemberKnocked(event) => event.member = member,
                Event::MemberRejected(event) => event.member = member,
                Event::MemberBanned(event) => event.member = member,
                Event::MemberUnbanned(event) => event.member = member,
                Event::MemberMuted(event) => event.member = member,
                Event::MemberUnmuted(event) => event.member = member,
                Event::MemberPermissionsOverridden(event) => event.member = member,
                Event::RoomTransferOffered(event) => event.member = on.then_some(member),
                Event::RoomTransferred(event) => event.to = member,
                Event::RoomGuestsExpelled(event) => event.members = vec![member],
                Event::MemberRoleSet(event) => (event.member, event.role) = (member, role),
                Event::PlaylistAdded(event) => {
                    (event.item_id, event.after, event.duration_ms) = (item_id, after, duration_ms);
                }
                Event::PlaylistUpdated(event) => {
                    (event.item_id, event.duration_ms) = (item_id, duration_ms);
                }
                Event::PlaylistMoved(event) => (event.item_id, event.after) = (item_id, after),
                Event::PlaylistRemoved(event) => event.item_id = item_id,
                Event::PlaybackPlayed(event)
                | Event::PlaybackPaused(event)
                | Event::PlaybackSeeked(event)
                | Event::PlaybackRateSet(event) => *event = motion,
                Event::PlaybackItemSelected(event) => event.motion = motion,
                Event::PlaybackHeld(event) => (event.motion, event.members) = (motion, [member].into()),
                Event::PlaybackReleased(event) => event.motion = motion,
                Event::ReadyStarted(event) => event.members = [member].into(),
                Event::ReadyMarked(event) => (event.member, event.ready) = (member, on),
                Event::ChatPosted(event) => {
                    (event.message_id, event.author) = (message_id, member);
                }
                Event::ChatEdited(event) => event.message_id = message_id,
                Event::ChatRedacted(event) => event.message_id = message_id,
                Event::ChatReacted(event) => (event.message_id, event.on) = (message_id, on),
                _ => {}
            }
            event
        },
    )
}
