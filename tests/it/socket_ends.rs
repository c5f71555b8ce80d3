//! How sockets end, and what is not sent after that.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{sleep, timeout};

use crate::restore::restored;
use crate::support::{Guest, SOON, Socket, World};

fn seqs(heard: &[Value]) -> Vec<i64> {
    heard.iter().filter_map(|message| message["event"]["seq"].as_i64()).collect()
}

async fn say(guest: &Guest, room: &str, count: usize) {
    for number in 0..count {
        guest.command(room, json!({ "type": "chat.post", "text": format!("{number}") })).await.ok();
    }
}

#[tokio::test]
async fn who_is_kicked_or_leaves_hears_that_and_nothing_more() {
    let world = World::new().await;
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let room = ann.room().await;
    bob.join(&room).await;
    let (mut socket, _) = bob.subscribed(&room, "snapshot").await;
    ann.command(&room, json!({ "type": "member.kick", "member": bob.id })).await.ok();
    say(&ann, &room, 2).await;
    let (heard, closed) = socket.rest().await;
    assert_eq!((seqs(&heard), closed), (vec![4], Some((4403, "forbidden".to_owned()))), "{heard:?}");

    ann.forgive(&room, &bob).await;
    bob.join(&room).await;
    // Back again: neither the old kick nor the old join stop a replay.
    let (mut socket, _) = bob.subscribed(&room, "0").await;
    assert_eq!(socket.seqs_until(8).await, (1..=8).collect::<Vec<_>>());
    socket.tell(json!({ "id": 5, "command": { "type": "member.leave" } })).await;
    let (heard, closed) = socket.rest().await;
    assert_eq!((seqs(&heard), closed), (vec![9], Some((4403, "forbidden".to_owned()))), "{heard:?}");
    let reply = heard.last().expect("a reply");
    assert_eq!((&reply["reply"]["id"], &reply["reply"]["seq"]), (&json!(5), &json!(9)), "its own answer still comes");
}

#[tokio::test]
async fn who_never_subscribed_is_sent_away_as_well() {
    let world = World::new().await;
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let room = ann.room().await;
    bob.join(&room).await;
    let (mut silent, mut closing) = (bob.socket(&room).await, ann.socket(&room).await);
    ann.command(&room, json!({ "type": "member.kick", "member": bob.id })).await.ok();
    let (heard, closed) = silent.rest().await;
    assert_eq!((seqs(&heard), closed), (vec![], Some((4403, "forbidden".to_owned()))));
    ann.command(&room, json!({ "type": "room.close" })).await.ok();
    let (heard, closed) = closing.rest().await;
    assert_eq!((seqs(&heard), closed), (vec![], Some((4404, "room closed".to_owned()))));
}

#[tokio::test]
async fn a_replay_stops_where_permission_was_lost_meanwhile() {
    let world = World::new().await;
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let room = ann.room().await;
    bob.join(&room).await;
    say(&ann, &room, 300).await;
    let mut socket = bob.socket(&room).await;
    ann.command(&room, json!({ "type": "member.kick", "member": bob.id })).await.ok();
    say(&ann, &room, 5).await;
    socket.tell(json!({ "id": 1, "subscribe": { "from": "0" } })).await;
    let (heard, closed) = socket.rest().await;
    assert_eq!((seqs(&heard), closed), (vec![], Some((4403, "forbidden".to_owned()))), "{heard:?}");
}

#[tokio::test]
async fn a_closed_room_ends_its_sockets_and_can_be_followed_until_it_reopens() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let (mut socket, _) = ann.subscribed(&room, "snapshot").await;
    ann.command(&room, json!({ "type": "room.close" })).await.ok();
    let (heard, closed) = socket.rest().await;
    assert_eq!((seqs(&heard), closed), (vec![3], Some((4404, "room closed".to_owned()))));
    let (mut socket, first) = ann.subscribed(&room, "now").await;
    assert_eq!(first, json!({ "resumed": { "from": 3, "to": 3 } }));
    ann.command(&room, json!({ "type": "room.reopen" })).await.ok();
    assert_eq!(socket.seqs_until(4).await, [4]);
    let (mut replay, _) = ann.subscribed(&room, "0").await;
    assert_eq!(replay.seqs_until(4).await, [1, 2, 3, 4], "an old closing does not stop a replay");
}

