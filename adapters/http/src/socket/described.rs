//! What is said is what the documents describe.

use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::{Number, Value, json};
use synctv_commands::{
    Barrier, Burst, Ephemeral, Epoch, Frame, Frames, PresenceState, Redacted, Reply, RoomAt, Shown, Signal,
};
use synctv_domain::{Recorded, Seq, ServerMs};
use synctv_edge::Problem;
use synctv_edge::session::Told;

use super::{ask, frame, wire};
use crate::docs::tests::{ASKED, CLOSED, TOLD, assert_fits, example, fields, room};

fn code(message: &Value) -> String {
    let refused = ask::parse(&message.to_string()).ask.err();
    refused.map_or_else(|| "ok".to_owned(), |problem| problem.body()["code"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn what_is_described_is_taken_and_nothing_else_is() {
    let mut verbs = BTreeSet::new();
    for (_, payload, _) in ASKED {
        let message = example(payload);
        assert_eq!(code(&message), "ok", "{message}");
        let fields = fields(payload);
        let (verb, _) = *fields.iter().find(|(_, required)| *required).expect("it has a verb");
        verbs.insert(verb);
        for (field, required) in fields {
            let mut without = message.clone();
            without.as_object_mut().expect("an object").remove(field);
            assert_eq!(code(&without) != "ok", required, "{payload} without {field}");
        }
        let mut more = message.clone();
        more["?"] = 0.into();
        assert_eq!(code(&more), "unknown_field", "{payload}");
        // What a command is made of, the tests of the documents compare with the domain.
        if let Some(inner) = message[verb].as_object().filter(|_| verb != "command") {
            let mut more = message.clone();
            more[verb]["?"] = 0.into();
            assert_ne!(code(&more), "ok", "{payload}: {verb} with another field");
            for name in inner.keys() {
                let mut without = message.clone();
                without[verb].as_object_mut().expect("an object").remove(name);
                assert_ne!(code(&without), "ok", "{payload}: {verb} without {name}");
            }
        }
    }
    let refused = ask::parse("{}").ask.err().expect("there is no verb").body();
    let listed: BTreeSet<_> = refused["verbs"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert_eq!(listed, verbs);
    assert_fits("Problem", &refused);
}

/// Its message, without what it is framed with.
fn event(shown: &Shown) -> Bytes {
    let frame = Frame { seq: Seq(1), barrier: Barrier::None, json: serde_json::to_string(shown).expect("JSON") };
    let burst = Arc::new(Burst::new("e".into(), vec![Arc::new(frame)]));
    let framed = frame::text(&Frames::from(&burst, Seq(1)).expect("it begins there"));
    let header = framed.iter().position(|byte| *byte == b'{').expect("an object");
    framed.slice(header..)
}

#[test]
fn what_is_told_is_described() {
    let epoch = Epoch { name: "e".into(), generation: 1 };
    let recorded: Recorded = serde_json::from_value(example("Event")).expect("an event");
    let (seq, position, id) = (recorded.seq, recorded.position, json!("a"));
    let room_id = serde_json::from_value(example("RoomId")).expect("an id");
    let secret = Some(synctv_commands::Revealed::Token(synctv_domain::command::Secret::new("t".to_owned())));
    let reply = Reply { room: room_id, seq, position, events: Arc::new([recorded.clone()]), secret, repeated: false };
    let told = Ephemeral {
        member: serde_json::from_value(example("ActorId")).expect("an id"),
        signal: Signal::Presence(PresenceState::Offline),
        json: example("PresenceEphemeral").to_string().into(),
    };
    let snapshot = RoomAt { epoch: epoch.clone(), room: Arc::new(room()) };
    let (null, behind, t0) = (Value::Null, Problem::behind(), Number::from(1));
    let said = [
        ("SnapshotMessage", Told::Snapshot(&snapshot)),
        ("ResumedMessage", Told::Resumed { epoch: &epoch, from: Seq(1), to: Seq(2) }),
        ("ResetMessage", Told::Reset { reason: "ahead_of_head", epoch: &epoch, seq: Seq(2) }),
        ("ReplyMessage", Told::Done { id: &id, reply: &reply }),
        ("RenewedMessage", Told::Renewed { id: &null, expires: 1 }),
        ("RefusedMessage", Told::Refused { id: &id, problem: &behind }),
        ("ClockMessage", Told::Clock { t0: &t0, t1: ServerMs(1), t2: ServerMs(2) }),
        ("EphemeralMessage", Told::Ephemeral(&told)),
        ("HeartbeatMessage", Told::Heartbeat { epoch: "e", seq: Seq(1), now: ServerMs(1) }),
        ("DrainMessage", Told::Drain(500)),
        ("TokenMessage", Told::Expiring(1)),
    ];
    let names: Vec<_> = said.iter().map(|(name, _)| *name).collect();
    let described: Vec<_> = TOLD.iter().map(|told| told.1).filter(|name| *name != "EventMessage").collect();
    assert_eq!(names, described);
    let redacted = Shown::Redacted(Redacted { seq, position });
    let events = [Shown::Event(recorded.clone()), redacted].map(|shown| ("EventMessage", event(&shown)));
    for (name, text) in said.iter().map(|(name, told)| (*name, wire::json(told))).chain(events) {
        assert_fits(name, &serde_json::from_slice(&text).expect("JSON"));
    }
}

#[test]
fn what_a_member_does_is_described() {
    use PresenceState::{Active, Away, Buffering, Offline, Online, Ready};
    for state in [Online, Active, Away, Buffering, Ready, Offline] {
        assert_fits("SeenPresence", &json!({ "state": state }));
    }
}

#[test]
fn connections_end_with_the_codes_that_are_described() {
    let codes = concat!(include_str!("pipe.rs"), include_str!("../../../../edge/src/session/end.rs"));
    let ends = codes.split("::Close(").skip(1).filter_map(|end| {
        let (code, rest) = end.split_once(", \"")?;
        Some((code.parse::<u16>().ok()?, rest.split('"').next()?))
    });
    let described: Vec<_> = CLOSED.iter().map(|(code, reason, _)| (*code, *reason)).collect();
    assert_eq!(ends.collect::<Vec<_>>(), described);
}
