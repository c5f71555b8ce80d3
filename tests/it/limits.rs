//! How much actors and rooms may ask, and that requests and sockets are counted alike.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::join_all;
use reqwest::{Method, Response};
use serde_json::{Value, json};

use crate::support::{Answer, Guest, METRICS, Socket, World, assert_verified, eventually, field, left};

const ON: (&str, &str) = ("SYNCTV_RATE_LIMITS", "on");
const PROXIES: (&str, &str) = ("SYNCTV_TRUSTED_PROXIES", "127.0.0.0/8");
/// Messages of one actor at once.
const CHAT: u64 = 30;

fn chat(text: &str) -> Value {
    json!({ "type": "chat.post", "text": text })
}

/// What a command is answered, with its headers.
async fn raw(guest: &Guest, room: &str, command: &Value, key: Option<&str>) -> Response {
    let mut request = guest.request(Method::POST, &format!("/v1/rooms/{room}/commands")).json(command);
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    request.send().await.expect("an answer")
}

/// Says so much that nothing is left.
async fn talk(guest: &Guest, room: &str) -> Answer {
    for _ in 0..10 * CHAT {
        let answer = guest.command(room, chat("x")).await;
        if answer.status != 200 {
            return answer;
        }
    }
    panic!("{} messages at once are not too many", 10 * CHAT);
}

/// As [`talk`], over a socket: the problem.
async fn talk_over(socket: &mut Socket) -> Value {
    for id in 0..10 * CHAT {
        socket.tell(json!({ "id": id, "command": chat("x") })).await;
        let problem = socket.until("reply").await["problem"].take();
        if !problem.is_null() {
            return problem;
        }
    }
    panic!("{} messages at once are not too many", 10 * CHAT);
}

#[tokio::test]
async fn who_asks_is_told_what_is_left_and_who_asks_too_often_when_there_is_more() {
    let world = World::with(&[ON]).await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let room = ann.room().await;
    ben.join(&room).await;
    let first = raw(&ann, &room, &chat("x"), None).await;
    let policy = field(&first, "ratelimit-policy");
    let names: Vec<&str> = policy.iter().map(|(name, _)| &**name).collect();
    assert_eq!(names[0], "chat", "what is used up most comes first: {names:?}");
    for (name, parameters) in &policy {
        assert!(["address", "commands", "chat", "room"].contains(&&**name), "{name}");
        assert!(parameters["q"] > 0 && parameters["w"] > 0 && parameters.len() == 2, "{name} {parameters:?}");
    }
    assert_eq!(policy.len(), 4, "{policy:?}");
    for (name, parameters) in field(&first, "ratelimit") {
        assert!(parameters["t"] > 0 && parameters.len() == 2, "{name} {parameters:?}");
        let (_, policy) = policy.iter().find(|(own, _)| *own == name).expect("the same limits");
        assert!(parameters["r"] < policy["q"], "{name} {parameters:?}");
    }
    assert_eq!(policy[0].1["q"], CHAT);
    assert_eq!(left(&first, "chat"), Some(CHAT - 1));
    assert!(left(&raw(&ann, &room, &chat("x"), None).await, "chat") < Some(CHAT - 1));

    let refused = talk(&ann, &room).await;
    assert_eq!((refused.status, refused.code(), &refused.body["limit"]), (429, "rate_limited", &json!("chat")));
    let wait = refused.body["retry_after_ms"].as_u64().expect("a number");
    assert!((1..=1000).contains(&wait), "{wait}");
    let refused = eventually("one more refusal", async || {
        Some(raw(&ann, &room, &chat("x"), None).await).filter(|refused| refused.status() == 429)
    })
    .await;
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!((left(&refused, "chat"), field(&refused, "ratelimit")[0].0.as_str()), (Some(0), "chat"));

    // She still does all else, and others speak.
    let other = raw(&ann, &room, &json!({ "type": "playlist.add", "url": "https://media.test/a.mp4" }), None).await;
    assert_eq!((other.status(), left(&other, "chat")), (reqwest::StatusCode::OK, None));
    ben.command(&room, chat("quiet, please")).await.ok();
    eventually("she may speak again", async || (ann.command(&room, chat("sorry")).await.status == 200).then_some(()))
        .await;
    assert_verified(&world.database);
}

