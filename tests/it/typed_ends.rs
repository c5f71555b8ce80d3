//! How typed streams end, and what is not sent after that.

use serde_json::{Value, json};
use tonic::Code;

use crate::restore::restored;
use crate::support::{Ended, Guest, KINDS, Kind, World, eventually, grow};

/// More than both sides and the kernel hold for a reader that does not read.
const EVENTS: i64 = 2000;

fn seqs(heard: &[Value]) -> Vec<i64> {
    heard.iter().filter_map(|message| message["event"]["seq"].as_i64()).collect()
}

/// What a call ends with, and what a socket is closed with.
#[track_caller]
fn assert_ended(kind: Kind, ended: &Ended, call: (Code, &str), close: u16) {
    if kind != Kind::Socket {
        assert_eq!(ended.failure().codes(), call, "{kind:?}: {ended:?}");
    }
    assert_eq!(ended.close_code(), Some(close), "{kind:?}: {ended:?}");
}

const NOT_A_MEMBER: (Code, &str) = (Code::PermissionDenied, "not_a_member");
const CLOSED: (Code, &str) = (Code::FailedPrecondition, "room_closed");

async fn say(guest: &Guest, room: &str, count: usize) {
    for number in 0..count {
        guest.command(room, json!({ "type": "chat.post", "text": format!("{number}") })).await.ok();
    }
}

/// A room of Ann's with Bob in it.
async fn pair(world: &World) -> (Guest, Guest, String) {
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let room = ann.room().await;
    bob.join(&room).await;
    (ann, bob, room)
}

#[tokio::test]
async fn who_is_kicked_hears_that_and_nothing_more() {
    let world = World::new().await;
    for kind in KINDS {
        let (ann, bob, room) = pair(&world).await;
        let (mut stream, _) = kind.open(&bob, &room, "snapshot").await;
        ann.command(&room, json!({ "type": "member.kick", "member": bob.id })).await.ok();
        say(&ann, &room, 2).await;
        let (heard, ended) = stream.rest().await;
        assert_eq!(seqs(&heard), [4], "{kind:?}: {heard:?}");
        assert_eq!(heard[0]["event"]["type"], "member.kicked");
        assert_ended(kind, &ended, NOT_A_MEMBER, 4403);
    }
}

#[tokio::test]
async fn a_closed_room_ends_its_streams_and_can_be_followed_until_it_reopens() {
    let world = World::new().await;
    for kind in KINDS {
        let ann = world.guest("Ann").await;
        let room = ann.room().await;
        let (mut stream, _) = kind.open(&ann, &room, "snapshot").await;
        ann.command(&room, json!({ "type": "room.close" })).await.ok();
        let (heard, ended) = stream.rest().await;
        assert_eq!(seqs(&heard), [3], "{kind:?}: {heard:?}");
        assert_ended(kind, &ended, CLOSED, 4404);
        let (mut stream, first) = kind.open(&ann, &room, "now").await;
        assert_eq!(first["resumed"], json!({ "from": 3, "to": 3 }), "{kind:?}");
        ann.command(&room, json!({ "type": "room.reopen" })).await.ok();
        assert_eq!(stream.seqs_until(4).await, [4], "{kind:?}");
        let (mut replay, _) = kind.open(&ann, &room, "0").await;
        assert_eq!(replay.seqs_until(4).await, [1, 2, 3, 4], "{kind:?}: an old closing does not stop a replay");
    }
}

#[tokio::test]
async fn who_never_subscribed_is_sent_away_as_well() {
    let world = World::new().await;
    let (ann, bob, room) = pair(&world).await;
    let (mut silent, mut closing) =
        (bob.grpc().session(&room).await.expect("it opens"), ann.grpc().session(&room).await.expect("it opens"));
    for session in [&mut silent, &mut closing] {
        session.tell(json!({ "clock": { "t0": 1.0 } })).await;
        session.until("clock").await;
    }
    ann.command(&room, json!({ "type": "member.kick", "member": bob.id })).await.ok();
    let (heard, ended) = silent.rest().await;
    assert_eq!(seqs(&heard), [0; 0]);
    assert_ended(Kind::Session, &ended, NOT_A_MEMBER, 4403);
    ann.command(&room, json!({ "type": "room.close" })).await.ok();
    assert_ended(Kind::Session, &closing.rest().await.1, CLOSED, 4404);
}

