//! Who may publish, and what happens to those who may not any more.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value, json};

use crate::support::live::{Encoder, Publisher, RATE, Show, Stage, StreamKey, stopped, told};
use crate::support::{Guest, SOON, assert_verified, eventually, later, outcome, synctv};

/// Within this time a stream ends for whom it has to.
const PROMPT: Duration = Duration::from_secs(2);
const DENIED: &str = "NetStream.Publish.Denied";
const TAKEN: &str = "NetStream.Publish.BadName";

/// How it ends for somebody whose key is not worth anything: the code, and a part of the reason.
async fn refusal(stage: &Stage, name: &str) -> (String, String) {
    let refused = Encoder::try_publish(stage.rtmp(), name).await;
    let said = refused.err().unwrap_or_else(|| panic!("{name} was taken"));
    (said.code, said.description)
}

#[tokio::test]
async fn a_key_that_is_not_good_here_and_now_lets_nobody_publish() {
    let stage = Stage::new().await;
    let Stage { ann, room, .. } = &stage;
    let other = ann.room().await;
    let elsewhere = ann.stream_key(&other).await;
    let (good, revoked) = (ann.stream_key(room).await, ann.stream_key(room).await);
    ann.command(room, json!({ "type": "live.revoke_key", "key_id": revoked.id })).await.ok();
    let until = later(&stage.world.database, "1 second").await;
    let made = ann.command(room, json!({ "type": "live.create_key", "expires_at": until })).await.ok();
    let expired = StreamKey::of(room, &made);
    eventually("the end of the key", async || (later(&stage.world.database, "0 seconds").await > until).then_some(()))
        .await;
    let forged =
        format!("{}{}", &good.secret[..good.secret.len() - 1], if good.secret.ends_with('0') { '1' } else { '0' });
    let before = ann.events(room).await.len();
    let names = [
        String::new(),
        room.clone(),
        format!("{room}?key="),
        format!("{room}?key={forged}"),
        format!("{room}?key={}", elsewhere.secret),
        format!("{room}?token={}", good.secret),
        format!("room_00000000000000000000000001?key={}", good.secret),
        good.secret.clone(),
        revoked.text(),
        expired.text(),
        format!("../{}", good.text()),
        "\0".repeat(200),
        "x".repeat(4000),
    ];
    for (name, (code, description)) in names.iter().zip(join_all(names.iter().map(|name| refusal(&stage, name))).await)
    {
        assert_eq!(code, DENIED, "{name}: {description}");
        assert!(description.contains("the stream key is wrong or over"), "{name}: {description}");
    }
    let publisher = Publisher::start(stage.rtmp(), &revoked.text(), Show::of(1));
    let (ended, said) = publisher.end().await;
    assert!(!ended.success() && said.contains("the stream key is wrong or over"), "{ended}: {said}");
    assert_eq!(ann.events(room).await.len(), before, "something was stored");
    // The good one is still worth something.
    drop(Encoder::publish(stage.rtmp(), &good.text()).await);
    assert_eq!(stage.stops(1, SOON).await, ["disconnected"]);
    assert_verified(&stage.world.database);
}

#[tokio::test]
async fn whoever_may_not_publish_is_told_why() {
    let stage = Stage::new().await;
    let Stage { ann, room, .. } = &stage;
    let bob = stage.world.guest("Bob").await;
    bob.join(room).await;
    let refused = bob.command(room, json!({ "type": "live.create_key" })).await;
    assert_eq!((refused.status, refused.code()), (403, "forbidden"));
    // Who had the right when the key was made, and lost it since.
    let cid = stage.publisher("Cid").await;
    let key = cid.stream_key(room).await;
    ann.command(room, json!({ "type": "member.set_role", "member": cid.id, "role": "guest" })).await.ok();
    let before = ann.events(room).await.len();
    let (code, description) = refusal(&stage, &key.text()).await;
    assert_eq!(code, DENIED);
    assert!(description.contains("live.publish"), "{description}");
    ann.command(room, json!({ "type": "member.kick", "member": cid.id })).await.ok();
    let (code, description) = refusal(&stage, &key.text()).await;
    assert!(code == DENIED && !description.is_empty(), "{code} {description}");
    let own = ann.stream_key(room).await;
    ann.command(room, json!({ "type": "room.close" })).await.ok();
    let (code, description) = refusal(&stage, &own.text()).await;
    assert!(code == DENIED && description.contains("closed"), "{code} {description}");
    assert_eq!(ann.events(room).await.len(), before + 3, "a kick, a key and the close, and nothing else");
}

