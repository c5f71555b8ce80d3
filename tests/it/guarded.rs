//! What every answer carries, and how large a request may be.

use reqwest::{Method, Response};
use serde_json::json;

use crate::support::{World, client};

const PROXIES: (&str, &str) = ("SYNCTV_TRUSTED_PROXIES", "127.0.0.1");

#[track_caller]
fn assert_guarded(what: &str, answer: &Response) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.headers().get(name).map(|value| value.as_bytes()), Some(value.as_bytes()), "{what}: {name}");
    }
    for (name, part) in [("content-security-policy", "frame-ancestors 'none'"), ("permissions-policy", "camera=()")] {
        let text = answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert!(text.contains(part), "{what}: {name}");
    }
    assert!(answer.headers().contains_key("cache-control"), "{what}");
}

#[tokio::test]
async fn every_kind_of_answer_is_guarded() {
    let world = World::with(&[PROXIES]).await;
    let (ann, http) = (world.guest("Ann").await, client());
    let room = ann.room().await;
    let kept = ["/", "/r/room_x", "/app.js", "/style.css", "/sample.mp4", "/docs", "/favicon.ico"];
    let told = ["/v1/time", "/version", "/livez", "/readyz", "/openapi.json", "/v1/nothing", "/nowhere", "/v1/rooms"];
    for path in kept.into_iter().chain(told) {
        for method in [Method::GET, Method::HEAD, Method::PUT, Method::OPTIONS] {
            let request = http.request(method.clone(), format!("{}{path}", world.server.url));
            let answer = request.send().await.expect("an answer");
            assert_guarded(&format!("{method} {path} {}", answer.status()), &answer);
            assert!(!answer.headers().contains_key("strict-transport-security"), "{path}");
        }
    }
    let secret = |answer: &Response| answer.headers()["cache-control"] == "no-store";
    let request = http.post(format!("{}/v1/guests", world.server.url)).json(&json!({ "display_name": "Ann" }));
    for request in [
        request,
        ann.request(Method::POST, "/v1/tokens"),
        ann.request(Method::POST, &format!("/v1/rooms/{room}/tickets")).json(&json!({ "use": "ws" })),
    ] {
        let answer = request.send().await.expect("an answer");
        assert_guarded("a token", &answer);
        assert_eq!((answer.status().as_u16(), secret(&answer)), (201, true));
    }
    let request = ann.request(Method::GET, &format!("/v1/rooms/{room}/events")).header("accept", "text/event-stream");
    let stream = request.send().await.expect("an answer");
    assert_guarded("a stream", &stream);
}

#[tokio::test]
async fn browsers_that_come_over_tls_are_told_to_come_so_again() {
    let transport = async |world: &World, headers: &[(&str, &str)]| {
        let mut request = client().get(&world.server.url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("an answer");
        answer.headers().get("strict-transport-security").map(|value| value.to_str().expect("text").to_owned())
    };
    let year = Some("max-age=31536000".to_owned());
    let behind = World::with(&[PROXIES]).await;
    assert_eq!(transport(&behind, &[("x-forwarded-proto", "https")]).await, year);
    assert_eq!(transport(&behind, &[("forwarded", "for=203.0.113.7;proto=https")]).await, year);
    assert_eq!(transport(&behind, &[("x-forwarded-proto", "http")]).await, None);
    let alone = World::new().await;
    assert_eq!(transport(&alone, &[("x-forwarded-proto", "https")]).await, None);
}

#[tokio::test]
async fn a_target_a_head_and_a_body_have_an_end() {
    let world = World::new().await;
    let (ann, url) = (world.guest("Ann").await, &world.server.url);
    let room = ann.room().await;
    let long = async |length: usize| {
        let target = format!("{url}/v1/time?t0={}", "1".repeat(length - "/v1/time?t0=".len()));
        client().get(target).send().await.expect("an answer")
    };
    assert_eq!(long(8192).await.status(), 400, "no number has so many digits");
    let refused = long(8193).await;
    assert_guarded("a long target", &refused);
    assert_eq!(refused.status(), 414);
    assert!(refused.text().await.expect("text").contains("uri_too_long"));
    let request = client().get(format!("{url}/livez")).header("x", "y".repeat(70_000));
    assert_eq!(request.send().await.expect("an answer").status(), 431);
    let mut request = client().get(format!("{url}/livez"));
    for number in 0..101 {
        request = request.header(format!("x-{number}"), "y");
    }
    assert_eq!(request.send().await.expect("an answer").status(), 431);
    let nested = format!("{{\"type\":\"chat.post\",\"text\":{}1{}}}", "[".repeat(127), "]".repeat(127));
    let request = ann.request(Method::POST, &format!("/v1/rooms/{room}/commands"));
    let answer = request.header("content-type", "application/json").body(nested).send().await.expect("an answer");
    assert!(answer.text().await.expect("text").contains("invalid_json"));
}