#[tokio::test]
async fn a_lost_token_is_reset_to_the_head_and_the_stream_goes_on_there() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    for kind in KINDS {
        let room = ann.room().await;
        let epoch = ann.snapshot(&room).await.ok()["epoch"].as_str().expect("a string").to_owned();
        let mut head = 2;
        for (token, reason) in [
            (format!("{epoch}:{}", head + 100), "ahead_of_head"),
            ("100".to_owned(), "ahead_of_head"),
            ("another:1".to_owned(), "epoch_changed"),
            ("another:100".to_owned(), "epoch_changed"),
        ] {
            let (mut stream, first) = kind.open(&ann, &room, &token).await;
            let what = format!("{kind:?} from {token}: {first}");
            assert_eq!(first["reset"], json!({ "reason": reason, "epoch": epoch, "seq": head }), "{what}");
            assert_eq!(first["resume_token"], format!("{epoch}:{head}"), "{what}");
            say(&ann, &room, 1).await;
            head += 1;
            let next = stream.hear().await;
            assert_eq!(next["event"]["seq"], json!(head), "{what}");
            assert_eq!(next["resume_token"], format!("{epoch}:{head}"), "{what}");
        }
    }
}

#[tokio::test]
async fn a_new_epoch_resets_and_ends_every_stream() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let mut open = Vec::new();
    for kind in KINDS {
        open.push((kind, kind.open(&ann, &room, "snapshot").await.0));
    }
    let now = restored(&world.database)["after"]["epoch"].clone();
    for (kind, mut stream) in open {
        let (heard, ended) = stream.rest().await;
        let last = heard.last().expect("a reset");
        assert_eq!(last["reset"], json!({ "reason": "epoch_changed", "epoch": now, "seq": 2 }), "{kind:?}");
        assert_ended(kind, &ended, (Code::Aborted, "epoch_changed"), 4010);
        let token = last["resume_token"].as_str().expect("a token");
        let resumed = async || {
            let answer = ann.snapshot(&room).await;
            (answer.body["epoch"] == now).then_some(())
        };
        eventually("the new epoch", resumed).await;
        assert_eq!(kind.open(&ann, &room, token).await.1["resumed"], json!({ "from": 2, "to": 2 }), "{kind:?}");
    }
}

#[tokio::test]
async fn a_drain_tells_when_to_come_back() {
    let World { server, database: _database, dir: _dir } = World::new().await;
    let ann = Guest::new(&server.url, "Ann").await;
    let room = ann.room().await;
    let mut open = Vec::new();
    for kind in KINDS {
        open.push((kind, kind.open(&ann, &room, "snapshot").await.0));
    }
    let ending = std::thread::spawn(move || server.terminate());
    for (kind, stream) in &mut open {
        let (heard, ended) = stream.rest().await;
        let last = heard.last().expect("a drain");
        assert!(last["drain"]["retry_after_ms"].as_i64().is_some_and(|ms| (0..2000).contains(&ms)), "{kind:?}: {last}");
        assert_eq!(last["resume_token"], "", "{kind:?}");
        assert_ended(*kind, &ended, (Code::Unavailable, "draining"), 4001);
    }
    drop(open);
    assert!(ending.join().expect("it ends").success());
}

#[tokio::test]
async fn a_token_that_expires_ends_its_stream() {
    let world = World::with(&[("SYNCTV_GUEST_TOKEN_SECS", "3")]).await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let mut open = Vec::new();
    for kind in KINDS {
        open.push((kind, kind.open(&ann, &room, "snapshot").await.0));
    }
    for (kind, mut stream) in open {
        let (heard, ended) = stream.rest().await;
        assert_eq!(seqs(&heard), [0; 0], "{kind:?}");
        assert_ended(kind, &ended, (Code::Unauthenticated, "token_expired"), 4401);
    }
    let refused = Kind::Watch.refused(&ann, &room).await;
    assert_eq!(refused.codes(), (Code::Unauthenticated, "token_expired"), "{refused:?}");
}

