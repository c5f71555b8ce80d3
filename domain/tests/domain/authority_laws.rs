//! Laws of who may do what, over long histories of people who try everything.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use synctv_domain::permission::explain;
use synctv_domain::{
    ActorId, Capabilities, Command, Context, Decision, Permission, PermissionSet, Recorded, Rejection, Role, Room,
    ServerMs, decide,
};

use crate::scenario::{CROWD, OWNER, STRANGER, context, crowd, recorded};
use crate::strategies::{Act, act_of, authority, command};

/// An accepted act: the room before and after it.
struct Seen<'a> {
    before: &'a Room,
    after: &'a Room,
    act: &'a Act,
    now: ServerMs,
}

fn context_of(act: &Act, now: i64) -> Context {
    let mut context = context(act.actor, now);
    (context.fresh, context.entropy) = (act.fresh, act.entropy);
    context.proof.invite = Some(act.invite);
    context
}

fn told(room: &mut Room, act: &Act, decision: Decision, now: i64) {
    for event in decision.events {
        let next = recorded(room.seq().next().0, act.actor, event);
        room.apply(&Recorded { at: ServerMs(now).timestamp(), ..next });
    }
}

fn play_out(acts: &[Act], mut law: impl FnMut(Seen<'_>) -> Result<(), TestCaseError>) -> Result<(), TestCaseError> {
    let (mut room, mut now) = (crowd().room, 1_000_000);
    for act in acts {
        now += act.advance_ms;
        let Ok(decision) = decide(&room, &act.command, &context_of(act, now)) else { continue };
        let before = room.clone();
        told(&mut room, act, decision, now);
        law(Seen { before: &before, after: &room, act, now: ServerMs(now) })?;
    }
    Ok(())
}

fn everybody() -> impl Iterator<Item = ActorId> {
    CROWD.into_iter().map(|(member, _)| member).chain([STRANGER])
}

/// The rights somebody has whether or not the room offers what they are for; none of who is no member.
fn held(room: &Room, actor: ActorId, now: ServerMs) -> PermissionSet {
    let has = |permission: &Permission| {
        let layers = explain(room, actor, *permission, now).steps;
        let said = layers.iter().rev().find(|step| {
            !step.layer.starts_with("capability:")
                && step.layer != "closed"
                && step.effect != synctv_domain::Effect::None
        });
        said.is_some_and(|step| step.effect == synctv_domain::Effect::Allow)
    };
    Permission::ALL.iter().copied().filter(has).collect()
}

/// Whether the act is one by which somebody comes in, with what the room gives to everybody who does or what the maker of
/// an invite may give.
fn comes_in(seen: &Seen<'_>, who: ActorId) -> bool {
    !seen.before.is_member(who) && seen.after.is_member(who)
}

/// Whether the act is that of an owner-to-be who accepts.
fn takes_over(seen: &Seen<'_>, who: ActorId) -> bool {
    matches!(seen.act.command, Command::AcceptTransfer(_)) && seen.after.owner() == Some(who)
}

fn rank(room: &Room, who: ActorId) -> Option<u8> {
    room.member(who).map(|member| member.role.rank())
}

/// Long histories: fewer of them tell as much.
fn fewer() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.div_ceil(2), ..usual }
}

