//! Commands that are none: refused under the same code on every way in.

use prost::encoding::{WireType, encode_key, encode_varint};
use reqwest::Method;
use serde_json::json;
use synctv_proto::v1;
use tonic::Code;

use crate::support::{Ended, Guest, Socket, Typed, World, code_of, send};

/// A field with bytes.
fn bytes(number: u32, bytes: &[u8]) -> Vec<u8> {
    let mut field = Vec::new();
    encode_key(number, WireType::LengthDelimited, &mut field);
    encode_varint(bytes.len() as u64, &mut field);
    field.extend(bytes);
    field
}

/// A field with a number.
fn number(number: u32, value: u64) -> Vec<u8> {
    let mut field = Vec::new();
    encode_key(number, WireType::Varint, &mut field);
    encode_varint(value, &mut field);
    field
}

/// Where the schema has the commands.
const KICK: u32 = 19;
const SELECT: u32 = 31;
const SET_RATE: u32 = 29;
const SET_MODE: u32 = 30;
const SEEK: u32 = 28;
const POST: u32 = 37;

struct Row {
    what: &'static str,
    /// As REST and sockets of JSON have it.
    json: String,
    /// The bytes of a `Command`; None: there is none.
    typed: Option<Vec<u8>>,
    code: &'static str,
    /// Where the typed protocol cannot say the same.
    typed_code: Option<&'static str>,
}

fn row(what: &'static str, json: &str, typed: Vec<u8>, code: &'static str) -> Row {
    Row { what, json: json.to_owned(), typed: Some(typed), code, typed_code: None }
}

