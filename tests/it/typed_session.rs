//! Sessions over streams and over sockets of messages: subscriptions, replies, the clock, presence.

use serde_json::{Value, json};
use synctv_proto::json::from_json;
use synctv_proto::v1;
use tonic::Code;

use crate::support::{Guest, KINDS, Kind, Typed, World, assert_verified};

async fn say(guest: &Guest, room: &str, count: usize) {
    for number in 0..count {
        guest.command(room, json!({ "type": "chat.post", "text": format!("{number}") })).await.ok();
    }
}

/// One of each kind that is told something.
async fn sessions(who: &Guest, room: &str) -> [Typed; 2] {
    [who.grpc().session(room).await.expect("it opens"), who.typed_socket(room).await]
}

fn message<M: prost::Message + prost::Name + Default>(json: &Value) -> M {
    from_json(json).unwrap_or_else(|mismatch| panic!("{json}: {mismatch}"))
}

#[tokio::test]
async fn a_stream_begins_where_it_was_asked_to_and_tells_what_pages_tell() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    say(&ann, &room, 4).await;
    let now = ann.snapshot(&room).await.ok();
    let (epoch, stored) = (now["epoch"].as_str().expect("a string").to_owned(), ann.events(&room).await);
    for kind in KINDS {
        let (_, first) = kind.open(&ann, &room, "snapshot").await;
        assert_eq!(message::<v1::Room>(&first["snapshot"]["room"]), message(&now), "{kind:?}");
        assert_eq!(first["resume_token"], format!("{epoch}:6"), "{kind:?}");
        let (_, first) = kind.open(&ann, &room, "now").await;
        assert_eq!(first, json!({ "resumed": { "from": 6, "to": 6 }, "resume_token": format!("{epoch}:6") }));
        for from in [format!("{epoch}:3"), "3".to_owned()] {
            let (mut stream, first) = kind.open(&ann, &room, &from).await;
            assert_eq!(first, json!({ "resumed": { "from": 3, "to": 6 }, "resume_token": format!("{epoch}:3") }));
            for event in &stored[3..] {
                let told = stream.hear().await;
                assert_eq!(told["resume_token"], format!("{epoch}:{}", event["seq"]), "{kind:?}");
                assert_eq!(message::<v1::Event>(&told["event"]), message(event), "{kind:?}");
            }
        }
    }
    for mut session in sessions(&ann, &room).await {
        for (from, events) in [("4", vec![5, 6]), ("2", vec![3, 4, 5, 6])] {
            session.tell(json!({ "subscribe": { "from": from } })).await;
            assert_eq!(session.seqs_until(6).await, events, "another subscription takes the place of the one before");
        }
    }
    for from in ["yesterday", ":", "1:-1"] {
        let refused = ann.grpc().watch(&room, from).await.err().expect("no token");
        assert_eq!(refused.codes(), (Code::InvalidArgument, "invalid_cursor"), "{from}");
    }
}

#[tokio::test]
async fn a_reply_comes_after_its_events() {
    const COMMANDS: u64 = 30;
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    for kind in [Kind::Session, Kind::Socket] {
        let room = ann.room().await;
        let (mut session, _) = kind.open(&ann, &room, "now").await;
        for id in 1..=COMMANDS {
            let command = json!({ "type": "chat.post", "text": id.to_string() });
            session.tell(json!({ "id": id, "command": command })).await;
        }
        let (mut seen, mut replies) = (2, Vec::new());
        while replies.len() < COMMANDS as usize {
            let told = session.hear().await;
            if let Some(seq) = told["event"]["seq"].as_i64() {
                assert_eq!(seq, seen + 1, "{told}");
                seen = seq;
                continue;
            }
            let reply = told["reply"].clone();
            assert_eq!(told["resume_token"], "", "a reply is no part of the room's events");
            assert!(reply["done"]["seq"].as_i64().is_some_and(|seq| seq <= seen), "before its events ({seen}): {told}");
            assert_eq!(reply["done"]["events"][0]["data"]["text"], reply["id"].to_string(), "{reply}");
            replies.push(reply["id"].as_u64().expect("an id"));
        }
        assert_eq!(replies, (1..=COMMANDS).collect::<Vec<_>>(), "commands of a session are done in their order");
    }
    assert_verified(&world.database);
}