#[tokio::test]
async fn a_room_has_one_publisher() {
    let stage = Stage::new().await;
    let (first, second) = (stage.ann.stream_key(&stage.room).await, stage.ann.stream_key(&stage.room).await);
    let on_air = stage.on_air(&first).await;
    let (code, description) = refusal(&stage, &second.text()).await;
    assert_eq!(code, TAKEN, "{description}");
    assert!(description.contains("live"), "{description}");
    assert!(!on_air.is_over(), "the first one goes on");
    let mut viewer = stage.ann.view(&stage.room).await;
    viewer.sees(1).await;
    let again = stage.on_air(&first).await;
    let began = Instant::now();
    let said = on_air.ended().await;
    assert!(began.elapsed() < PROMPT, "{:?}", began.elapsed());
    assert!(said.description.contains("used by another connection"), "{said:?}");
    viewer.sees(RATE as usize).await;
    assert!(viewer.film.pictures().is_sorted_by_key(|(tag, _)| tag.time), "time goes back");
    assert!(!again.is_over(), "the second one goes on");
    drop(again);
    assert_eq!(stage.stops(2, SOON).await, ["replaced", "disconnected"]);
}

/// A publisher on the air, and somebody else who watches; what ends it, how it is told, and why in the log.
async fn ends(stage: &Stage, publisher: &Guest, command: Value, reason: &str, told_to: &str) {
    let room = publisher.room_of(stage).await;
    let key = publisher.stream_key(&room).await;
    let command = serde_json::from_str(&command.to_string().replace("$key", &key.id)).expect("a command");
    // There is always something that the server has not read yet.
    let mut on_air = stage.on_air_at(&key, 10).await;
    let mut viewer = stage.ann.view(&room).await;
    on_air.shows(2).await;
    viewer.sees(1).await;
    let began = Instant::now();
    stage.ann.command(&room, command).await.ok();
    let said = on_air.ended().await;
    let took = began.elapsed();
    assert!(took < PROMPT, "{reason}: the publisher is there for {took:?}");
    told(&stage.ann, &room, "live.stopped", 1, SOON).await;
    assert_eq!(stopped(&stage.ann, &room).await, [reason]);
    assert_eq!(said.code, DENIED, "{reason}");
    assert!(said.description.contains(told_to), "{reason}: {said:?}");
    let snapshot = stage.ann.snapshot(&room).await;
    assert_eq!(snapshot.ok()["room"]["live"], Value::Null, "{reason}");
}

impl Guest {
    /// A room of Ann's in which this guest may publish.
    async fn room_of(&self, stage: &Stage) -> String {
        let room = stage.ann.room().await;
        if self.id != stage.ann.id {
            self.join(&room).await;
            let role = json!({ "type": "member.set_role", "member": self.id, "role": "moderator" });
            stage.ann.command(&room, role).await.ok();
        }
        room
    }
}