fn rows() -> Vec<Row> {
    let post = |fields: &[Vec<u8>]| bytes(POST, &fields.concat());
    let long = "x".repeat(4001);
    vec![
        row(
            "an unknown field",
            r#"{"type":"chat.post","text":"x","loud":true}"#,
            post(&[bytes(1, b"x"), number(99, 1)]),
            "unknown_field",
        ),
        row("a missing field", r#"{"type":"chat.post"}"#, post(&[]), "missing_field"),
        row(
            "a field twice",
            r#"{"type":"chat.post","text":"x","text":"y"}"#,
            post(&[bytes(1, b"x"), bytes(1, b"y")]),
            "duplicate_field",
        ),
        row("NUL in a text", r#"{"type":"chat.post","text":"a\u0000b"}"#, post(&[bytes(1, b"a\0b")]), "invalid_text"),
        row("an empty text", r#"{"type":"chat.post","text":""}"#, post(&[bytes(1, b"")]), "invalid_field"),
        row(
            "a text that is too long",
            &json!({ "type": "chat.post", "text": long }).to_string(),
            post(&[bytes(1, long.as_bytes())]),
            "invalid_field",
        ),
        row(
            "an unknown choice",
            r#"{"type":"playback.set_mode","mode":"sideways"}"#,
            bytes(SET_MODE, &number(1, 99)),
            "invalid_field",
        ),
        row("no choice", r#"{"type":"playback.set_mode","mode":""}"#, bytes(SET_MODE, &number(1, 0)), "invalid_field"),
        row(
            "a number out of range",
            r#"{"type":"playback.set_rate","rate_permille":249}"#,
            bytes(SET_RATE, &number(1, 249)),
            "invalid_field",
        ),
        row(
            "a number beyond its type",
            r#"{"type":"playback.set_rate","rate_permille":4294967297}"#,
            bytes(SET_RATE, &number(1, (1 << 32) + 1)),
            "invalid_field",
        ),
        row(
            "a negative position",
            r#"{"type":"playback.seek","position_ms":-1}"#,
            bytes(SEEK, &number(1, u64::MAX)),
            "invalid_field",
        ),
        row(
            "an id of another kind",
            r#"{"type":"playback.select_item","item_id":"msg_01ARZ3NDEKTSV4RRFFQ69G5FAV"}"#,
            bytes(SELECT, &bytes(1, b"msg_01ARZ3NDEKTSV4RRFFQ69G5FAV")),
            "invalid_field",
        ),
        row(
            "an instant that is none",
            r#"{"type":"member.kick","member":"gst_01ARZ3NDEKTSV4RRFFQ69G5FAV","expires_at":"10000-01-01T00:00:00Z"}"#,
            bytes(KICK, &[bytes(1, b"gst_01ARZ3NDEKTSV4RRFFQ69G5FAV"), bytes(3, &number(1, 253_402_300_800))].concat()),
            "invalid_field",
        ),
        row("no command within", "{}", Vec::new(), "missing_field"),
        Row { typed: None, ..row("no command", "{}", Vec::new(), "missing_field") },
        Row {
            // A command that the schema lacks is a field that it lacks.
            typed_code: Some("unknown_field"),
            ..row("an unknown command", r#"{"type":"room.explode"}"#, bytes(900, b""), "unknown_command")
        },
        Row {
            // Not the format at all.
            typed_code: Some("invalid_message"),
            ..row("another type", r#"{"type":"chat.post","text":1}"#, post(&[number(1, 1)]), "invalid_field")
        },
    ]
}

/// Asks without a command, and goes on with the bytes of one.
fn within(field: u32, before: &[u8], command: Option<&Vec<u8>>) -> Vec<u8> {
    let command = command.map(|command| bytes(field, command)).unwrap_or_default();
    [before, &command].concat()
}

async fn rest(who: &Guest, room: &str, body: &str) -> (u16, String) {
    let request = who.request(Method::POST, &format!("/v1/rooms/{room}/commands"));
    let answer = send(request.header("content-type", "application/json").body(body.to_owned())).await;
    (answer.status, answer.code().to_owned())
}

async fn over_socket(socket: &mut Socket, body: &str) -> String {
    let message = format!(r#"{{"id":7,"command":{body}}}"#);
    socket.send(tokio_tungstenite::tungstenite::Message::text(message)).await;
    let reply = socket.until("reply").await;
    reply["problem"]["code"].as_str().unwrap_or("ok").to_owned()
}

async fn over_typed(session: &mut Typed, command: Option<&Vec<u8>>) -> String {
    // Field 4 of a message is an order, whose field 1 is the command.
    let message = [number(1, 7), bytes(4, &within(1, &[], command))].concat();
    assert!(session.try_send(message).await);
    let reply = session.until("reply").await;
    reply["problem"]["code"].as_str().unwrap_or("ok").to_owned()
}

#[tokio::test]
async fn what_is_no_command_is_refused_alike_on_every_way_in() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let (call, mut socket) = (ann.grpc(), ann.socket(&room).await);
    let mut typed = [call.session(&room).await.expect("it opens"), ann.typed_socket(&room).await];
    let mut wrong = Vec::new();
    for Row { what, json, typed: command, code, typed_code } in rows() {
        let typed_code = typed_code.unwrap_or(code);
        let (status, found) = rest(&ann, &room, &json).await;
        let mut all = vec![("REST", code, found), ("socket", code, over_socket(&mut socket, &json).await)];
        let order = within(2, &bytes(1, room.as_bytes()), command.as_ref());
        let refused = call.order_raw(order.into()).await.expect_err(what);
        assert_eq!(refused.code, code_of(status), "{what}: {refused:?}");
        all.push(("call", typed_code, refused.reason));
        for session in &mut typed {
            all.push(("session", typed_code, over_typed(session, command.as_ref()).await));
        }
        wrong.extend(all.into_iter().filter(|(_, wanted, found)| wanted != found).map(|fault| (what, fault)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(ann.snapshot(&room).await.ok()["seq"], 2, "something was done");
}

#[tokio::test]
async fn what_a_command_depends_on_is_checked_on_every_way_in() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let (call, post) = (ann.grpc(), bytes(POST, &bytes(1, b"x")));
    let mut typed = [call.session(&room).await.expect("it opens"), ann.typed_socket(&room).await];
    let before = [bytes(1, room.as_bytes()), bytes(2, &post)].concat();
    // Fields 3 and 4 of a request are those that depend on versions: 2 and 4 of an order.
    for (what, body, request, order, code) in [
        (
            "an unknown part",
            r#"{"type":"chat.post","text":"x","expect":{"chat":1}}"#,
            bytes(3, &number(9, 1)),
            bytes(2, &number(9, 1)),
            "unknown_field",
        ),
        (
            "a stale part",
            r#"{"type":"chat.post","text":"x","expect":{"settings":9}}"#,
            bytes(3, &number(1, 9)),
            bytes(2, &number(1, 9)),
            "stale_version",
        ),
    ] {
        let (_, found) = rest(&ann, &room, body).await;
        assert_eq!(found, code, "{what}");
        let refused = call.order_raw([&before[..], &request].concat().into()).await.expect_err(what);
        assert_eq!(refused.reason, code, "{what}");
        for session in &mut typed {
            assert!(
                session.try_send([number(1, 7), bytes(4, &[bytes(1, &post), order.clone()].concat())].concat()).await
            );
            assert_eq!(session.until("reply").await["problem"]["code"], code, "{what}");
        }
    }
    let stale = v1::Cursor { epoch: "another".to_owned(), seq: 2 };
    let asked = |if_match| v1::RoomsCommandRequest {
        if_match: Some(if_match),
        ..crate::support::asked(&room, &json!({ "type": "chat.post", "text": "x" }))
    };
    let refused = call.order(asked(stale)).await.expect_err("another room");
    assert_eq!(refused.codes(), (Code::Aborted, "precondition_failed"));
    let refused = call.order(asked(v1::Cursor::default())).await.expect_err("no version");
    assert_eq!(refused.codes(), (Code::InvalidArgument, "invalid_if_match"));
    let epoch = ann.snapshot(&room).await.ok()["epoch"].as_str().expect("a string").to_owned();
    call.order(asked(v1::Cursor { epoch, seq: 2 })).await.expect("it is as it was");
}

#[tokio::test]
async fn what_is_too_large_is_refused_on_every_way_in() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let (call, text) = (ann.grpc(), "x".repeat(70_000));
    let (status, code) = rest(&ann, &room, &json!({ "type": "chat.post", "text": text }).to_string()).await;
    assert_eq!((status, &*code), (413, "body_too_large"));
    let post = bytes(POST, &bytes(1, text.as_bytes()));
    let refused =
        call.order_raw(within(2, &bytes(1, room.as_bytes()), Some(&post)).into()).await.expect_err("too large");
    assert_eq!(refused.codes(), (Code::ResourceExhausted, "body_too_large"));
    let message = bytes(4, &bytes(1, &post));
    let mut session = call.session(&room).await.expect("it opens");
    assert!(session.try_send(message.clone()).await);
    let (_, ended) = session.rest().await;
    assert_eq!(ended.failure().codes(), (Code::ResourceExhausted, "body_too_large"));
    let mut socket = ann.typed_socket(&room).await;
    assert!(socket.try_send(message).await);
    let Ended::Socket(Some((close, _))) = socket.rest().await.1 else { panic!("it just ended") };
    assert_eq!(close, 1009);
    // The connection of the calls is as good as before.
    call.command(&room, &json!({ "type": "chat.post", "text": "x" })).await.expect("it is taken");
}

#[tokio::test]
async fn what_is_no_message_is_answered_and_the_session_goes_on() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    for mut session in [ann.grpc().session(&room).await.expect("it opens"), ann.typed_socket(&room).await] {
        for (message, code) in [
            (vec![], "invalid_message"),
            (number(1, 7), "invalid_message"),
            (vec![0xff], "invalid_message"),
            (number(99, 1), "unknown_field"),
            ([number(7, 1), number(7, 1)].concat(), "duplicate_field"),
            (bytes(2, &bytes(1, room.as_bytes())), "invalid_message"),
            (bytes(6, b""), "missing_field"),
            (bytes(6, &number(1, 9)), "invalid_field"),
            (bytes(3, &bytes(1, &bytes(3, b"x"))), "invalid_cursor"),
            (bytes(4, &[bytes(1, &bytes(POST, &bytes(1, b"x"))), bytes(3, b"")].concat()), "invalid_idempotency_key"),
        ] {
            assert!(session.try_send(message.clone()).await);
            let reply = session.until("reply").await;
            assert_eq!(reply["problem"]["code"], code, "{message:?}: {reply:#}");
        }
        // The id is known even if the rest is wrong.
        assert!(session.try_send([number(99, 1), number(1, 5)].concat()).await);
        assert_eq!(session.until("reply").await["id"], 5);
        session.tell(json!({ "clock": { "t0": 1.5 } })).await;
        assert_eq!(session.until("clock").await["t0"], 1.5);
    }
}
