//! How much an address may ask and hold, and who is believed about addresses.

use reqwest::{Client, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::{Guest, METRICS, Socket, World, client, client_at, eventually, left};

const ON: (&str, &str) = ("SYNCTV_RATE_LIMITS", "on");
const PROXIES: (&str, &str) = ("SYNCTV_TRUSTED_PROXIES", "127.0.0.0/8,10.0.0.0/8");
/// Guests of an address at once.
const GUESTS: u64 = 120;

async fn become_guest(http: &Client, url: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = http.post(format!("{url}/v1/guests")).json(&json!({ "display_name": "Ann" }));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.expect("an answer")
}

#[tokio::test]
async fn an_address_makes_so_many_guests_and_others_are_not_held_up() {
    let world = World::with(&[ON, PROXIES, METRICS]).await;
    let url = &world.server.url;
    let http = client_at("203.0.113.7");
    let mut made = 0;
    let refused = loop {
        let answer = become_guest(&http, url, &[]).await;
        if answer.status() != 201 {
            break answer;
        }
        made += 1;
        assert!(made < 10 * GUESTS, "there is no end");
    };
    assert!(made >= GUESTS, "{made}");
    assert_eq!((refused.status().as_u16(), left(&refused, "guests")), (429, Some(0)));
    let seconds: u64 = refused.headers()["retry-after"].to_str().expect("text").parse().expect("a number");
    assert!((1..=5).contains(&seconds), "{seconds}");
    assert_eq!(refused.json::<Value>().await.expect("JSON")["limit"], "guests");
    assert_eq!(become_guest(&client_at("203.0.113.8"), url, &[]).await.status(), 201);
    world.server.reaches("synctv_rate_limited_total{limit=\"guests\"}", 1.0).await;
}

#[tokio::test]
async fn a_customer_with_a_whole_network_is_one_client() {
    let world = World::with(&[ON, PROXIES]).await;
    let guests = async |address: &str| {
        left(&become_guest(&client_at(address), &world.server.url, &[]).await, "guests").expect("it is counted")
    };
    assert_eq!(guests("2001:db8:1:2::1").await, GUESTS - 1);
    assert_eq!(guests("2001:db8:1:2:ffff::9").await, GUESTS - 2);
    assert_eq!(guests("2001:db8:1:3::1").await, GUESTS - 1);
    assert_eq!(guests("203.0.113.7").await, GUESTS - 1);
    assert_eq!(guests("::ffff:203.0.113.7").await, GUESTS - 2);
}

#[tokio::test]
async fn a_stranger_who_tells_of_other_addresses_is_not_believed() {
    let world = World::with(&[ON]).await;
    let http = client();
    let lies: [&[(&str, &str)]; 4] = [
        &[],
        &[("x-forwarded-for", "203.0.113.7")],
        &[("forwarded", "for=203.0.113.8")],
        &[("x-forwarded-for", "203.0.113.9, 127.0.0.1"), ("x-real-ip", "203.0.113.9")],
    ];
    for (number, lie) in (1..).zip(lies) {
        let answer = become_guest(&http, &world.server.url, lie).await;
        assert_eq!(left(&answer, "guests"), Some(GUESTS - number), "{lie:?}");
    }
}

#[tokio::test]
async fn a_proxy_is_believed_about_the_nearest_stranger_only() {
    let world = World::with(&[ON, PROXIES]).await;
    let http = client();
    let told: [(&[(&str, &str)], u64); 8] = [
        (&[("x-forwarded-for", "203.0.113.7")], 1),
        // What the client wrote itself is left of it.
        (&[("x-forwarded-for", "198.51.100.1, 203.0.113.7")], 2),
        (&[("x-forwarded-for", "203.0.113.7, 10.1.2.3")], 3),
        (&[("forwarded", "for=198.51.100.1, for=\"203.0.113.7:4711\";proto=https, for=10.0.0.9")], 4),
        // Somebody else.
        (&[("x-forwarded-for", "203.0.113.8")], 1),
        // What cannot be read, and what contradicts itself, is the proxy's own.
        (&[("x-forwarded-for", "rubbish")], 1),
        (&[("x-forwarded-for", "198.51.100.1"), ("forwarded", "for=198.51.100.2")], 2),
        (&[], 3),
    ];
    for (headers, number) in told {
        let answer = become_guest(&http, &world.server.url, headers).await;
        assert_eq!(left(&answer, "guests"), Some(GUESTS - number), "{headers:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_asks_for_anything_without_end_is_held_back() {
    let world = World::with(&[ON, PROXIES]).await;
    let url = &world.server.url;
    let asking = (0..16).map(|_| async {
        let http = client_at("203.0.113.7");
        for _ in 0..1000 {
            let answer = http.get(format!("{url}/v1/nothing")).send().await.expect("an answer");
            if answer.status() == 429 {
                return Some(answer);
            }
            assert_eq!(answer.status(), 404);
        }
        None
    });
    let refused = futures::future::join_all(asking).await.into_iter().flatten().next().expect("16,000 are too many");
    let security = ["x-content-type-options", "content-security-policy"];
    assert!(security.iter().all(|name| refused.headers().contains_key(*name)), "{refused:?}");
    assert_eq!(refused.json::<Value>().await.expect("JSON")["limit"], "address");
    // Whoever asks how the server is, is told, from wherever.
    let health = client_at("203.0.113.7").get(format!("{url}/readyz")).send().await.expect("an answer");
    assert_eq!((health.status().as_u16(), left(&health, "address")), (200, None));
    let page = client_at("203.0.113.8").get(url).send().await.expect("an answer");
    assert_eq!(page.status(), 200);
}

const THREE: (&str, &str) = ("SYNCTV_CONNECTIONS_PER_ADDRESS", "3");

/// What a new connection is answered; empty when it is closed without a word.
async fn knock(address: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    let request = format!("GET /livez HTTP/1.1\r\nhost: {address}\r\n\r\n");
    let _ = stream.write_all(request.as_bytes()).await;
    let mut answer = vec![0; 1024];
    let length = stream.read(&mut answer).await.unwrap_or(0);
    (stream, String::from_utf8_lossy(&answer[..length]).into_owned())
}

#[tokio::test]
async fn an_address_holds_so_many_connections() {
    let world = World::with(&[ON, THREE, METRICS]).await;
    let address = world.server.url.trim_start_matches("http://");
    let mut held = Vec::new();
    for _ in 0..3 {
        let (stream, answer) = knock(address).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        held.push(stream);
    }
    let (_, answer) = knock(address).await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 429"), "{answer}");
    world.server.reaches("synctv_rate_limited_total{limit=\"connections\"}", 1.0).await;
    held.pop();
    let there_is_room = async || knock(address).await.1.starts_with("HTTP/1.1 200").then_some(());
    eventually("a place for another connection", there_is_room).await;
}

#[tokio::test]
async fn behind_a_proxy_sockets_and_streams_are_counted_by_their_clients() {
    let world = World::with(&[ON, PROXIES, THREE]).await;
    let url = &world.server.url;
    let at = |address: &'static str| [("x-forwarded-for", address)];
    let ann = Guest::at_address(url, "Ann", "203.0.113.7").await;
    let room = ann.room().await;
    let mut held = Vec::new();
    for _ in 0..2 {
        held.push(Socket::with(url, &room, &ann.ticket(&room).await, &at("203.0.113.7")).await.expect("a place"));
    }
    let stream = ann.follow(&room, "0").await;
    let refused = Socket::with(url, &room, &ann.ticket(&room).await, &at("203.0.113.7")).await;
    assert_eq!(refused.err(), Some(429));
    assert!(ann.try_follow(&room, "0").await.is_none());
    // The proxy's own connections are not counted, and other clients have places of their own.
    Socket::with(url, &room, &ann.ticket(&room).await, &at("203.0.113.8")).await.expect("a place");
    drop(stream);
    let ticket = ann.ticket(&room).await;
    let mut another = eventually("the place of the stream", async || {
        Socket::with(url, &room, &ticket, &at("203.0.113.7")).await.ok()
    })
    .await;
    another.tell(json!({ "id": 1, "subscribe": { "from": "now" } })).await;
    another.until("resumed").await;
}