proptest! {
    #![proptest_config(fewer())]

    #[test]
    fn nobody_comes_to_hold_what_nobody_entitled_gave(acts in vec(act_of(authority()), 1..300)) {
        play_out(&acts, |seen| {
            let giver = held(seen.before, seen.act.actor, seen.now);
            for who in everybody() {
                let gained = held(seen.after, who, seen.now) - held(seen.before, who, seen.now);
                if gained.is_empty() || comes_in(&seen, who) || takes_over(&seen, who) {
                    continue;
                }
                prop_assert!(who != seen.act.actor, "{who} gave themselves {gained:?} by {:?}", seen.act);
                prop_assert!((gained - giver).is_empty(), "{who} gained {gained:?} by {:?}, who holds {giver:?}", seen.act);
            }
            Ok(())
        })?;
    }

    #[test]
    fn who_comes_in_holds_no_more_than_the_room_or_an_inviter_gives(acts in vec(act_of(authority()), 1..300)) {
        play_out(&acts, |seen| {
            for who in everybody().filter(|who| comes_in(&seen, *who)) {
                let role = seen.after.member(who).map_or(Role::Guest, |member| member.role);
                let usual: Role = seen.before.default_role().into();
                if role.rank() <= usual.rank() {
                    continue;
                }
                let maker = seen.before.invite(seen.act.invite).map(|invite| invite.by);
                if maker == Some(ActorId::System) {
                    continue;
                }
                let Some(maker) = maker.filter(|maker| seen.before.is_member(*maker)) else {
                    return Err(TestCaseError::fail(format!("{role} out of nothing: {:?}", seen.act)));
                };
                prop_assert!(rank(seen.before, maker) > Some(role.rank()), "{role} by one who is not above: {:?}", seen.act);
                let more = held(seen.after, who, seen.now) - held(seen.before, maker, seen.now);
                let everybodys = usual_rights(seen.before, usual);
                prop_assert!((more - everybodys).is_empty(), "{more:?} beyond the maker's: {:?}", seen.act);
            }
            Ok(())
        })?;
    }

    #[test]
    fn nobody_comes_back_above_what_they_were_given_last(acts in vec(act_of(authority()), 1..300)) {
        let mut given = BTreeMap::new();
        play_out(&acts, |seen| {
            if let Command::SetRole(set) = &seen.act.command
                && seen.before.seq() < seen.after.seq()
            {
                given.insert(set.member, set.role);
            }
            if let (Command::AcceptTransfer(_), Some(owner)) = (&seen.act.command, seen.before.owner()) {
                given.remove(&owner);
                given.remove(&seen.act.actor);
            }
            for who in everybody().filter(|who| comes_in(&seen, *who)) {
                let (role, last) = (seen.after.member(who).map(|member| member.role), given.get(&who));
                let above = last.is_some_and(|last| role.is_some_and(|role| role.rank() > last.rank()));
                prop_assert!(!above, "{role:?} after {last:?}: {:?}", seen.act);
            }
            Ok(())
        })?;
    }

    #[test]
    fn nobody_acts_on_an_equal_or_a_superior(acts in vec(act_of(authority()), 1..300)) {
        play_out(&acts, |seen| {
            if seen.act.actor == ActorId::System {
                return Ok(());
            }
            let own = rank(seen.before, seen.act.actor);
            for who in everybody().filter(|who| *who != seen.act.actor) {
                let (was, is) = (seen.before.member(who), seen.after.member(who));
                let handed_over = matches!(seen.act.command, Command::AcceptTransfer(_));
                if was.is_none() || handed_over {
                    continue;
                }
                let touched = was.map(|member| (member.role, member.overrides)) != is.map(|member| (member.role, member.overrides))
                    || seen.before.mute(who, seen.now) != seen.after.mute(who, seen.now);
                prop_assert!(!touched || own > rank(seen.before, who), "{who} by {:?}", seen.act);
                prop_assert!(!touched || own >= rank(seen.after, who), "{who} above {:?}", seen.act);
            }
            Ok(())
        })?;
    }

    #[test]
    fn nobody_changes_their_own_rank_or_overrides(acts in vec(act_of(authority()), 1..300)) {
        play_out(&acts, |seen| {
            let own = |room: &Room| room.member(seen.act.actor).map(|member| (member.role, member.overrides));
            let inside = seen.before.is_member(seen.act.actor) && seen.after.is_member(seen.act.actor);
            let handed_over = matches!(seen.act.command, Command::AcceptTransfer(_));
            prop_assert!(!inside || handed_over || own(seen.before) == own(seen.after), "{:?}", seen.act);
            Ok(())
        })?;
    }

    #[test]
    fn the_owner_is_never_locked_out(acts in vec(act_of(prop_oneof![3 => authority(), 1 => command()]), 1..300)) {
        play_out(&acts, |seen| {
            let owner = seen.after.owner().expect("a room has an owner");
            let rights = held(seen.after, owner, seen.now);
            prop_assert_eq!(rights, Permission::ALL.iter().copied().collect(), "after {:?}", seen.act);
            let owners = seen.after.members().into_iter().filter(|member| member.role == Role::Owner).count();
            prop_assert_eq!(owners, 1, "after {:?}", seen.act);
            let only_by_accepting = seen.before.owner() == seen.after.owner()
                || matches!(seen.act.command, Command::AcceptTransfer(_)) && seen.act.actor == owner;
            prop_assert!(only_by_accepting, "{:?}", seen.act);
            Ok(())
        })?;
    }

    #[test]
    fn what_is_explained_is_what_is_decided(acts in vec(act_of(prop_oneof![2 => authority(), 3 => command()]), 1..300)) {
        let (mut room, mut now) = (crowd().room, 1_000_000);
        for act in &acts {
            now += act.advance_ms;
            let decided = decide(&room, &act.command, &context_of(act, now));
            if let Some(permission) = needed(&act.command)
                && room.is_member(act.actor)
                && !room.is_closed()
            {
                let trace = explain(&room, act.actor, permission, ServerMs(now));
                let refused = matches!(&decided, Err(Rejection::Forbidden { permission: lacking, .. }) if *lacking == permission.as_str());
                match &decided {
                    Ok(decision) => {
                        prop_assert!(trace.allowed, "{:?} went through against {trace:?}", act);
                        prop_assert_eq!(&decision.decided_by, &trace.decided_by, "{:?}", act);
                    }
                    // What one may, a rank or a right that was to be passed on can still forbid.
                    Err(Rejection::Forbidden { trace: refusal, .. }) if refused => {
                        prop_assert!(!trace.allowed || refusal.decided_by.starts_with("rank:"), "{:?}: {refusal:?}", act);
                    }
                    Err(_) => prop_assert!(trace.allowed, "{:?} was refused otherwise: {decided:?}", act),
                }
            }
            if let Ok(decision) = decided {
                told(&mut room, act, decision, now);
            }
        }
    }

    #[test]
    fn a_right_that_was_taken_is_gone_for_the_next_command(acts in vec(act_of(authority()), 1..300)) {
        play_out(&acts, |seen| {
            for who in everybody() {
                let lost = held(seen.before, who, seen.now) - held(seen.after, who, seen.now);
                for (command, permission) in uses() {
                    if lost.contains(permission) {
                        let next = Act { actor: who, command, ..seen.act.clone() };
                        let used = decide(seen.after, &next.command, &context_of(&next, seen.now.0));
                        prop_assert!(used.is_err(), "{who} used {permission} after {:?}", seen.act);
                    }
                }
            }
            Ok(())
        })?;
    }
}

