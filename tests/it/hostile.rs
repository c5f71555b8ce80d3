//! Requests that are wrong outside their body: each gets its code, and nothing is stored.

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Guest, World, client, head, open, send};

const UNKNOWN: &str = "room_00000000000000000000000001";

/// A world with a room, and what went wrong in it.
struct Trial {
    world: World,
    ann: Guest,
    room: String,
    head: i64,
    wrong: Vec<String>,
}

impl Trial {
    async fn new() -> Self {
        let world = World::new().await;
        let ann = world.guest("Ann").await;
        let room = ann.room().await;
        let head = head(&world.database).await;
        Self { world, ann, room, head, wrong: Vec::new() }
    }

    async fn expect(&mut self, what: &str, request: reqwest::RequestBuilder, expected: (u16, &str)) {
        let response = request.send().await.expect("the server answers");
        let status = response.status();
        let kind = response.headers().get("content-type").cloned();
        let text = response.text().await.unwrap_or_default();
        let body: Value = serde_json::from_str(&text).unwrap_or_default();
        if (status.as_u16(), body["code"].as_str().unwrap_or_default()) != expected {
            self.wrong.push(format!("{what}: {expected:?} expected, got {status} {text:.200}"));
        } else if kind.as_ref().is_none_or(|kind| kind != "application/problem+json") || body["status"] != expected.0 {
            self.wrong.push(format!("{what}: {kind:?} {text:.200}"));
        }
        if head(&self.world.database).await != self.head {
            self.wrong.push(format!("{what}: something was stored"));
            self.head = head(&self.world.database).await;
        }
    }

    async fn end(self) {
        assert_eq!(self.ann.snapshot(&self.room).await.status, 200, "the server goes on");
        let log = self.world.server.log();
        assert!(!log.contains("panicked"), "{log}");
        assert!(self.wrong.is_empty(), "{}", self.wrong.join("\n"));
    }
}

fn routes(room: &str) -> Vec<(Method, String, Value)> {
    let path = |rest: &str| format!("/v1/rooms/{room}{rest}");
    vec![
        (Method::POST, "/v1/rooms".to_owned(), json!({ "name": "r", "join_rule": "public", "visibility": "unlisted" })),
        (Method::GET, path(""), Value::Null),
        (Method::GET, path("/events"), Value::Null),
        (Method::POST, path("/commands"), json!({ "type": "chat.post", "text": "x" })),
        (Method::POST, path("/commands?validate_only=true"), json!({ "type": "chat.post", "text": "x" })),
        (Method::POST, path("/tickets"), json!({ "use": "sse" })),
    ]
}

/// Tokens that must open nothing, signed with the server's own key where that is not the point.
async fn bad_tokens(trial: &Trial) -> Vec<(&'static str, String, &'static str)> {
    let query = sqlx::query_scalar("SELECT value FROM secrets WHERE name = 'jwt'");
    let key: Vec<u8> = query.fetch_one(&mut open(&trial.world.database).await).await.expect("it is kept there");
    let sign = |algorithm, key: &[u8], claims: &Value| {
        encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(key)).expect("plain claims")
    };
    let far = 4_000_000_000_i64;
    let claims = |exp: i64| json!({ "sub": trial.ann.id, "use": "access", "exp": exp, "name": "Ann" });
    let good = sign(Algorithm::HS256, &key, &claims(far));
    assert_eq!(
        send(client().get(format!("{}/v1/rooms/{}", trial.ann.url, trial.room)).bearer_auth(&good)).await.status,
        200
    );
    let ticket = trial.ann.post(&format!("/v1/rooms/{}/tickets", trial.room), &json!({ "use": "sse" })).await.ok();
    let (start, signature) = good.rsplit_once('.').expect("three parts");
    let none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";
    let middle = start.split_once('.').expect("three parts").1;
    let with = |name: &str, value: Value| {
        let mut claims = claims(far);
        claims[name] = value;
        sign(Algorithm::HS256, &key, &claims)
    };
    vec![
        ("expired", sign(Algorithm::HS256, &key, &claims(1)), "token_expired"),
        ("expired in 1970", sign(Algorithm::HS256, &key, &claims(0)), "token_expired"),
        ("another key", sign(Algorithm::HS256, b"another key", &claims(far)), "invalid_token"),
        ("an empty key", sign(Algorithm::HS256, b"", &claims(far)), "invalid_token"),
        ("another algorithm", sign(Algorithm::HS512, &key, &claims(far)), "invalid_token"),
        ("no algorithm", format!("{none}.{middle}."), "invalid_token"),
        ("no algorithm, a signature", format!("{none}.{middle}.{signature}"), "invalid_token"),
        ("no signature", format!("{start}."), "invalid_token"),
        ("a cut signature", good[..good.len() - 2].to_owned(), "invalid_token"),
        ("two parts", start.to_owned(), "invalid_token"),
        ("a ticket", ticket["ticket"].as_str().expect("a string").to_owned(), "invalid_token"),
        ("nobody", with("sub", json!("gst_x")), "invalid_token"),
        ("a number", with("sub", json!(1)), "invalid_token"),
        ("another use", with("use", json!("operator")), "invalid_token"),
        ("a fractional expiry", with("exp", json!(4e9 + 0.5)), "invalid_token"),
        ("an expiry of text", with("exp", json!("4000000000")), "invalid_token"),
        ("a name that is none", with("name", json!("\u{0}")), "invalid_token"),
        ("rubbish", "rubbish".to_owned(), "invalid_token"),
        ("dots", "..".to_owned(), "invalid_token"),
        ("a long token", "a".repeat(20_000), "invalid_token"),
    ]
}