#[tokio::test]
async fn a_stream_ends_as_soon_as_somebody_ends_it_or_its_publisher_may_not_go_on() {
    let stage = Stage::new().await;
    let bob = stage.world.guest("Bob").await;
    let stop = "the stream was stopped";
    let of_bob = |name: &str| json!({ "type": name, "member": bob.id });
    let demote = json!({ "type": "member.set_role", "member": bob.id, "role": "guest" });
    let revoke = json!({ "type": "live.revoke_key", "key_id": "$key" });
    tokio::join!(
        ends(&stage, &bob, json!({ "type": "live.stop" }), "asked", stop),
        ends(&stage, &bob, revoke.clone(), "key_revoked", stop),
        ends(&stage, &bob, of_bob("member.kick"), "not_allowed", stop),
        ends(&stage, &bob, of_bob("member.ban"), "not_allowed", stop),
        ends(&stage, &bob, demote, "not_allowed", stop),
        ends(&stage, &stage.ann, revoke, "key_revoked", stop),
        ends(&stage, &stage.ann, json!({ "type": "room.close" }), "room_closed", stop),
    );
    assert_verified(&stage.world.database);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_ends_with_its_key_and_by_an_operator() {
    let stage = Stage::new().await;
    let Stage { ann, room, world } = &stage;
    let until = later(&world.database, "3 seconds").await;
    let other = ann.room().await;
    let made = ann.command(&other, json!({ "type": "live.create_key", "expires_at": until })).await.ok();
    let expires = stage.on_air(&StreamKey::of(&other, &made)).await;
    let key = ann.stream_key(room).await;
    let on_air = stage.on_air(&key).await;
    let verb = |arguments: &[&str]| {
        let mut command = synctv(&["live"]);
        command
            .args(arguments)
            .args(["--json", "--data-dir"])
            .arg(world.dir.path())
            .env("DATABASE_URL", &world.database);
        outcome(&mut command)
    };
    let (code, listed) = verb(&["list"]);
    let mut rooms: Vec<_> =
        listed["streams"].as_array().expect("a list").iter().map(|row| row["room_id"].clone()).collect();
    rooms.sort_by_key(Value::to_string);
    let mut both = [json!(room), json!(other)];
    both.sort_by_key(Value::to_string);
    assert_eq!((code, rooms), (Some(0), both.to_vec()), "{listed:#}");
    let began = Instant::now();
    let (code, kicked) = verb(&["kick", room]);
    let said = on_air.ended().await;
    println!("kicked by an operator within {:?}", began.elapsed());
    assert_eq!((code, &kicked["ended"]), (Some(0), &json!(true)), "{kicked:#}");
    assert!(said.description.contains("an operator ended the stream"), "{said:?}");
    assert_eq!(stage.stops(1, SOON).await, ["asked"]);
    let (code, kicked) = verb(&["kick", room]);
    assert_eq!((code, &kicked["live"]), (Some(1), &json!(false)), "{kicked:#}");
    // That its key is over is no event.
    expires.ended().await;
    told(ann, &other, "live.stopped", 1, SOON).await;
    assert_eq!(stopped(ann, &other).await, ["key_revoked"]);
    let events = ann.events(&other).await;
    let stop = events.iter().find(|event| event["type"] == "live.stopped").expect("it is there");
    assert!(stop["at"].as_str() >= Some(&until), "it ended before its key: {stop:#} {until}");
}

#[tokio::test]
async fn a_key_that_is_over_keeps_nobody_else_from_publishing() {
    let stage = Stage::with(&[("SYNCTV_RATE_LIMITS", "on")]).await;
    let Stage { ann, room, .. } = &stage;
    let (key, revoked) = (ann.stream_key(room).await, ann.stream_key(room).await);
    ann.command(room, json!({ "type": "live.revoke_key", "key_id": revoked.id })).await.ok();
    let name = revoked.text();
    let tries = join_all((0..35).map(|_| refusal(&stage, &name))).await;
    assert!(tries.iter().any(|(_, why)| why.contains("too many streams began with this key")), "{tries:#?}");
    drop(Encoder::publish(stage.rtmp(), &key.text()).await);
    assert_eq!(stage.stops(1, SOON).await, ["disconnected"]);
}

#[tokio::test]
async fn guesses_of_an_address_are_counted() {
    let stage = Stage::with(&[("SYNCTV_RATE_LIMITS", "on")]).await;
    let key = stage.ann.stream_key(&stage.room).await;
    let name = format!("{}?key=synctv_live_{}", stage.room, "0".repeat(58));
    let guesses = join_all((0..30).map(|_| refusal(&stage, &name))).await;
    let limited = guesses.iter().filter(|(_, description)| description.contains("too many wrong stream keys")).count();
    assert!((8..=10).contains(&limited), "{limited} of 30 were limited: {guesses:#?}");
    assert!(guesses.iter().all(|(code, _)| code == DENIED), "{guesses:#?}");
    // Whoever knows the key is let in, and nothing of a guess is stored.
    drop(Encoder::publish(stage.rtmp(), &key.text()).await);
    assert_eq!(stage.stops(1, SOON).await, ["disconnected"]);
}