#[tokio::test]
async fn a_socket_uses_up_what_a_request_does_and_is_refused_alike() {
    let world = World::with(&[ON, METRICS]).await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let room = ann.room().await;
    ben.join(&room).await;
    let (mut anns, mut bens) = (ann.socket(&room).await, ben.socket(&room).await);
    let by_request = talk(&ann, &room).await.body;
    let by_socket = talk_over(&mut bens).await;
    // What one has used up over the one, they lack over the other.
    let after_requests = talk_over(&mut anns).await;
    let after_messages = talk(&ben, &room).await.body;
    for problem in [&by_request, &by_socket, &after_requests, &after_messages] {
        for (name, value) in [("status", json!(429)), ("code", json!("rate_limited")), ("limit", json!("chat"))] {
            assert_eq!(problem[name], value, "{problem:#}");
        }
        assert!(problem["retry_after_ms"].as_u64().is_some_and(|ms| (1..=1000).contains(&ms)), "{problem:#}");
    }
    let scrape = world.server.scrape().await;
    assert!(scrape.value("synctv_rate_limited_total{limit=\"chat\"}") >= 4.0);
    let posted = ann.events(&room).await.iter().filter(|event| event["type"] == "chat.posted").count() as u64;
    assert!((2 * CHAT..4 * CHAT).contains(&posted), "{posted} messages of two who may say {CHAT} at once");
}

#[tokio::test]
async fn a_repeat_costs_nothing_and_is_answered_to_who_has_nothing_left() {
    let world = World::with(&[ON]).await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let first = raw(&ann, &room, &chat("first"), Some("k")).await;
    let before = left(&first, "commands").expect("it is counted");
    let first: Value = first.json().await.expect("JSON");
    for _ in 0..2 * CHAT {
        let again = raw(&ann, &room, &chat("first"), Some("k")).await;
        assert!(left(&again, "commands") >= Some(before), "{again:?}");
        assert!(left(&again, "chat") >= Some(CHAT - 1), "{again:?}");
        assert_eq!(again.json::<Value>().await.expect("JSON"), first);
    }
    talk(&ann, &room).await;
    // By request and by socket; what was not answered before is not.
    for _ in 0..3 {
        assert_eq!(ann.keyed(&room, &chat("first"), "k").await.ok(), first);
    }
    let (mut socket, refused) = (ann.socket(&room).await, talk(&ann, &room).await);
    assert_eq!(refused.body["limit"], "chat");
    socket.tell(json!({ "id": 7, "command": chat("first"), "key": "k" })).await;
    assert_eq!(socket.until("reply").await["seq"], first["seq"]);
    let other = eventually("a refusal under a new key", async || {
        let answer = ann.keyed(&room, &chat("other"), "other").await;
        if answer.status == 200 {
            talk(&ann, &room).await;
        }
        let again = ann.keyed(&room, &chat("new"), "new").await;
        (again.status == 429).then_some(again)
    })
    .await;
    assert_eq!(other.body["limit"], "chat");
    assert_eq!(ann.keyed(&room, &chat("another text"), "k").await.code(), "idempotency_mismatch");
    assert_verified(&world.database);
}