#[tokio::test]
async fn every_call_needs_a_valid_token() {
    let mut trial = Trial::new().await;
    let tokens = bad_tokens(&trial).await;
    for (method, path, body) in routes(&trial.room.clone()) {
        let bare = |trial: &Trial| client().request(method.clone(), format!("{}{path}", trial.ann.url)).json(&body);
        for (what, token, code) in &tokens {
            let request = bare(&trial).bearer_auth(token);
            trial.expect(&format!("{method} {path} with {what}"), request, (401, code)).await;
        }
        let request = bare(&trial);
        trial.expect(&format!("{method} {path} without a token"), request, (401, "unauthenticated")).await;
        for header in [&b"Bearer"[..], b"", b"Basic QW5uOng=", b"Bearer\xff\xfe x", b"\xff", b"Token x"] {
            let value = reqwest::header::HeaderValue::from_bytes(header).expect("no control characters");
            let request = bare(&trial).header("authorization", value);
            trial.expect(&format!("{method} {path} with {header:?}"), request, (401, "unauthenticated")).await;
        }
    }
    let (path, token) = (format!("{}/v1/rooms/{}/events?ticket=", trial.ann.url, trial.room), trial.ann.token.clone());
    for (ticket, accept, code) in [
        ("x", "text/event-stream", "invalid_token"),
        ("", "text/event-stream", "invalid_token"),
        ("%00%ff", "text/event-stream", "invalid_token"),
        (&token, "text/event-stream", "invalid_token"),
        (&token, "application/json", "unauthenticated"),
    ] {
        let request = client().get(format!("{path}{ticket}")).header("accept", accept);
        trial.expect(&format!("ticket {ticket:.20}"), request, (401, code)).await;
    }
    trial.end().await;
}

