//! The socket: subscriptions, commands, the clock, presence.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Guest, Socket, World, assert_verified};

async fn say(guest: &Guest, room: &str, count: usize) {
    for number in 0..count {
        guest.command(room, json!({ "type": "chat.post", "text": format!("{number}") })).await.ok();
    }
}

#[tokio::test]
async fn a_subscription_begins_where_it_was_asked_to() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    say(&ann, &room, 4).await;
    let now = ann.snapshot(&room).await.ok();
    let epoch = now["epoch"].as_str().expect("a string").to_owned();
    for (from, answer, events) in [
        ("snapshot".to_owned(), json!({ "snapshot": now, "epoch": epoch, "seq": 6 }), vec![]),
        ("now".to_owned(), json!({ "resumed": { "from": 6, "to": 6 } }), vec![]),
        (format!("{epoch}:3"), json!({ "resumed": { "from": 3, "to": 6 } }), vec![4, 5, 6]),
        (format!("{epoch}:0"), json!({ "resumed": { "from": 0, "to": 6 } }), vec![1, 2, 3, 4, 5, 6]),
        (format!("{epoch}:7"), json!({ "reset": { "reason": "ahead_of_head", "epoch": epoch, "seq": 6 } }), vec![]),
        ("other:3".to_owned(), json!({ "reset": { "reason": "epoch_changed", "epoch": epoch, "seq": 6 } }), vec![]),
    ] {
        let (mut socket, first) = ann.subscribed(&room, &from).await;
        assert_eq!(first, answer, "{from}");
        if let Some(last) = events.last() {
            assert_eq!(socket.seqs_until(*last).await, events, "{from}");
        }
        // A second subscription on the same socket takes the place of the first.
        socket.tell(json!({ "subscribe": { "from": format!("{epoch}:5") } })).await;
        assert_eq!(socket.hear().await, json!({ "resumed": { "from": 5, "to": 6 } }), "{from}, and again");
        assert_eq!(socket.seqs_until(6).await, [6], "{from}, and again");
    }
    let (mut socket, _) = ann.subscribed(&room, "snapshot").await;
    let (mut stream, stored) = (ann.follow(&room, "6").await, say(&ann, &room, 3).await);
    let () = stored;
    for event in ann.events(&room).await.split_off(6) {
        assert_eq!(socket.hear().await, json!({ "event": event }), "socket and page differ");
        assert_eq!(stream.next().await.map(|sent| sent.data), Some(event), "stream and page differ");
    }
}

#[tokio::test]
async fn a_reply_comes_after_its_events_and_repeats_are_answered_alike() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let (mut socket, _) = ann.subscribed(&room, "snapshot").await;
    for n in 0..20 {
        socket
            .tell(json!({ "id": n, "command": { "type": "chat.post", "text": n.to_string() }, "key": n.to_string() }))
            .await;
    }
    let (mut seen, mut replies) = (2, Vec::new());
    while replies.len() < 20 {
        let message = socket.hear().await;
        if let Some(seq) = message["event"]["seq"].as_i64() {
            assert_eq!(seq, seen + 1, "{message}");
            seen = seq;
        } else {
            let reply = message["reply"].clone();
            assert!(reply["seq"].as_i64().is_some_and(|seq| seq <= seen), "before its events ({seen}): {message}");
            replies.push(reply);
        }
    }
    let ids: Vec<_> = replies.iter().map(|reply| reply["id"].as_i64().expect("the id")).collect();
    let texts: Vec<_> = replies.iter().map(|reply| reply["events"][0]["data"]["text"].clone()).collect();
    assert_eq!(texts, ids.iter().map(|id| json!(id.to_string())).collect::<Vec<_>>(), "a reply has another's events");
    let seqs: Vec<_> = replies.iter().map(|reply| reply["seq"].as_i64()).collect();
    assert_eq!(seqs, (3..23).map(Some).collect::<Vec<_>>(), "commands of one socket are done in their order");

    let (mut bare, mut again) = (ann.socket(&room).await, replies[7].clone());
    bare.tell(json!({ "id": "x", "command": { "type": "chat.post", "text": "7" }, "key": "7" })).await;
    again["id"] = json!("x");
    assert_eq!(bare.hear().await["reply"], again, "who follows nothing is answered at once, and as before");
    bare.tell(json!({ "id": 2, "command": { "type": "chat.post", "text": "other" }, "key": "7" })).await;
    assert_eq!(bare.hear().await["reply"]["problem"]["code"], "idempotency_mismatch");
    bare.tell(json!({ "id": 3, "command": { "type": "playback.pause" } })).await;
    let nothing = bare.hear().await["reply"].clone();
    assert_eq!((&nothing["events"], &nothing["seq"]), (&json!([]), &json!(22)));
    assert_verified(&world.database);
}