/// What everybody of this role has.
fn usual_rights(room: &Room, role: Role) -> PermissionSet {
    let mut open = crowd().room;
    let settings = synctv_domain::Settings { capabilities: Capabilities::default(), ..*room.settings() };
    let (who, _) = CROWD.into_iter().find(|(_, name)| *name == role.as_str()).expect("one of each role");
    let event = synctv_domain::events::RoomCreated {
        room_id: open.id().expect("it exists"),
        name: open.name().expect("it has one").clone(),
        visibility: open.visibility(),
        join_rule: open.join_rule(),
        default_role: open.default_role(),
        settings,
        owner: OWNER,
        credential_id: None,
    };
    open.apply(&recorded(open.seq().next().0, OWNER, synctv_domain::Event::RoomCreated(event)));
    held(&open, who, ServerMs(1_000_000))
}

/// Commands that anybody with the right can give at any time, and the right.
fn uses() -> Vec<(Command, Permission)> {
    let command = |name, fields| Command::parse(name, fields).expect("a command");
    let empty = || serde_json::json!({});
    vec![
        (command("chat.post", serde_json::json!({"text": "hello"})), Permission::ChatSend),
        (command("playlist.add", serde_json::json!({"url": "https://media.example/x"})), Permission::QueueAdd),
        (command("playlist.clear", empty()), Permission::QueueClear),
        (command("playback.pause", empty()), Permission::PlaybackControl),
        (command("playback.set_mode", serde_json::json!({"mode": "shuffle"})), Permission::PlaybackNavigate),
        (command("playback.set_rate", serde_json::json!({"rate_permille": 2000})), Permission::PlaybackRate),
        (command("invite.create", empty()), Permission::MembersInvite),
        (command("live.create_key", empty()), Permission::LivePublish),
        (command("room.update_settings", serde_json::json!({"name": "x"})), Permission::RoomSettings),
        (command("room.close", empty()), Permission::RoomClose),
    ]
}

/// The one right that a command needs in every case.
fn needed(command: &Command) -> Option<Permission> {
    Some(match command {
        Command::UpdateSettings(_) => Permission::RoomSettings,
        Command::SetJoinRule(_) => Permission::RoomJoinRule,
        Command::Transfer(_) => Permission::RoomTransfer,
        Command::Close => Permission::RoomClose,
        Command::ExpelGuests | Command::Kick(_) => Permission::MembersKick,
        Command::Approve(_) | Command::Reject(_) => Permission::MembersReview,
        Command::Ban(_) | Command::Unban(_) => Permission::MembersBan,
        Command::Mute(_) | Command::Unmute(_) => Permission::MembersMute,
        Command::SetRole(_) => Permission::RolesAssign,
        Command::OverridePermissions(_) => Permission::PermissionsOverride,
        Command::CreateInvite(_) => Permission::MembersInvite,
        Command::CreateLiveKey(_) => Permission::LivePublish,
        Command::PlaylistAdd(_) => Permission::QueueAdd,
        Command::PlaylistClear => Permission::QueueClear,
        Command::PlaybackPlay(_) | Command::PlaybackPause(_) | Command::PlaybackSeek(_) => Permission::PlaybackControl,
        Command::PlaybackSetRate(_) => Permission::PlaybackRate,
        Command::PlaybackSetMode(_)
        | Command::PlaybackSelectItem(_)
        | Command::PlaybackNext(_)
        | Command::PlaybackPrevious(_) => Permission::PlaybackNavigate,
        Command::ChatPost(_) => Permission::ChatSend,
        Command::ChatReact(_) => Permission::ChatReact,
        _ => return None,
    })
}
