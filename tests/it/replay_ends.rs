//! What happens to a reader in the middle of a replay: it hears why it ends, and nothing that it may not see.

use serde_json::{Value, json};

use crate::restore::restored;
use crate::support::{Closed, Guest, Socket, World, eventually, grow};

/// More than the kernel and the server hold for a reader that does not read.
const EVENTS: i64 = 8000;

/// A long past is read when somebody joins; how fast is not what is tried here.
const PATIENT: (&str, &str) = ("SYNCTV_COMMAND_TIMEOUT_MS", "60000");

/// A room with a long past, of two members; and the second one's socket, in the middle of being told it.
struct Replay {
    ann: Guest,
    bob: Guest,
    room: String,
    head: i64,
    socket: Socket,
    heard: Vec<Value>,
}

impl Replay {
    async fn begin(world: &World) -> Self {
        let ann = world.guest("Ann").await;
        let room = ann.room().await;
        let text = "x".repeat(2000);
        ann.command(&room, json!({ "type": "chat.post", "text": text })).await.ok();
        grow(&world.database, EVENTS).await;
        let bob = world.guest("Bob").await;
        bob.join(&room).await;
        let ticket = bob.ticket(&room).await;
        let mut socket = Socket::narrow(&bob.url, &room, &ticket).await;
        socket.tell(json!({ "subscribe": { "from": "0" } })).await;
        let resumed = socket.until("resumed").await;
        Self { ann, bob, room, head: resumed["to"].as_i64().expect("a number"), socket, heard: Vec::new() }
    }

    /// Reads one message: who reads none for long is slow.
    async fn hear(&mut self) {
        let message = self.socket.hear().await;
        self.heard.push(message);
    }

    /// Reads on: the seqs without a hole from the first one, what came after the last event, and how it ended.
    async fn rest(mut self) -> (i64, Vec<Value>, Closed) {
        let (rest, closed) = self.socket.rest().await;
        let mut heard = self.heard;
        heard.extend(rest);
        let events = heard.iter().take_while(|message| message["event"].is_object()).count();
        let after = heard.split_off(events);
        let seqs: Vec<i64> = heard.iter().filter_map(|message| message["event"]["seq"].as_i64()).collect();
        let last = i64::try_from(seqs.len()).expect("small");
        assert_eq!(seqs, (1..=last).collect::<Vec<_>>());
        (last, after, closed)
    }
}

fn because(code: u16, reason: &str) -> Closed {
    Some((code, reason.to_owned()))
}

#[tokio::test]
async fn a_token_that_expires_during_a_replay_ends_it() {
    let world = World::with(&[PATIENT, ("SYNCTV_GUEST_TOKEN_SECS", "20")]).await;
    let mut replay = Replay::begin(&world).await;
    let refused = async || {
        if replay.bob.snapshot(&replay.room).await.status == 401 {
            return Some(());
        }
        replay.hear().await;
        None
    };
    eventually("the token expires", refused).await;
    let head = replay.head;
    let (last, after, closed) = replay.rest().await;
    assert_eq!(closed, because(4401, "token expired"), "{after:?}");
    assert!(last < head, "all {head} events were sent");
}

#[tokio::test]
async fn an_epoch_that_changes_during_a_replay_ends_it() {
    let world = World::with(&[PATIENT]).await;
    let replay = Replay::begin(&world).await;
    let epoch = restored(&world.database)["after"]["epoch"].clone();
    let noticed = async || (replay.bob.snapshot(&replay.room).await.body["epoch"] == epoch).then_some(());
    eventually("the server takes the new epoch up", noticed).await;
    let head = replay.head;
    let (last, after, closed) = replay.rest().await;
    assert_eq!(closed, because(4010, "epoch changed"), "{after:?}");
    let [Value::Object(reset)] = &after[..] else { panic!("{after:?}") };
    assert_eq!(reset["reset"]["epoch"], epoch);
    assert!(last < head, "all {head} events of another epoch were sent");
}

#[tokio::test]
async fn who_is_kicked_during_a_replay_is_told_no_more_of_it() {
    let world = World::with(&[PATIENT]).await;
    let replay = Replay::begin(&world).await;
    replay.ann.command(&replay.room, json!({ "type": "member.kick", "member": replay.bob.id })).await.ok();
    let head = replay.head;
    let (last, after, closed) = replay.rest().await;
    assert_eq!((after, closed), (vec![], because(4403, "forbidden")));
    assert!(last < head, "all {head} events were sent");
}

#[tokio::test]
async fn a_stream_ends_when_its_token_does_whatever_comes_next() {
    let world = World::with(&[("SYNCTV_GUEST_TOKEN_SECS", "4")]).await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let mut stream = ann.follow(&room, "0").await;
    stream.seqs_until(2).await;
    let refused = async || (ann.snapshot(&room).await.status == 401).then_some(());
    eventually("the token expires", refused).await;
    world.guest("Bob").await.join(&room).await;
    while let Some(sent) = stream.next().await {
        assert!(sent.event.is_some(), "told after the token expired: {}", sent.data);
    }
}

#[tokio::test]
async fn a_room_that_closes_during_a_replay_is_told_up_to_that() {
    let world = World::with(&[PATIENT]).await;
    let replay = Replay::begin(&world).await;
    replay.ann.command(&replay.room, json!({ "type": "room.close" })).await.ok();
    let closing = replay.head + 1;
    let (last, after, closed) = replay.rest().await;
    assert_eq!((last, after, closed), (closing, vec![], because(4404, "room closed")));
}