#[tokio::test]
async fn making_rooms_is_limited_and_the_answer_of_a_room_made_is_given_again() {
    let world = World::with(&[ON]).await;
    let ann = world.guest("Ann").await;
    let wish = json!({ "name": "r", "join_rule": "public", "visibility": "unlisted" });
    let make = async |key: &str| {
        let request = ann.request(Method::POST, "/v1/rooms").header("idempotency-key", key.to_owned());
        crate::support::send(request.json(&wish)).await
    };
    let first = make("0").await;
    let mut refused = None;
    for number in 1..100 {
        let answer = make(&number.to_string()).await;
        if answer.status != 201 {
            refused = Some((number, answer));
            break;
        }
    }
    let (made, refused) = refused.expect("a hundred rooms at once are too many");
    assert!(made >= 20, "only {made} rooms");
    assert_eq!((refused.status, refused.code(), &refused.body["limit"]), (429, "rate_limited", &json!("rooms")));
    assert_eq!(make("0").await, first);
    // In a room that is there, nothing has changed.
    let room = first.body["room_id"].as_str().expect("a room");
    ann.command(room, chat("x")).await.ok();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_room_that_is_full_of_noise_still_hears_who_keeps_order() {
    let world = World::with(&[ON, PROXIES]).await;
    let url = &world.server.url;
    let ann = Guest::at_address(url, "Ann", "203.0.113.1").await;
    let room = ann.room().await;
    let loud =
        (0..30).map(|number| async move { Guest::at_address(url, "Loud", &format!("198.51.100.{number}")).await });
    let crowd: Vec<Guest> = join_all(loud).await;
    // Strangers use up nothing of it.
    let noise = json!({ "type": "playlist.remove", "item_id": "itm_01ARZ3NDEKTSV4RRFFQ69G5FAV" });
    let stranger = raw(&crowd[0], &room, &noise, None).await;
    assert_eq!((stranger.status().as_u16(), left(&stranger, "room")), (403, Some(2000)));
    join_all(crowd.iter().map(|guest| guest.join(&room))).await;

    let (refused, enough) = (AtomicUsize::new(0), AtomicBool::new(false));
    let shout = async |guest: &Guest| {
        while !enough.load(Ordering::Relaxed) {
            let answer = guest.command(&room, noise.clone()).await;
            refused.fetch_add(usize::from(answer.body["limit"] == "room"), Ordering::Relaxed);
        }
    };
    let order = async {
        let full = async || (refused.load(Ordering::Relaxed) > 30).then_some(());
        eventually("a room that is full of noise", full).await;
        for number in 0..20 {
            let role = if number % 2 == 0 { "moderator" } else { "member" };
            ann.command(&room, json!({ "type": "member.set_role", "member": crowd[0].id, "role": role })).await.ok();
        }
        ann.command(&room, json!({ "type": "member.kick", "member": crowd[0].id })).await.ok();
        // Another room has quiet of its own.
        let other = ann.room().await;
        ann.command(&other, chat("x")).await.ok();
        enough.store(true, Ordering::Relaxed);
    };
    futures::future::join(join_all(crowd.iter().map(shout)), order).await;
}

#[tokio::test]
async fn a_client_that_floods_its_socket_is_refused_and_then_closed() {
    let world = World::with(&[ON, METRICS]).await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let mut socket = ann.socket(&room).await;
    for _ in 0..20 {
        socket.tell(json!({ "id": 1, "clock": { "t0": 0 } })).await;
        socket.until("clock").await;
    }
    let (mut told, mut refused) = (0, 0);
    let closed = loop {
        // What the kernel takes of it, until the server closes.
        for _ in 0..20 {
            if !socket.try_tell(json!({ "id": told, "typing": true })).await {
                break;
            }
            told += 1;
        }
        assert!(told < 100_000, "it goes on and on");
        match socket.soon(Duration::from_millis(5)).await {
            None => {}
            Some(Ok(message)) => {
                assert_eq!(message["reply"]["problem"]["limit"], "messages", "{message}");
                refused += 1;
            }
            Some(Err(closed)) => break closed,
        }
    };
    assert_eq!(
        closed,
        Some((4429, "too many messages".to_owned())),
        "after {told} messages, {refused} of them refused"
    );
    assert!(told >= 400 && refused >= 1, "{told} {refused}");
    assert_eq!(world.server.reaches("synctv_closes_total{code=\"4429\"}", 1.0).await.value("synctv_lanes"), 1.0);
    // It is that socket's affair alone.
    let mut another = ann.socket(&room).await;
    another.tell(json!({ "id": 1, "clock": { "t0": 0 } })).await;
    another.until("clock").await;
}

#[tokio::test]
async fn limits_that_are_off_are_not_spoken_of() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    for _ in 0..3 * CHAT {
        let answer = raw(&ann, &room, &chat("x"), None).await;
        assert_eq!(answer.status(), 200);
        assert!(field(&answer, "ratelimit").is_empty() && field(&answer, "ratelimit-policy").is_empty());
    }
}
