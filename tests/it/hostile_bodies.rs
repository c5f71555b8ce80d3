//! Bodies that are wrong: each gets its code, and nothing is stored.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{World, head, send};

const ITEM: &str = "itm_0000000000000000000000001A";
const MESSAGE: &str = "msg_0000000000000000000000001A";
const MEMBER: &str = "gst_0000000000000000000000001A";

/// A valid object, one of its fields, and values that the field must not have.
type Bad = (Value, &'static str, Vec<Value>);

fn texts(max: usize) -> Vec<Value> {
    let mut bad = vec![json!(1), json!(true), json!([]), json!({}), json!(["x"]), json!(1.5), json!("")];
    bad.extend([
        json!("  "),
        json!("\u{7}"),
        json!("a\u{1b}[31m"),
        json!("a\u{85}b"),
        json!("x".repeat(max + 1)),
        json!("字".repeat(max + 1)),
    ]);
    bad
}

fn ids(good: &str) -> Vec<Value> {
    let mut bad = vec![
        json!(1),
        json!([]),
        json!({}),
        json!(""),
        json!(true),
        json!("x"),
        json!(good[..4]),
        json!(good.to_lowercase()),
    ];
    bad.extend([
        json!(format!(" {good}")),
        json!(format!("{good}0")),
        json!(good.replace('1', "U")),
        json!(format!("room{}", &good[3..])),
    ]);
    bad
}

fn numbers() -> Vec<Value> {
    let mut bad = vec![
        json!(-1),
        json!(1.5),
        json!(-0.0),
        json!(1e300),
        json!("1"),
        json!(true),
        json!([1]),
        json!({}),
        json!(u64::MAX),
    ];
    bad.extend([json!(i64::MIN), json!(i64::MAX), json!((1_i64 << 53) + 1)]);
    bad
}

fn words() -> Vec<Value> {
    vec![json!("x"), json!(""), json!(1), json!(true), json!([]), json!({}), json!("PUBLIC"), json!("x".repeat(60_000))]
}

fn commands() -> Vec<Bad> {
    let rate = [
        json!(0),
        json!(249),
        json!(4001),
        json!(1000.5),
        json!(-1000),
        json!("1000"),
        json!(1e99),
        json!(u64::MAX),
        json!(null),
    ];
    let expect = [
        json!(1),
        json!("x"),
        json!([]),
        json!({ "playback": "1" }),
        json!({ "playback": 1.5 }),
        json!({ "playback": u64::MAX }),
        json!({ "playback": {} }),
    ];
    let move_it = json!({ "type": "playlist.move", "item_id": ITEM, "after": null });
    vec![
        (json!({ "type": "chat.post", "text": "x" }), "text", texts(4000)),
        (json!({ "type": "chat.post", "text": "x" }), "text", vec![json!(null)]),
        (json!({ "type": "chat.post", "text": "x" }), "reply_to", ids(MESSAGE)),
        (json!({ "type": "chat.post", "text": "x" }), "expect", expect.to_vec()),
        (json!({ "type": "chat.edit", "message_id": MESSAGE, "text": "x" }), "text", texts(4000)),
        (json!({ "type": "chat.edit", "message_id": MESSAGE, "text": "x" }), "message_id", ids(MESSAGE)),
        (json!({ "type": "chat.redact", "message_id": MESSAGE }), "reason", texts(500)),
        (json!({ "type": "chat.react", "message_id": MESSAGE, "reaction": "x", "on": true }), "reaction", texts(16)),
        (
            json!({ "type": "chat.react", "message_id": MESSAGE, "reaction": "x", "on": true }),
            "on",
            vec![json!(1), json!("true"), json!(null)],
        ),
        (json!({ "type": "playlist.add", "url": "http://x.test/a" }), "url", texts(2048)),
        (json!({ "type": "playlist.add", "url": "http://x.test/a" }), "title", texts(200)),
        (json!({ "type": "playlist.add", "url": "http://x.test/a" }), "delivery", words()),
        (json!({ "type": "playlist.add", "url": "http://x.test/a" }), "duration_ms", numbers()),
        (json!({ "type": "playlist.add", "url": "http://x.test/a" }), "after", ids(ITEM)),
        (
            json!({ "type": "playlist.add" }),
            "url",
            [
                "ftp://x/a",
                "javascript:alert(1)",
                "//x/a",
                "http://",
                "http:///a",
                "file:///etc/passwd",
                "x",
                "http://a b/",
                "http://x:port/",
                "data:text/html,x",
                "http://\\x/",
            ]
            .map(Value::from)
            .to_vec(),
        ),
        (json!({ "type": "playlist.update", "item_id": ITEM }), "item_id", ids(ITEM)),
        (json!({ "type": "playlist.update", "item_id": ITEM }), "duration_ms", numbers()),
        (move_it.clone(), "after", ids(ITEM)),
        (move_it, "item_id", ids(ITEM)),
        (json!({ "type": "playlist.remove", "item_id": ITEM }), "item_id", ids(ITEM)),
        (json!({ "type": "playback.seek", "position_ms": 1 }), "position_ms", numbers()),
        (json!({ "type": "playback.play" }), "position_ms", numbers()),
        (json!({ "type": "playback.pause" }), "position_ms", numbers()),
        (json!({ "type": "playback.play" }), "expected_item", ids(ITEM)),
        (json!({ "type": "playback.next" }), "expected_item", ids(ITEM)),
        (json!({ "type": "playback.set_rate", "rate_permille": 1000 }), "rate_permille", rate.to_vec()),
        (json!({ "type": "playback.set_mode", "mode": "shuffle" }), "mode", words()),
        (json!({ "type": "playback.select_item", "item_id": ITEM }), "item_id", ids(ITEM)),
        (json!({ "type": "playback.select_item", "item_id": ITEM }), "position_ms", numbers()),
        (json!({ "type": "member.kick", "member": MEMBER }), "member", ids(MEMBER)),
        (json!({ "type": "member.kick", "member": MEMBER }), "reason", texts(500)),
        (json!({ "type": "member.set_role", "member": MEMBER, "role": "member" }), "role", words()),
        (
            json!({ "type": "member.set_role", "member": MEMBER, "role": "member" }),
            "role",
            vec![json!("owner"), json!(null)],
        ),
        (json!({ "type": "member.join" }), "message", texts(500)),
        (json!({ "type": "room.update_settings" }), "name", texts(100)),
        (json!({ "type": "room.update_settings" }), "visibility", words()),
        (json!({ "type": "room.update_settings" }), "default_role", words()),
        (json!({ "type": "room.update_settings" }), "capabilities", vec![json!(1), json!("x"), json!([]), json!([1])]),
        (json!({ "type": "room.update_settings" }), "barrier", words()),
        (json!({ "type": "room.update_settings" }), "control", words()),
        (json!({}), "type", vec![json!(1), json!(null), json!([]), json!({}), json!(true)]),
    ]
}

fn rooms() -> Vec<Bad> {
    let room = || json!({ "name": "r", "join_rule": "public", "visibility": "unlisted" });
    vec![
        (room(), "name", texts(100)),
        (room(), "join_rule", words()),
        (room(), "visibility", words()),
        (room(), "default_role", words()),
        (room(), "settings", vec![json!(1), json!("x"), json!([])]),
        (json!({}), "display_name", vec![]),
    ]
}

/// Texts that are wrong whatever they are sent to.
fn malformed() -> Vec<(Vec<u8>, &'static str)> {
    let mut bad: Vec<(Vec<u8>, &str)> = Vec::new();
    for text in [
        "",
        " ",
        "{",
        "}",
        "[",
        "null",
        "true",
        "1",
        "-",
        "\"x\"",
        "[]",
        "[{}]",
        "{\"type\"}",
        "{\"type\":}",
        "{\"type\":\"chat.post\",}",
        "{'type':'chat.post'}",
        "{type:\"chat.post\"}",
        "{\"type\":\"chat.post\"} {}",
        "{\"a\":NaN}",
        "{\"a\":Infinity}",
        "{\"a\":01}",
        "{\"a\":1e400}",
        "{\"a\":-1e999}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\\udc00\\ud800\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":tru}",
        "/* x */{}",
        "{}//",
        "\u{feff}{}",
        "{\"a\":\"unended",
        "{\"\\ud800\":1}",
    ] {
        bad.push((text.as_bytes().to_vec(), "invalid_json"));
    }
    for open in ["[", "{\"a\":", "[{\"a\":"] {
        for depth in [200, 9_000] {
            bad.push((open.repeat(depth).into_bytes(), "invalid_json"));
        }
    }
    bad.push((format!("{{\"a\":{}{}}}", "[".repeat(200), "]".repeat(200)).into_bytes(), "invalid_json"));
    for bytes in [
        &b"\xff"[..],
        b"{\"a\":\"\xff\"}",
        b"{\"a\":\"\xc0\x80\"}",
        b"{\"a\":\"\xed\xa0\x80\"}",
        b"\x00",
        b"{\"a\":\"\x00\"}",
        b"\xff\xfe{\x00}\x00",
        b"\x1f\x8b\x08\x00",
        b"{\"\xf5\":1}",
    ] {
        bad.push((bytes.to_vec(), "invalid_json"));
    }
    for text in [
        "{\"type\":\"x\",\"type\":\"x\"}",
        "{\"a\":1,\"a\":2}",
        "{\"a\":{\"b\":1,\"b\":1}}",
        "{\"a\":[{\"b\":1,\"b\":1}]}",
        "{\"a\":1,\"\\u0061\":1}",
    ] {
        bad.push((text.as_bytes().to_vec(), "duplicate_field"));
    }
    for text in ["{\"a\":\"\\u0000\"}", "{\"a\":[\"x\\u0000y\"]}", "{\"type\":\"chat.post\",\"text\":\"a\\u0000\"}"] {
        bad.push((text.as_bytes().to_vec(), "invalid_text"));
    }
    bad
}

