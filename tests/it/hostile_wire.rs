//! Bytes that are no requests, and requests that were valid before something happened to them.

use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::json;

use crate::support::{World, assert_verified, exchange, head, rounds, status};

fn post(path: &str, token: &str, more: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n{more}content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn get(path: &str, token: &str, more: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n{more}\r\n").into_bytes()
}

#[tokio::test]
async fn what_is_no_request_harms_nobody() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let path = format!("/v1/rooms/{}/commands", ann.room().await);
    let says = "{\"type\":\"chat.post\",\"text\":\"x\"}";
    let whole = post(&path, &ann.token, "", says);
    let open = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {}\r\ncontent-type: application/json\r\n",
        ann.token
    );
    let mut cases: Vec<Vec<u8>> = [
        "\0",
        "x",
        "\r\n\r\n",
        "GET",
        "GET /\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET  HTTP/1.1\r\n\r\n",
        "GET livez HTTP/1.1\r\n\r\n",
        "GET /\0 HTTP/1.1\r\n\r\n",
        "GET /a b HTTP/1.1\r\n\r\n",
        "GET http://[::1 HTTP/1.1\r\n\r\n",
        "CONNECT x:1 HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\n: x\r\n\r\n",
        "GET / HTTP/1.1\r\na\0: x\r\n\r\n",
        "GET /nowhere HTTP/1.1\r\nx: \r\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nrubbish that is no frame at all",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u{4}\0\0\0\0\0",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    cases.push(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec());
    cases.push(format!("GET /livez HTTP/1.1\r\nx: {}\r\n\r\n", "x".repeat(200_000)).into_bytes());
    cases.push(format!("GET /livez HTTP/1.1\r\n{}\r\n", "x: y\r\n".repeat(2000)).into_bytes());
    for framing in [
        "content-length: -1",
        "content-length: x",
        "content-length: 99999999999999999999",
        "content-length: 5\r\ncontent-length: 6",
        "content-length: 1000",
        "content-length: 18446744073709551615",
        "transfer-encoding: rubbish",
        "transfer-encoding: chunked",
        "transfer-encoding: chunked\r\ncontent-length: 5",
        "content-length: 5, 5",
        "expect: the impossible\r\ncontent-length: 0",
    ] {
        cases.push(format!("{open}{framing}\r\n\r\n{says}").into_bytes());
    }
    for chunks in [
        "zz\r\nx\r\n0\r\n\r\n",
        "5\r\nx",
        "ffffffffffffffffff\r\nx\r\n",
        "-1\r\nx\r\n",
        "20\r\n{\"type\":\"chat.post\",\"text\":\"x\"}\r\n",
    ] {
        cases.push(format!("{open}transfer-encoding: chunked\r\n\r\n{chunks}").into_bytes());
    }
    for cut in (1..whole.len()).step_by(29).chain([whole.len() - 1]) {
        cases.push(whole[..cut].to_vec());
    }
    let before = head(&world.database).await;
    for bytes in &cases {
        let answer = exchange(&world.server.url, bytes).await;
        let refused = status(&answer).is_none_or(|status| (400..500).contains(&status));
        assert!(refused, "{:?}: {answer}", String::from_utf8_lossy(bytes));
    }
    assert_eq!(head(&world.database).await, before, "something was stored");
    assert_eq!(status(&exchange(&world.server.url, &whole).await), Some(200), "the server goes on");
    assert!(!world.server.log().contains("panicked"), "{}", world.server.log());
}

/// What a mutation puts into a request.
const SPLINTERS: &[&[u8]] = &[
    b"\0",
    b"\xff",
    b"\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b"null",
    b"-1",
    b"1e309",
    b"99999999999999999999",
    b"0.1",
    b"\r\n",
    b" ",
    b"%00",
    b"%",
    b"?",
    b"&",
    b"=",
    b"/",
    b"..",
    b";",
    b"'",
    b"true",
    b"\"x\"",
    b"9223372036854775807",
    b"-9223372036854775808",
];

