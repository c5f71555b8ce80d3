//! `tests/golden/fold.json`: events and the rooms that they make, for every fold there is; the page's is compared with it.

use std::{env, fs};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde::Serialize;
use serde_json::Value;
use synctv_domain::command::{EndLive, Release, RevokeLiveKey, StartLive};
use synctv_domain::{Command, Live, LiveEnd, LiveKeyId, Recorded, ReleasedBy, Room, ServerMs, decide};
use ulid::Ulid;

use crate::scenario::{Given, MEMBER, context, crowd_with_items, recorded};
use crate::strategies::act;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/golden/fold.json");
/// Few events each, so that a difference is found near its cause.
const HISTORIES: usize = 120;
const LENGTH: usize = 10;

/// The room of the file before its histories.
fn given() -> Given {
    crowd_with_items(2)
}

/// What seldom follows by chance: a wait ends, a key is shown, a stream is over or its key revoked.
fn follows(room: &Room, now: ServerMs, step: usize) -> Option<Command> {
    if room.playback().hold().is_some() {
        return Some(Command::PlaybackRelease(Release { by: ReleasedBy::Ready }));
    }
    if let Some(Live { key_id, seq, .. }) = room.live() {
        let end = Command::EndLive(EndLive { started: seq, reason: LiveEnd::Finished });
        return Some(if step < LENGTH - 2 { end } else { Command::RevokeLiveKey(RevokeLiveKey { key_id }) });
    }
    let mut ids = (0..6).map(|number| LiveKeyId::new(Ulid(number)));
    ids.find(|id| room.live_key(*id, now).is_some()).map(|key_id| Command::StartLive(StartLive { key_id }))
}

/// The events of random commands.
fn history(runner: &mut TestRunner) -> Vec<Recorded> {
    let (mut room, mut now, mut events) = (given().room, 1_000_000, Vec::new());
    while events.len() < LENGTH {
        let act = act().new_tree(runner).expect("it generates").current();
        now += act.advance_ms;
        let mut context = context(act.actor, now);
        (context.fresh, context.entropy) = (Ulid(act.fresh.0), act.entropy);
        context.company.here = [MEMBER].into();
        context.proof.invite = Some(act.invite);
        let step = events.len();
        let follows = if step.is_multiple_of(2) { follows(&room, ServerMs(now), step) } else { None };
        let command = follows.unwrap_or(act.command);
        let Ok(decision) = decide(&room, &command, &context) else { continue };
        for event in decision.events {
            let at = ServerMs(now).timestamp();
            events.push(Recorded { at, ..recorded(room.seq().next().0, act.actor, event) });
            room.apply(&events[events.len() - 1]);
        }
    }
    events
}

fn folded(mut room: Room, events: &[Recorded]) -> Room {
    events.iter().for_each(|event| room.apply(event));
    room
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("it is JSON")
}

/// One event or room a line, so that a change shows what changed.
fn write() {
    let mut runner = TestRunner::deterministic();
    let histories: Vec<String> = (0..HISTORIES)
        .map(|_| {
            let events = history(&mut runner);
            let room = folded(given().room, &events);
            let events: Vec<_> = events.iter().map(text).collect();
            format!("{{\"events\":[\n{}],\n\"room\":{}}}", events.join(",\n"), text(&room.view("e1")))
        })
        .collect();
    let (room, histories) = (text(&given().room.view("e1")), histories.join(",\n"));
    fs::write(PATH, format!("{{\"room\":{room},\n\"histories\":[\n{histories}]}}\n")).expect("it can be written");
}

#[test]
fn the_shared_histories_make_the_rooms_beside_them() {
    if env::var_os("SYNCTV_UPDATE_GOLDEN").is_some() {
        write();
    }
    let file: Value = serde_json::from_str(&fs::read_to_string(PATH).expect("the file")).expect("JSON");
    let view = |room: &Room| serde_json::to_value(room.view("e1")).expect("JSON");
    let renew = "if it should: SYNCTV_UPDATE_GOLDEN=1 cargo test -p synctv-domain shared";
    assert_eq!(view(&given().room), file["room"], "the room before changed; {renew}");
    for (number, history) in (0..).zip(file["histories"].as_array().expect("a list")) {
        let events: Vec<Recorded> = serde_json::from_value(history["events"].clone()).expect("events");
        assert_eq!(view(&folded(given().room, &events)), history["room"], "history {number} changed; {renew}");
    }
}