#[tokio::test]
async fn a_session_announces_the_end_of_its_token_and_takes_another_one() {
    let world = World::with(&[("SYNCTV_GUEST_TOKEN_SECS", "62")]).await;
    let (ann, bob) = (world.guest("Ann").await, world.guest("Bob").await);
    let room = ann.room().await;
    let (mut stream, mut socket) = (ann.grpc().session(&room).await.expect("it opens"), ann.typed_socket(&room).await);
    for session in [&mut stream, &mut socket] {
        assert!(session.until("token").await["expires_at"].is_string());
        let renewed = ann.post("/v1/tokens", &json!({})).await.ok();
        session.tell(json!({ "id": 1, "auth": { "token": bob.token } })).await;
        let refused = session.until("reply").await;
        assert_eq!((&refused["id"], &refused["problem"]["code"]), (&json!(1), &json!("another_actor")));
        session.tell(json!({ "id": 2, "auth": { "token": renewed["access_token"] } })).await;
        let taken = session.until("reply").await;
        assert_eq!((&taken["id"], &taken["renewed"]["expires_at"]), (&json!(2), &renewed["expires_at"]));
        assert!(session.until("token").await["expires_at"].is_string(), "it is announced again");
    }
}

/// A stream in the middle of a long past.
async fn replay(world: &World, kind: Kind) -> (Guest, Guest, String, crate::support::Typed) {
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    ann.command(&room, json!({ "type": "chat.post", "text": "x".repeat(2000) })).await.ok();
    grow(&world.database, EVENTS).await;
    let bob = world.guest("Bob").await;
    bob.join(&room).await;
    let (stream, first) = kind.open(&bob, &room, "0").await;
    assert_eq!(first["resumed"]["to"], json!(EVENTS + 4));
    (ann, bob, room, stream)
}

#[tokio::test]
async fn who_is_kicked_during_a_replay_is_told_no_more_of_it() {
    for kind in [Kind::Watch, Kind::Session] {
        let world = World::new().await;
        let (ann, bob, room, mut stream) = replay(&world, kind).await;
        ann.command(&room, json!({ "type": "member.kick", "member": bob.id })).await.ok();
        let (heard, ended) = stream.rest().await;
        let last = i64::try_from(heard.len()).expect("small");
        assert_eq!(seqs(&heard), (1..=last).collect::<Vec<_>>(), "{kind:?}");
        assert!(last < EVENTS + 4, "{kind:?}: all {last} events were sent");
        assert_ended(kind, &ended, NOT_A_MEMBER, 4403);
    }
}

#[tokio::test]
async fn a_room_that_closes_during_a_replay_is_told_up_to_that() {
    for kind in [Kind::Watch, Kind::Session] {
        let world = World::new().await;
        let (ann, _, room, mut stream) = replay(&world, kind).await;
        ann.command(&room, json!({ "type": "room.close" })).await.ok();
        let (heard, ended) = stream.rest().await;
        assert_eq!(seqs(&heard), (1..=EVENTS + 5).collect::<Vec<_>>(), "{kind:?}");
        assert_ended(kind, &ended, CLOSED, 4404);
    }
}

#[tokio::test]
async fn a_token_that_expires_during_a_replay_ends_it() {
    let world = World::with(&[("SYNCTV_GUEST_TOKEN_SECS", "15")]).await;
    let (_, bob, room, mut stream) = replay(&world, Kind::Watch).await;
    eventually("the token expires", async || (bob.snapshot(&room).await.status == 401).then_some(())).await;
    let (heard, ended) = stream.rest().await;
    assert!(heard.len() < EVENTS as usize, "all {} events were sent", heard.len());
    assert_ended(Kind::Watch, &ended, (Code::Unauthenticated, "token_expired"), 4401);
}

#[tokio::test]
async fn who_does_not_read_is_sent_away_and_goes_on_where_they_were() {
    let world = World::measured().await;
    for (count, kind) in [Kind::Watch, Kind::Session].into_iter().enumerate() {
        let (_, bob, room, mut stream) = replay(&world, kind).await;
        let last = bob.snapshot(&room).await.ok()["seq"].as_i64().expect("a number");
        world.server.reaches("synctv_closes_total{code=\"4008\"}", count as f64 + 1.0).await;
        let (heard, ended) = stream.rest().await;
        assert_ended(kind, &ended, (Code::Unavailable, "slow"), 4008);
        let token = heard.last().expect("something came")["resume_token"].as_str().expect("a token").to_owned();
        let mut all = seqs(&heard);
        assert!(all.len() < EVENTS as usize, "{kind:?}: all {} events were sent", all.len());
        all.extend(kind.open(&bob, &room, &token).await.0.seqs_until(last).await);
        assert_eq!(all, (1..=last).collect::<Vec<_>>(), "{kind:?}");
    }
}
