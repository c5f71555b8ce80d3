//! Pages of other sites.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{Socket, World, client};

const ORIGINS: (&str, &str) = ("SYNCTV_CORS_ORIGINS", "https://a.example,http://localhost:5173");

/// What a browser asks before it lets a page do this.
async fn preflight(world: &World, path: &str, origin: &str, method: &str) -> Response {
    let request = client().request(Method::OPTIONS, format!("{}{path}", world.server.url)).header("origin", origin);
    let request = request.header("access-control-request-method", method);
    let asked = "authorization,content-type,idempotency-key,if-match,if-none-match,last-event-id";
    request.header("access-control-request-headers", asked).send().await.expect("an answer")
}

/// A header's values in small letters, in order.
fn list(response: &Response, name: &str) -> Vec<String> {
    let values = response.headers().get_all(name).iter().filter_map(|value| value.to_str().ok());
    let mut values: Vec<String> =
        values.flat_map(|value| value.split(',')).map(|value| value.trim().to_lowercase()).collect();
    values.sort();
    values
}

#[tokio::test]
async fn pages_of_named_origins_may_use_the_interface() {
    let world = World::with(&[ORIGINS, ("SYNCTV_RATE_LIMITS", "on")]).await;
    for origin in ["https://a.example", "http://localhost:5173"] {
        let answer = preflight(&world, "/v1/rooms", origin, "POST").await;
        assert!(answer.status().is_success());
        assert_eq!(list(&answer, "access-control-allow-origin"), [origin]);
        assert_eq!(list(&answer, "access-control-allow-methods"), ["delete", "get", "head", "post"]);
        let headers =
            ["authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "last-event-id"];
        assert_eq!(list(&answer, "access-control-allow-headers"), headers);
        assert_eq!(list(&answer, "access-control-max-age"), ["7200"]);
        assert_eq!(list(&answer, "vary"), ["origin"]);
        assert!(!answer.headers().contains_key("access-control-allow-credentials"));

        let request = client().post(format!("{}/v1/guests", world.server.url)).json(&json!({ "display_name": "Ann" }));
        let answer = request.header("origin", origin).send().await.expect("an answer");
        assert_eq!(
            (answer.status().as_u16(), list(&answer, "access-control-allow-origin")),
            (201, vec![origin.to_owned()])
        );
        let exposed = ["etag", "location", "ratelimit", "ratelimit-policy", "retry-after"];
        assert_eq!(list(&answer, "access-control-expose-headers"), exposed);
        assert_eq!(list(&answer, "vary"), ["origin"]);
        assert!(!answer.headers().contains_key("access-control-allow-credentials"));
    }
    // A refusal can be read as well, and what is kept for other reasons keeps them.
    let request = client().get(format!("{}/v1/rooms", world.server.url)).header("origin", "https://a.example");
    let refused = request.send().await.expect("an answer");
    assert_eq!((refused.status().as_u16(), list(&refused, "access-control-allow-origin").len()), (401, 1));
    let page = client().get(format!("{}/app.js", world.server.url)).send().await.expect("an answer");
    assert_eq!(list(&page, "vary"), ["accept-encoding", "origin"]);
}

#[tokio::test]
async fn pages_of_other_origins_may_not() {
    let world = World::with(&[ORIGINS]).await;
    for origin in
        ["https://evil.example", "https://a.example.evil.example", "http://a.example", "https://a.example:444", "null"]
    {
        let answer = preflight(&world, "/v1/rooms", origin, "POST").await;
        assert!(!answer.headers().contains_key("access-control-allow-origin"), "{origin}");
        let request = client().get(format!("{}/v1/time", world.server.url)).header("origin", origin);
        let answer = request.send().await.expect("an answer");
        assert!(!answer.headers().contains_key("access-control-allow-origin"), "{origin}");
        assert_eq!(list(&answer, "vary"), ["origin"], "{origin}");
    }
    // None are named: nobody is answered.
    let closed = World::new().await;
    let answer = preflight(&closed, "/v1/rooms", "https://a.example", "POST").await;
    assert_eq!(answer.status(), 405);
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    assert!(!answer.headers().contains_key("vary"));
    let open = World::with(&[("SYNCTV_CORS_ORIGINS", "*")]).await;
    let answer = preflight(&open, "/v1/rooms", "https://any.example", "POST").await;
    assert_eq!(list(&answer, "access-control-allow-origin"), ["*"]);
}

#[tokio::test]
async fn a_page_of_another_site_opens_no_socket() {
    let world = World::with(&[ORIGINS]).await;
    let ann = world.guest("Ann").await;
    let (room, url) = (ann.room().await, &world.server.url);
    let open = async |ticket: &str, origin: &str| Socket::with(url, &room, ticket, &[("origin", origin)]).await.err();
    let ticket = ann.ticket(&room).await;
    for origin in ["https://evil.example", "null", "http://127.0.0.1:1"] {
        assert_eq!(open(&ticket, origin).await, Some(403), "{origin}");
    }
    // A refusal uses up no ticket; and it says what is wrong.
    assert_eq!(open(&ticket, url).await, None, "the server's own page");
    assert_eq!(open(&ann.ticket(&room).await, "https://a.example").await, None);
    let request = ann.request(Method::GET, &format!("/v1/rooms/{room}/ws?ticket=x"));
    let request =
        request.header("connection", "upgrade").header("upgrade", "websocket").header("origin", "https://evil.example");
    let request = request.header("sec-websocket-version", "13").header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    let answer: Value = request.send().await.expect("an answer").json().await.expect("JSON");
    assert_eq!(answer["code"], "origin_not_allowed");
}