fn mutate(random: &mut StdRng, bytes: &mut Vec<u8>) {
    for _ in 0..random.random_range(1..4) {
        if bytes.is_empty() {
            return;
        }
        let at = random.random_range(0..bytes.len());
        let to = random.random_range(at..bytes.len().min(at + 20)) + 1;
        match random.random_range(0..6) {
            0 => bytes[at] ^= 1 << random.random_range(0..8),
            1 => drop(bytes.drain(at..to)),
            2 => {
                let copied = bytes[at..to].to_vec();
                bytes.splice(at..at, copied);
            }
            3 => bytes[at] = random.random(),
            4 => drop(bytes.splice(at..to, SPLINTERS.choose(random).expect("there are some").iter().copied())),
            _ => drop(bytes.splice(at..at, SPLINTERS.choose(random).expect("there are some").iter().copied())),
        }
    }
}

#[tokio::test]
async fn mutated_requests_never_fail_the_server() {
    let seed = std::env::var("SYNCTV_TEST_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random);
    println!("SYNCTV_TEST_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let item = ann.command(&room, json!({ "type": "playlist.add", "url": "http://x.test/a" })).await.ok();
    let item = &item["events"][0]["data"]["item_id"];
    let (base, commands) = (format!("/v1/rooms/{room}"), format!("/v1/rooms/{room}/commands"));
    let bodies = [
        (&commands, json!({ "type": "chat.post", "text": "hello", "expect": { "members": 2 } })),
        (&commands, json!({ "type": "playback.seek", "position_ms": 1000, "expected_item": item })),
        (&commands, json!({ "type": "playback.set_rate", "rate_permille": 1500 })),
        (
            &commands,
            json!({ "type": "playlist.add", "url": "https://x.test/b.mp4", "title": "B", "duration_ms": 60_000, "after": item }),
        ),
        (
            &commands,
            json!({ "type": "room.update_settings", "name": "x", "capabilities": {}, "expect": { "settings": 1 } }),
        ),
        (&"/v1/rooms".to_owned(), json!({ "name": "r", "join_rule": "public", "visibility": "listed" })),
        (&"/v1/guests".to_owned(), json!({ "display_name": "Mallory" })),
        (&format!("{base}/tickets"), json!({ "use": "sse" })),
    ];
    let reads = ["?as_of=1", "?at=2026-01-01T00:00:00Z", "/events?after=0&limit=10", "/events?after=e:1"];
    let mut head_before = head(&world.database).await;
    for round in 0..rounds(700, 30_000) {
        let request = if random.random_bool(0.7) {
            let (path, body) = bodies.choose(&mut random).expect("there are some");
            let (mut body, more) =
                (body.to_string().into_bytes(), format!("idempotency-key: k{}\r\n", random.random_range(0..9)));
            let whole_body = random.random_bool(0.3);
            if !whole_body {
                mutate(&mut random, &mut body);
            }
            let mut request = post(path, &ann.token, &more, "");
            let length = format!("content-length: {}\r\n\r\n", body.len());
            request.truncate(request.len() - "content-length: 0\r\n\r\n".len());
            request.extend(length.into_bytes());
            if whole_body {
                mutate(&mut random, &mut request);
            }
            request.extend(body);
            request
        } else {
            let path = format!("{base}{}", reads.choose(&mut random).expect("there are some"));
            let mut request = get(&path, &ann.token, "if-none-match: \"x:1\"\r\nlast-event-id: 0\r\n");
            mutate(&mut random, &mut request);
            request
        };
        let answer = exchange(&world.server.url, &request).await;
        let shown = || format!("seed {seed}, round {round}: {:?}\n{answer}", String::from_utf8_lossy(&request));
        let now = head(&world.database).await;
        // Without an answer it may have been stored: by a server too slow to say so.
        if let Some(status) = status(&answer) {
            assert!(status < 500, "{}", shown());
            assert!(status < 400 || now == head_before, "a refused request was stored: {}", shown());
        }
        head_before = now;
    }
    assert_eq!(ann.snapshot(&room).await.status, 200, "the server goes on");
    assert!(!world.server.log().contains("panicked"), "{}", world.server.log());
    assert_verified(&world.database);
}