#[tokio::test]
async fn what_is_no_message_gets_its_problem_and_stores_nothing() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let mut socket = ann.socket(&room).await;
    for (message, id, code) in [
        (r#"{"id":1}"#, json!(1), "invalid_message"),
        (r#"{"id":1,"command":{"type":"chat.post","text":"a","text":"b"}}"#, Value::Null, "duplicate_field"),
        (r#"{"id":1,"command":{"type":"chat.post","text":"a"},"key":"ü"}"#, json!(1), "invalid_idempotency_key"),
        (r#"{"id":1,"command":{"type":"chat.post"}}"#, json!(1), "missing_field"),
        (r#"{"id":1,"command":{"type":"chat.post","text":"a"},"if_match":"x:1"}"#, json!(1), "precondition_failed"),
        (r#"{"id":1,"subscribe":{"from":"yesterday"}}"#, json!(1), "invalid_cursor"),
        (r#"{"id":1,"auth":{"token":"x"}}"#, json!(1), "invalid_token"),
        (r#"{"id":1,"more":1}"#, json!(1), "invalid_message"),
        ("nonsense", Value::Null, "invalid_json"),
    ] {
        socket.send(tokio_tungstenite::tungstenite::Message::text(message)).await;
        let reply = socket.until("reply").await;
        assert_eq!((&reply["id"], &reply["problem"]["code"]), (&id, &json!(code)), "{message}: {reply}");
    }
    assert_eq!(ann.events(&room).await.len(), 2, "something was stored");
    socket.tell(json!({ "id": 9, "clock": { "t0": 12.5 } })).await;
    let clock = socket.until("clock").await;
    assert_eq!(clock["t0"], json!(12.5));
    assert!(clock["t1"].as_i64() <= clock["t2"].as_i64() && clock["t1"].as_i64() > Some(1_600_000_000_000), "{clock}");
}

#[tokio::test]
async fn a_ticket_opens_one_socket_at_whichever_node() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let (room, elsewhere) = (ann.room().await, ann.room().await);
    let ticket = ann.ticket(&room).await;
    let refusals = [
        (room.as_str(), "nonsense".to_owned(), "synctv.v1+json", "invalid_token"),
        (&room, ann.token.clone(), "synctv.v1+json", "invalid_token"),
        (&elsewhere, ticket.clone(), "synctv.v1+json", "invalid_token"),
        (&room, ticket.clone(), "other", "unsupported_protocol"),
    ];
    for (room, ticket, protocol, code) in refusals {
        let (_, problem) = ann.upgrade(room, &ticket, protocol).await;
        assert_eq!(problem["code"], code, "{problem}");
    }
    let page = ann.get(&format!("/v1/rooms/{room}/ws?ticket={ticket}")).await;
    assert_eq!((page.status, page.code()), (426, "websocket_required"));
    let page = ann.request(Method::GET, &format!("/v1/rooms/{room}/ws")).send().await.expect("an answer");
    assert_eq!(
        (page.headers()["upgrade"].as_bytes(), page.headers()["connection"].as_bytes()),
        (&b"websocket"[..], &b"upgrade"[..])
    );
    // Nothing so far has used it up.
    let at_other = ann.at(&other.url);
    let mut socket = Socket::open(&at_other.url, &room, &ticket).await;
    socket.tell(json!({ "subscribe": { "from": "now" } })).await;
    assert_eq!(socket.hear().await, json!({ "resumed": { "from": 2, "to": 2 } }));
    for node in [&ann, &at_other] {
        let (status, problem) = node.upgrade(&room, &ticket, "synctv.v1+json").await;
        assert_eq!((status, &problem["code"]), (401, &json!("ticket_used")), "at {}", node.url);
    }
    let refused = bob.post(&format!("/v1/rooms/{room}/tickets"), &json!({ "use": "ws" })).await;
    assert_eq!(refused.code(), "not_a_member");
}

#[tokio::test]
async fn members_see_who_is_there_and_who_types() {
    let world = World::new().await;
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let room = ann.room().await;
    bob.join(&room).await;
    let mut at_ann = ann.socket(&room).await;
    let (mut first, second) = (bob.socket(&room).await, bob.socket(&room).await);
    let told = |kind: &str, value: Value| json!({ "kind": kind, "member": bob.id, "value": value });
    assert_eq!(at_ann.until("ephemeral").await, told("presence", json!({ "state": "online" })));
    first.tell(json!({ "presence": { "state": "buffering" } })).await;
    assert_eq!(at_ann.until("ephemeral").await, told("presence", json!({ "state": "buffering" })));
    first.tell(json!({ "typing": true })).await;
    assert_eq!(at_ann.until("ephemeral").await, told("typing", json!(true)));
    first.tell(json!({ "report": { "skew_ms": -3, "rtt_ms": 40, "buffered_ms": 9000 } })).await;
    let report = told("report", json!({ "skew_ms": -3, "rtt_ms": 40, "buffered_ms": 9000 }));
    assert_eq!(at_ann.until("ephemeral").await, report);

    // Whoever comes later sees how things are.
    let mut late = ann.socket(&room).await;
    let mut seen = vec![late.until("ephemeral").await, late.until("ephemeral").await, late.until("ephemeral").await];
    seen.sort_by_key(|seen| seen["kind"].to_string());
    assert_eq!(seen, [told("presence", json!({ "state": "buffering" })), report, told("typing", json!(true))]);
    assert_eq!(at_ann.until("ephemeral").await, told("typing", json!(false)), "typing ends by itself");

    // One of two connections ends: nobody notices. The last one ends: after a grace, they are gone.
    drop(second);
    first.tell(json!({ "presence": { "state": "away" } })).await;
    assert_eq!(at_ann.until("ephemeral").await, told("presence", json!({ "state": "away" })));
    drop(first);
    assert_eq!(at_ann.until("ephemeral").await, told("presence", json!({ "state": "offline" })));
    assert_eq!(ann.events(&room).await.len(), 3, "presence was stored");
}