#[tokio::test]
async fn rooms_that_are_none_are_not_found() {
    let mut trial = Trial::new().await;
    let lower = trial.room.to_lowercase();
    let long = format!("room_{}", "0".repeat(3000));
    let bad = [
        UNKNOWN,
        "room_",
        "x",
        "room_7ZZZZZZZZZZZZZZZZZZZZZZZZZZ",
        "room_80000000000000000000000000",
        "%00",
        "%ff%fe",
        "..%2f..%2fetc",
        "%2e%2e%2f",
        "room_%F0%9F%98%80",
        "'; DROP TABLE events; --",
        "%25%30%30",
        "*",
        "null",
        &lower,
        &long,
    ];
    for room in bad {
        for (method, path, body) in routes(room).into_iter().skip(1) {
            let request = trial.ann.request(method.clone(), &path).json(&body);
            trial.expect(&format!("{method} {path:.60}"), request, (404, "room_not_found")).await;
        }
    }
    for path in [
        "/v1",
        "/v1/",
        "/v1/rooms/",
        "/v1/room",
        "/v2/rooms",
        "//v1/rooms",
        "/.env",
        "/%2e%2e/etc/passwd",
        "/v1/guests/",
        "/V1/guests",
        "/v1%2fguests",
        "/app.js/",
        "/%00",
        "/metrics",
        "/v1/rooms/a/b/c",
    ] {
        for method in [Method::GET, Method::POST] {
            let request = trial.ann.request(method.clone(), path);
            trial.expect(&format!("{method} {path}"), request, (404, "not_found")).await;
        }
    }
    trial.end().await;
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let mut trial = Trial::new().await;
    let room = format!("/v1/rooms/{}", trial.room);
    let has = [
        ("/v1/guests", "POST"),
        ("/v1/rooms", "GET POST"),
        (&room, "GET"),
        ("/livez", "GET"),
        ("/readyz", "GET"),
        ("/version", "GET"),
        ("/v1/time", "GET"),
        ("/v1/projections", "GET"),
        ("/v1/projections/playlists/rebuild", "GET POST DELETE"),
        ("/", "GET"),
        ("/app.js", "GET"),
    ];
    let has = has.map(|(path, method)| (path.to_owned(), method)).into_iter().chain([
        (format!("{room}/commands"), "POST"),
        (format!("{room}/events"), "GET"),
        (format!("{room}/tickets"), "POST"),
        (format!("{room}/members"), "GET"),
        (format!("{room}/playlist"), "GET"),
        (format!("{room}/chat"), "GET"),
        (format!("{room}/history"), "GET"),
        (format!("{room}/watch-time"), "GET"),
    ]);
    for (path, only) in has {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"] {
            if !only.split_whitespace().any(|known| known == method) {
                let request = trial.ann.request(Method::from_bytes(method.as_bytes()).expect("a token"), &path);
                trial.expect(&format!("{method} {path}"), request, (405, "method_not_allowed")).await;
            }
        }
    }
    trial.end().await;
}

#[tokio::test]
async fn bad_queries_are_refused() {
    let mut trial = Trial::new().await;
    let huge = "9".repeat(20);
    let room = format!("/v1/rooms/{}", trial.room);
    let numbers = ["x", "", "1.5", "1e3", "0x10", "+-1", "%00", "%ff", "1,2", huge.as_str()];
    let mut cases: Vec<(String, u16, &str)> = Vec::new();
    for number in numbers {
        cases.push((format!("{room}?as_of={number}"), 400, "invalid_query"));
        cases.push((format!("{room}/events?limit={number}"), 400, "invalid_query"));
        cases.push((format!("{room}/events?after={number}:"), 400, "invalid_cursor"));
        cases.push((format!("/v1/time?t0={number}x"), 400, "invalid_query"));
    }
    for after in
        ["x", "1.5", "-1", "%2B1", "%201", ":1", "::", "e:-1", "e:%00", "%00", "%ff", "e:1:x", huge.as_str(), "%D9%A3"]
    {
        cases.push((format!("{room}/events?after={after}"), 400, "invalid_cursor"));
    }
    for after in ["3", "9223372036854775807", "e:1", "other:0", "%F0%9F%98%80:1"] {
        cases.push((format!("{room}/events?after={after}"), 410, "cursor_reset"));
    }
    for seq in ["0", "-1", "3", "9223372036854775807", "-9223372036854775808"] {
        cases.push((format!("{room}?as_of={seq}"), 404, "no_such_version"));
    }
    for at in [
        "x",
        "",
        "1",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01",
        "2026-01-01T24:00:00Z",
        "99999-01-01T00:00:00Z",
        "1969-12-31T23:59:59Z",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00.Z",
        "%00",
        "2026-01-01T00:00:00%00Z",
    ] {
        cases.push((format!("{room}?at={at}"), 400, "invalid_time"));
    }
    cases.push((format!("{room}?at=1970-01-01T00:00:00Z"), 404, "no_such_version"));
    for query in ["as_of=1&as_of=1", "as_of=1&at=2026-01-01T00:00:00Z"] {
        cases.push((format!("{room}?{query}"), 400, "invalid_query"));
    }
    for path in [&room, &format!("{room}/events"), "/v1/time"] {
        for query in ["x=1", "AS_OF=1", "%00=1", "as_of%00=1", "after[]=1"] {
            cases.push((format!("{path}?{query}"), 400, "unknown_field"));
        }
    }
    for (path, status, code) in cases {
        let request = trial.ann.request(Method::GET, &path);
        trial.expect(&path, request, (status, code)).await;
    }
    for (query, code) in
        [("validate_only=maybe", "invalid_query"), ("validate_only=1", "invalid_query"), ("dry=1", "unknown_field")]
    {
        let request = trial.ann.request(Method::POST, &format!("{room}/commands?{query}"));
        trial.expect(query, request.json(&json!({ "type": "chat.post", "text": "x" })), (400, code)).await;
    }
    trial.end().await;
}