#[tokio::test]
async fn a_session_begins_with_its_room_and_names_it_once() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    for (first, wanted) in [
        (json!({ "clock": { "t0": 1.0 } }), (Code::InvalidArgument, "invalid_message")),
        (json!({ "open": {} }), (Code::NotFound, "room_not_found")),
        (json!({ "open": { "room_id": "x" } }), (Code::NotFound, "room_not_found")),
    ] {
        let mut session = ann.grpc().silent().await.expect("it begins");
        session.tell(first.clone()).await;
        let ended = session.next().await.expect_err("it is refused");
        assert_eq!(ended.failure().codes(), wanted, "{first}");
    }
    let mut session = ann.grpc().silent().await.expect("it begins");
    session.hush();
    let ended = session.next().await.expect_err("it is refused");
    assert_eq!(ended.failure().codes(), (Code::InvalidArgument, "invalid_message"), "{ended:?}");
    for mut session in sessions(&ann, &room).await {
        session.tell(json!({ "id": 3, "open": { "room_id": room } })).await;
        let reply = session.until("reply").await;
        assert_eq!((&reply["id"], &reply["problem"]["code"]), (&json!(3), &json!("invalid_message")), "{reply}");
        session.tell(json!({ "id": 4, "clock": { "t0": 12.5 } })).await;
        let clock = session.until("clock").await;
        assert_eq!(clock["t0"], json!(12.5));
        assert!(
            clock["t1"].as_i64() <= clock["t2"].as_i64() && clock["t1"].as_i64() > Some(1_600_000_000_000),
            "{clock}"
        );
    }
}

#[tokio::test]
async fn who_has_said_everything_reads_on() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let (mut session, _) = Kind::Session.open(&ann, &room, "now").await;
    session.tell(json!({ "id": 1, "command": { "type": "chat.post", "text": "last words" } })).await;
    session.hush();
    assert_eq!(session.seqs_until(3).await, [3]);
    assert_eq!(session.until("reply").await["id"], 1);
    say(&ann, &room, 2).await;
    assert_eq!(session.seqs_until(5).await, [4, 5]);
}

#[tokio::test]
async fn members_see_who_is_there_whatever_they_are_connected_by() {
    let world = World::new().await;
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let told = |kind: &str, value: Value| json!({ "kind": kind, "member": bob.id, "value": value });
    for kind in [Kind::Session, Kind::Socket] {
        let room = ann.room().await;
        bob.join(&room).await;
        let mut seeing = sessions(&ann, &room).await;
        let mut json = ann.socket(&room).await;
        // Somebody who watches is not there for the others.
        let (mut watch, _) = Kind::Watch.open(&bob, &room, "now").await;
        let (mut seen, _) = kind.open(&bob, &room, "now").await;
        let report = json!({ "skew_ms": -3, "rtt_ms": 40, "buffered_ms": 9000 });
        for (says, field, shown) in [
            (None, "presence", json!({ "state": "online" })),
            (Some(json!({ "presence": { "state": "buffering" } })), "presence", json!({ "state": "buffering" })),
            (Some(json!({ "typing": true })), "typing", json!(true)),
            (Some(json!({ "report": report })), "report", report),
            (
                Some(json!({ "report": { "skew_ms": null, "rtt_ms": 1, "buffered_ms": 0 } })),
                "report",
                json!({ "skew_ms": null, "rtt_ms": 1, "buffered_ms": 0 }),
            ),
        ] {
            if let Some(says) = says {
                seen.tell(says).await;
            }
            for session in &mut seeing {
                assert_eq!(session.until("ephemeral").await, told(field, shown.clone()), "{kind:?}");
            }
            assert_eq!(json.until("ephemeral").await, told(field, shown), "{kind:?}");
        }
        drop(seen);
        for session in &mut seeing {
            assert_eq!(session.until("ephemeral").await, told("typing", json!(false)), "{kind:?}");
            assert_eq!(session.until("ephemeral").await, told("presence", json!({ "state": "offline" })), "{kind:?}");
        }
        say(&ann, &room, 1).await;
        let last = watch.hear().await;
        assert!(last["event"].is_object(), "a watch is told events alone: {last}");
    }
}

#[tokio::test]
async fn a_silent_stream_tells_the_head_and_no_token() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let epoch = ann.snapshot(&room).await.ok()["epoch"].clone();
    let silent = KINDS.map(|kind| {
        let (ann, room, epoch) = (ann.clone(), room.clone(), epoch.clone());
        tokio::spawn(async move {
            let (mut stream, _) = kind.open(&ann, &room, "now").await;
            let beat = stream.hear().await;
            let heartbeat = &beat["heartbeat"];
            assert_eq!((&heartbeat["epoch"], &heartbeat["seq"]), (&epoch, &json!(2)), "{kind:?}: {beat}");
            assert!(heartbeat["server_ms"].as_i64().is_some_and(|now| now > 1_600_000_000_000), "{kind:?}: {beat}");
            assert_eq!(beat["resume_token"], "", "{kind:?}");
            stream
        })
    });
    let mut streams = Vec::new();
    for silent in silent {
        streams.push(silent.await.expect("no panic"));
    }
    say(&ann, &room, 1).await;
    for stream in &mut streams {
        assert_eq!(stream.seqs_until(3).await, [3]);
    }
}