#[tokio::test]
async fn a_new_epoch_resets_and_ends_a_socket() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let (mut socket, first) = ann.subscribed(&room, "snapshot").await;
    let old = first["epoch"].clone();
    restored(&world.database);
    let (heard, closed) = socket.rest().await;
    assert_eq!(closed, Some((4010, "epoch changed".to_owned())), "{heard:?}");
    let reset = &heard.last().expect("a reset")["reset"];
    assert_eq!((&reset["reason"], &reset["seq"]), (&json!("epoch_changed"), &json!(2)));
    assert_ne!(reset["epoch"], old);
}

#[tokio::test]
async fn a_drain_tells_when_to_come_back() {
    let World { server, database, dir } = World::new().await;
    let ann = Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    let (mut socket, _) = ann.subscribed(&room, "snapshot").await;
    let ending = std::thread::spawn(move || server.terminate());
    let (heard, closed) = socket.rest().await;
    let drain = &heard.last().expect("a drain")["drain"];
    assert!(drain["retry_after_ms"].as_i64().is_some_and(|ms| (0..2000).contains(&ms)), "{heard:?}");
    assert_eq!(closed, Some((4001, "draining".to_owned())));
    drop(socket);
    assert!(ending.join().expect("it ends").success());
    drop((database, dir));
}

#[tokio::test]
async fn a_token_is_announced_renewed_in_place_and_ends_its_socket() {
    let world = World::with(&[("SYNCTV_GUEST_TOKEN_SECS", "62")]).await;
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let room = ann.room().await;
    let mut socket = ann.socket(&room).await;
    let warned = socket.until("token").await;
    assert!(warned["expires_at"].is_string(), "{warned}");
    socket.tell(json!({ "id": 1, "auth": { "token": bob.token } })).await;
    assert_eq!(socket.until("reply").await["problem"]["code"], "another_actor");
    let renewed = ann.post("/v1/tokens", &json!({})).await.ok();
    socket.tell(json!({ "id": 2, "auth": { "token": renewed["access_token"] } })).await;
    let reply = socket.until("reply").await;
    assert_eq!((&reply["id"], &reply["expires_at"]), (&json!(2), &renewed["expires_at"]));
    assert!(socket.until("token").await["expires_at"].is_string(), "it is announced again");

    let short = World::with(&[("SYNCTV_GUEST_TOKEN_SECS", "2")]).await;
    let cat = short.guest("Cat").await;
    let room = cat.room().await;
    let (mut socket, _) = cat.subscribed(&room, "snapshot").await;
    let (heard, closed) = socket.rest().await;
    assert_eq!(closed, Some((4401, "token expired".to_owned())), "{heard:?}");
}

#[tokio::test]
async fn what_is_no_message_is_refused_with_its_code() {
    use tokio_tungstenite::tungstenite::Message;
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    for (message, code) in [(Message::binary(vec![1, 2, 3]), 4500), (Message::text("x".repeat(70_000)), 1009)] {
        let mut socket: Socket = ann.socket(&room).await;
        socket.send(message).await;
        let (heard, closed) = socket.rest().await;
        assert_eq!(closed.map(|(code, _)| code), Some(code), "{heard:?}");
    }
    ann.snapshot(&room).await.ok();
}

#[tokio::test]
async fn who_talks_on_after_breaking_the_protocol_still_hears_why() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let mut socket = ann.socket(&room).await;
    let wire = socket.wire();
    // Reserved bits.
    wire.write_all(&[0xf1, 0x80, 0, 0, 0, 0]).await.expect("it is open");
    wire.readable().await.expect("it is answered");
    for _ in 0..3 {
        // To a socket that nobody reads, this brings a reset.
        wire.write_all(&[0; 10_000]).await.expect("it is still read");
        sleep(Duration::from_millis(100)).await;
    }
    let mut heard = Vec::new();
    timeout(SOON, wire.read_to_end(&mut heard)).await.expect("it ends").expect("without a reset");
    assert_eq!(heard, b"\x88\x0b\x03\xeamalformed");
}