#[tokio::test]
async fn bad_headers_are_refused() {
    let mut trial = Trial::new().await;
    let path = format!("/v1/rooms/{}/commands", trial.room);
    let body = json!({ "type": "chat.post", "text": "x" });
    let mut cases: Vec<(&str, &[u8], u16, &str)> = Vec::new();
    let long = [b'1'; 30];
    for tag in [
        &b""[..],
        b"*",
        b"\"\"",
        b"\"x\"",
        b"\":1\"",
        b"\"e:\"",
        b"W/\"e:1\"",
        b"e:1",
        b"\"e:1",
        b"\"e:x\"",
        b"\"e:1\", \"e:2\"",
        b"\"\xff:1\"",
        b"\"e:1.5\"",
        b"\"",
        &long,
    ] {
        cases.push(("if-match", tag, 400, "invalid_if_match"));
    }
    cases.push(("if-match", b"\"e:1\"", 412, "precondition_failed"));
    cases.push(("if-match", b"\"e:-1\"", 412, "precondition_failed"));
    cases.push(("idempotency-key", b"\xf0\x9f\x98\x80", 400, "invalid_idempotency_key"));
    for (name, value, status, code) in cases {
        let header = reqwest::header::HeaderValue::from_bytes(value).expect("no control characters");
        let request = trial.ann.request(Method::POST, &path).header(name, header).json(&body);
        trial.expect(&format!("{name}: {value:?}"), request, (status, code)).await;
    }
    for kind in [
        "",
        "text/plain",
        "application/xml",
        "application/jsonp",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "json",
        "*/*",
        "text/json",
        "\"application/json\"",
    ] {
        for path in [&path, "/v1/guests", "/v1/rooms", &format!("/v1/rooms/{}/tickets", trial.room)] {
            let request = trial.ann.request(Method::POST, path).header("content-type", kind).body(body.to_string());
            trial.expect(&format!("{path} as {kind:?}"), request, (415, "unsupported_media_type")).await;
        }
    }
    let events = format!("/v1/rooms/{}/events", trial.room);
    for id in [&b"x"[..], b"e:", b":1", b"e:-1", b"1.5", b"99999999999999999999", b"\xff:1", b"\xd9\xa3"] {
        let header = reqwest::header::HeaderValue::from_bytes(id).expect("no control characters");
        let request = trial
            .ann
            .request(Method::GET, &events)
            .header("accept", "text/event-stream")
            .header("last-event-id", header);
        trial.expect(&format!("last-event-id {id:?}"), request, (400, "invalid_cursor")).await;
    }
    trial.end().await;
}

#[tokio::test]
async fn bodies_beyond_the_limit_are_refused() {
    let mut trial = Trial::new().await;
    for path in ["/v1/guests".to_owned(), "/v1/rooms".to_owned(), format!("/v1/rooms/{}/commands", trial.room)] {
        for size in [64 * 1024 + 1, 1024 * 1024] {
            let body = format!("{{\"type\":\"chat.post\",\"text\":\"{}\"}}", "x".repeat(size));
            let request = trial.ann.request(Method::POST, &path).header("content-type", "application/json");
            trial.expect(&format!("{path} {size}"), request.body(body), (413, "body_too_large")).await;
        }
    }
    trial.end().await;
}
