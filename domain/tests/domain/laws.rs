use proptest::collection::vec;
use proptest::prelude::*;
use synctv_domain::{ActorId, Command, Context, Event, MediaMs, Motion, Recorded, Role, Room, ServerMs, decide};

use crate::samples::samples;
use crate::scenario::{context, crowd, recorded};
use crate::strategies::{Act, act, actor, command, event};

fn context_of(act: &Act, now: i64) -> Context {
    let mut context = context(act.actor, now);
    context.fresh = act.fresh;
    context.entropy = act.entropy;
    context.proof.invite = Some(act.invite);
    context
}

/// Runs the acts on a room of all roles; `seen` gets the room before and after each accepted one.
fn play_out(
    acts: &[Act],
    mut seen: impl FnMut(&Room, &Act, &Room, i64) -> Result<(), TestCaseError>,
) -> Result<(), TestCaseError> {
    let (mut room, mut now) = (crowd().room, 1_000_000);
    for act in acts {
        now += act.advance_ms;
        let Ok(decision) = decide(&room, &act.command, &context_of(act, now)) else {
            continue;
        };
        let before = room.clone();
        for event in decision.events {
            let seq = room.seq().next();
            room.apply(&recorded(seq.0, act.actor, event));
        }
        seen(&before, act, &room, now)?;
    }
    Ok(())
}

fn position(room: &Room, now: i64) -> MediaMs {
    room.playback().motion.position_at(ServerMs(now), room.duration())
}

fn unloaded(motion: &Motion) -> bool {
    motion.item_id.is_none() && motion.position_ms == MediaMs::MIN && !motion.playing
}

/// Whether the move from `before` to `after` is one the command is there for.
fn may_move(command: &Command, before: &Room, after: &Room, now: i64) -> bool {
    match command {
        Command::PlaybackSeek(_)
        | Command::PlaybackSelectItem(_)
        | Command::PlaybackNext(_)
        | Command::PlaybackPrevious(_) => true,
        Command::PlaybackPlay(play) => play.position_ms.is_some() && !before.playback().motion.playing,
        Command::PlaybackPause(_) => position(before, now).get().abs_diff(position(after, now).get()) <= 1000,
        // A corrected duration moves the end; the motion itself stays.
        Command::PlaylistUpdate(_) => before.playback() == after.playback(),
        Command::PlaylistRemove(_) | Command::PlaylistClear => unloaded(&after.playback().motion),
        _ => false,
    }
}

fn fold<'a>(start: Room, events: impl IntoIterator<Item = &'a Recorded>) -> Room {
    events.into_iter().fold(start, |mut room, event| {
        room.apply(event);
        room
    })
}

fn history(events: Vec<(Event, ActorId)>) -> Vec<Recorded> {
    events.into_iter().zip(1..).map(|((event, actor), seq)| recorded(seq, actor, event)).collect()
}

proptest! {
    #[test]
    fn position_is_continuous(acts in vec(act(), 1..60)) {
        play_out(&acts, |before, act, after, now| {
            let (from, to) = (position(before, now), position(after, now));
            let fine = from == to || may_move(&act.command, before, after, now);
            prop_assert!(fine, "{from:?} to {to:?} by {:?} at {now}", act.command);
            Ok(())
        })?;
    }

    #[test]
    fn there_is_exactly_one_owner_and_it_is_a_member(acts in vec(act(), 1..60)) {
        play_out(&acts, |_, act, after, _| {
            let members = after.members();
            let owners = members.iter().filter(|member| member.role == Role::Owner);
            let owners: Vec<_> = owners.map(|member| Some(member.id)).collect();
            prop_assert_eq!(owners, vec![after.owner()], "after {:?}", act);
            Ok(())
        })?;
    }

    #[test]
    fn what_is_current_is_in_the_playlist(acts in vec(act(), 1..60)) {
        play_out(&acts, |_, act, after, _| {
            let motion = after.playback().motion;
            let known = motion.item_id.map_or(!motion.playing, |id| after.item(id).is_some());
            prop_assert!(known, "{motion:?} after {act:?}");
            Ok(())
        })?;
    }

    #[test]
    fn exactly_the_commands_without_events_change_nothing(
        acts in vec(act(), 1..40),
    ) {
        play_out(&acts, |before, _, after, _| {
            prop_assert_eq!(before == after, before.seq() == after.seq());
            Ok(())
        })?;
    }

    #[test]
    fn every_decided_event_survives_the_log(acts in vec(act(), 1..40)) {
        let mut room = crowd().room;
        for act in &acts {
            let events = decide(&room, &act.command, &context_of(act, 5)).map(|made| made.events);
            for event in events.unwrap_or_default() {
                let made = recorded(room.seq().next().0, act.actor, event);
                let text = serde_json::to_string(&made).expect("an event is JSON");
                let read: Recorded = serde_json::from_str(&text).expect("it reads what it writes");
                prop_assert_eq!(&read, &made);
                room.apply(&read);
            }
        }
    }

    #[test]
    fn any_events_in_any_order_fold(
        events in vec((event(), actor(), any::<i64>()), 0..60), act in act(), now: i64,
    ) {
        let mut room = Room::default();
        for (event, actor, seq) in events {
            room.apply(&recorded(seq.min(i64::MAX - 100), actor, event));
            prop_assert_eq!(room.seq().0, seq.min(i64::MAX - 100));
        }
        room.for_each_personal(&mut |_, _| {});
        let view = serde_json::to_value(room.view("e")).expect("a view is JSON");
        prop_assert_eq!(view["seq"].as_i64(), Some(room.seq().0));
        let context = context_of(&act, now);
        let decided = decide(&room, &act.command, &context);
        prop_assert_eq!(decide(&room, &act.command, &context), decided, "deciding is pure");
    }

    #[test]
    fn a_snapshot_stands_for_the_events_before_it(
        events in vec((event(), actor()), 0..60), cut: prop::sample::Index,
    ) {
        let events = history(events);
        let (head, tail) = events.split_at(cut.index(events.len() + 1));
        let snapshot = serde_json::to_string(&fold(Room::default(), head)).expect("JSON");
        let restored: Room = serde_json::from_str(&snapshot).expect("a snapshot is a room");
        prop_assert_eq!(fold(restored, tail), fold(Room::default(), &events));
    }

    #[test]
    fn commands_are_equal_exactly_if_their_canonical_texts_are(a in command(), b in command()) {
        prop_assert_eq!(a == b, a.canonical() == b.canonical(), "{:?} and {:?}", a, b);
        prop_assert_eq!(a.clone().canonical(), a.canonical());
    }

    #[test]
    fn a_canonical_text_parses_to_its_command(command in command()) {
        let text: serde_json::Value = serde_json::from_str(&command.canonical()).expect("JSON");
        let (name, fields) = (command.name(), text["fields"].clone());
        let gives_ownership =
            matches!(&command, Command::SetRole(fields) if fields.role == Role::Owner);
        let known = Command::NAMES.contains(&name);
        if !known || gives_ownership {
            prop_assert!(Command::parse(name, fields).is_err());
        } else {
            prop_assert_eq!(Command::parse(name, fields), Ok(command));
        }
    }
}

#[test]
fn every_kind_of_event_folds_into_an_empty_room() {
    for event in samples() {
        let mut room = Room::default();
        room.apply(&recorded(7, ActorId::System, event.clone()));
        assert_eq!(room.seq().0, 7, "{}", event.name());
        assert_eq!(room.id().is_some(), event.name() == "room.created", "{}", event.name());
    }
}