/// Whole bodies for the commands of a room, and the codes they get.
fn whole() -> Vec<(Value, &'static str)> {
    let mut bad = vec![
        (json!({}), "missing_field"),
        (json!({ "text": "x" }), "missing_field"),
        (json!({ "type": "chat.post" }), "missing_field"),
        (json!({ "type": "playback.seek" }), "missing_field"),
        (json!({ "type": "playlist.move", "item_id": ITEM }), "missing_field"),
        (json!({ "type": "chat.react", "message_id": MESSAGE, "reaction": "x" }), "missing_field"),
        (json!({ "type": "chat.post", "text": "x", "expect": { "chat": 1 } }), "unknown_field"),
        (json!({ "type": "chat.post", "text": "x", "Text": "x" }), "unknown_field"),
        (json!({ "type": "chat.post", "text": "x", "__proto__": {} }), "unknown_field"),
        (json!({ "type": "room.close", "x": 1 }), "unknown_field"),
        (json!({ "type": "room.update_settings", "owner": MEMBER }), "unknown_field"),
        (json!({ "type": "room.update_settings", "capabilities": { "x": true } }), "unknown_field"),
    ];
    for name in
        ["", "x", "room.create", "Chat.Post", "chat.post ", "chat.posted", "room.created", "💥", &"x".repeat(60_000)]
    {
        bad.push((
            json!({ "type": name, "name": "r", "join_rule": "public", "visibility": "listed" }),
            "unknown_command",
        ));
    }
    bad
}

#[tokio::test]
async fn wrong_bodies_get_their_code_and_store_nothing() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let to_room = format!("/v1/rooms/{room}/commands");
    let tickets = format!("/v1/rooms/{room}/tickets");
    let mut cases: Vec<(&str, Vec<u8>, &str)> = Vec::new();
    for path in ["/v1/guests", "/v1/rooms", &to_room, &tickets] {
        cases.extend(malformed().into_iter().map(|(body, code)| (path, body, code)));
    }
    cases.extend(whole().into_iter().map(|(body, code)| (to_room.as_str(), body.to_string().into_bytes(), code)));
    for (path, bad) in [(to_room.as_str(), commands()), ("/v1/rooms", rooms())] {
        for (mut body, field, values) in bad {
            for value in values {
                body[field] = value;
                cases.push((path, body.to_string().into_bytes(), "invalid_field"));
            }
        }
    }
    cases.extend(
        texts(64)
            .into_iter()
            .map(|name| ("/v1/guests", json!({ "display_name": name }).to_string().into(), "invalid_field")),
    );
    let (before, mut wrong) = (head(&world.database).await, Vec::new());
    for (path, body, code) in &cases {
        let request = ann.request(Method::POST, path).header("content-type", "application/json").body(body.clone());
        let answer = send(request).await;
        let moved = head(&world.database).await != before;
        if (answer.status, answer.code()) != (400, *code) || moved {
            let body = String::from_utf8_lossy(body);
            wrong.push(format!(
                "{path:.12} {body:.90}: {code} expected, got {} {:.160}, stored: {moved}",
                answer.status,
                answer.body.to_string()
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
    assert!(!world.server.log().contains("panicked"), "{}", world.server.log());
    ann.command(&room, json!({ "type": "chat.post", "text": "still here" })).await.ok();
}
