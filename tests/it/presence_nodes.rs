//! Who is there, how they are and who types, among people at different servers.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Guest, Party, Socket, assert_verified};

/// A server that is not heard of for so long is gone.
const LEASE: Duration = Duration::from_secs(6);
/// Who comes back within this was never away.
const GRACE: Duration = Duration::from_secs(5);
/// What a busy machine may add.
const SLACK: Duration = Duration::from_secs(5);

#[tokio::test]
async fn people_at_different_servers_see_how_each_other_is_and_who_types() {
    let party = Party::new(2).await;
    let ([ann, bob], room) = party.people().await;
    let (mut here, mut there) = (ann.socket(&room).await, bob.socket(&room).await);
    here.sees(&bob, "online").await;
    there.sees(&ann, "online").await;
    for state in ["active", "away", "buffering", "ready"] {
        there.presence(state).await;
        here.sees(&bob, state).await;
    }
    let began = Instant::now();
    there.tell(json!({ "typing": true })).await;
    here.told(&bob, "typing", &json!(true)).await;
    // He says no more.
    here.told(&bob, "typing", &json!(false)).await;
    assert!(began.elapsed() < Duration::from_secs(5) + SLACK, "{:?}", began.elapsed());
    there.tell(json!({ "typing": true })).await;
    here.told(&bob, "typing", &json!(true)).await;
    there.tell(json!({ "typing": false })).await;
    here.told(&bob, "typing", &json!(false)).await;
    for skew in [json!(-12), Value::Null] {
        let report = json!({ "skew_ms": skew, "rtt_ms": 40, "buffered_ms": 9_000 });
        there.tell(json!({ "report": report })).await;
        here.told(&bob, "report", &report).await;
    }
    drop(there);
    let began = Instant::now();
    here.sees(&bob, "offline").await;
    assert!(began.elapsed() < GRACE + SLACK && began.elapsed() > GRACE / 2, "{:?}", began.elapsed());
}

#[tokio::test]
async fn a_newcomer_sees_everybody_at_once_wherever_they_are() {
    let mut party = Party::new(3).await;
    let ([ann, bob], room) = party.people().await;
    let (mut here, mut there) = (ann.socket(&room).await, bob.socket(&room).await);
    here.presence("active").await;
    there.sees(&ann, "active").await;
    there.presence("away").await;
    here.sees(&bob, "away").await;
    // At a server where nobody is, and at one that has only begun.
    for (number, name) in [(2, "Cat"), (3, "Dan")] {
        if number == 3 {
            party.another();
            party.connected().await;
        }
        let guest = Guest::new(&party.server(number).url, name).await;
        guest.join(&room).await;
        let mut socket = guest.socket(&room).await;
        let (mut seen, began) = (Vec::new(), Instant::now());
        while seen.len() < 2 {
            let told = socket.until("ephemeral").await;
            if [&ann.id, &bob.id].contains(&&told["member"].as_str().expect("a text").to_owned()) {
                seen.push(told["value"]["state"].clone());
            }
        }
        seen.sort_by_key(Value::to_string);
        assert_eq!(seen, ["active", "away"], "{name}");
        assert!(began.elapsed() < SLACK, "{:?}", began.elapsed());
    }
}

#[tokio::test]
async fn the_members_of_a_killed_server_are_gone_when_its_lease_ends() {
    let mut party = Party::new(2).await;
    let ([ann, bob], room) = party.people().await;
    let (mut here, mut there) = (ann.socket(&room).await, bob.socket(&room).await);
    there.presence("active").await;
    here.sees(&bob, "active").await;
    let began = Instant::now();
    party.others.remove(0).0.kill();
    here.sees(&bob, "offline").await;
    let took = began.elapsed();
    println!("gone after {took:?}");
    assert!(took < LEASE + SLACK && took > Duration::from_secs(3), "{took:?}");
}

#[tokio::test]
async fn whoever_leaves_a_killed_server_for_another_was_never_away() {
    let mut party = Party::new(3).await;
    let ([ann, bob, cat], room) = party.people().await;
    let (mut here, mut there, mut far) = (ann.socket(&room).await, bob.socket(&room).await, cat.socket(&room).await);
    there.presence("active").await;
    here.sees(&bob, "active").await;
    far.sees(&bob, "active").await;
    party.others.remove(0).0.kill();
    let bob = bob.at(&party.server(1).url);
    let _there = bob.socket(&room).await;
    assert_eq!(here.watches(&bob, LEASE + GRACE + Duration::from_secs(1)).await, [] as [Value; 0]);
}

#[tokio::test]
async fn whoever_is_sent_from_a_server_that_drains_to_another_was_never_away() {
    let mut party = Party::new(3).await;
    let ([ann, bob, cat], room) = party.people().await;
    let (mut here, mut there, mut far) = (ann.socket(&room).await, bob.socket(&room).await, cat.socket(&room).await);
    there.presence("active").await;
    here.sees(&bob, "active").await;
    far.sees(&bob, "active").await;
    let (server, _dir) = party.others.remove(0);
    let ending = tokio::task::spawn_blocking(|| server.terminate());
    there.until("drain").await;
    let elsewhere = bob.at(&party.server(1).url);
    let mut there = elsewhere.socket(&room).await;
    assert_eq!(here.watches(&bob, GRACE + Duration::from_secs(2)).await, [] as [Value; 0]);
    assert!(ending.await.expect("it ends").success());
    // Cat's server is the one he came to.
    there.presence("away").await;
    here.sees(&bob, "away").await;
    far.sees(&bob, "away").await;
}

#[tokio::test]
async fn a_member_at_two_servers_is_there_until_the_last_connection_ends() {
    let party = Party::new(2).await;
    let ([ann, bob], room) = party.people().await;
    let mut here = ann.socket(&room).await;
    let (mut first, mut second) = (bob.socket(&room).await, bob.at(&party.server(0).url).socket(&room).await);
    here.sees(&bob, "online").await;
    first.presence("active").await;
    here.sees(&bob, "active").await;
    second.presence("away").await;
    here.sees(&bob, "away").await;
    first.presence("active").await;
    here.sees(&bob, "active").await;
    drop(first);
    // What the other one said counts again; he stays.
    let told = here.watches(&bob, GRACE + Duration::from_secs(2)).await;
    assert_eq!(told, ["away"]);
    drop(second);
    here.sees(&bob, "offline").await;
}

/// A film that plays, and two who watch it at different servers.
async fn cinema(party: &Party, barrier: &str) -> ([Guest; 2], String, Socket, Socket) {
    let (guests, room) = party.people().await;
    let [ann, bob] = &guests;
    let seq = ann.snapshot(&room).await.ok()["versions"]["settings"].clone();
    let settings = json!({ "type": "room.update_settings", "barrier": barrier, "expect": { "settings": seq } });
    ann.command(&room, settings).await.ok();
    let film = json!({ "type": "playlist.add", "url": "https://media.test/a.mp4", "duration_ms": 3_600_000 });
    ann.command(&room, film).await.ok();
    let (here, mut there) = (ann.subscribed(&room, "now").await.0, bob.subscribed(&room, "now").await.0);
    ann.command(&room, json!({ "type": "playback.play" })).await.ok();
    there.event("playback.played").await;
    there.presence("active").await;
    (guests, room, here, there)
}

#[tokio::test]
async fn a_room_waits_for_who_buffers_at_another_server_and_goes_on_with_them() {
    let party = Party::new(2).await;
    let ([_ann, bob], _room, mut here, mut there) = cinema(&party, "grace").await;
    for _ in 0..2 {
        there.presence("buffering").await;
        let held = here.event("playback.held").await;
        assert_eq!(held["data"]["members"], json!([bob.id]));
        there.presence("ready").await;
        let released = here.event("playback.released").await;
        assert_eq!(released["data"]["by"], "ready");
        let anchors = [&held, &released].map(|event| event["data"]["anchor_ms"].as_i64().expect("a number"));
        assert!(anchors[1] - anchors[0] < 5_000, "{anchors:?}");
    }
    assert_verified(&party.world.database);
}

#[tokio::test]
async fn a_strict_room_waits_for_nobody_whose_server_is_gone() {
    let mut party = Party::new(2).await;
    let ([_ann, bob], _room, mut here, mut there) = cinema(&party, "strict").await;
    there.presence("buffering").await;
    assert_eq!(here.event("playback.held").await["data"]["members"], json!([bob.id]));
    let began = Instant::now();
    party.others.remove(0).0.kill();
    assert_eq!(here.event("playback.released").await["data"]["by"], "ready");
    let took = began.elapsed();
    println!("went on after {took:?}");
    assert!(took < LEASE + SLACK && took > Duration::from_secs(3), "{took:?}");
}

#[tokio::test]
async fn a_ready_check_asks_people_at_all_servers_and_does_not_wait_for_those_of_one_that_is_gone() {
    let mut party = Party::new(3).await;
    let ([ann, bob, cat], room) = party.people().await;
    let film = json!({ "type": "playlist.add", "url": "https://media.test/a.mp4", "duration_ms": 3_600_000 });
    ann.command(&room, film).await.ok();
    let mut here = ann.subscribed(&room, "now").await.0;
    let (_there, mut far) = (bob.socket(&room).await, cat.subscribed(&room, "now").await.0);
    here.sees_all(&[(&bob, "online"), (&cat, "online")]).await;
    far.sees_all(&[(&ann, "online"), (&bob, "online")]).await;
    // Who is not connected is not asked, and it is asked at whichever server.
    Guest::new(&party.server(0).url, "Dan").await.join(&room).await;
    let start = json!({ "type": "ready.start", "deadline_ms": 600_000 });
    ann.at(&party.server(2).url).command(&room, start).await.ok();
    let mut everybody = [&ann.id, &bob.id, &cat.id];
    everybody.sort();
    assert_eq!(here.event("ready.started").await["data"]["members"], json!(everybody));
    for guest in [&ann, &cat] {
        guest.command(&room, json!({ "type": "ready.mark", "ready": true })).await.ok();
    }
    let began = Instant::now();
    party.others.remove(0).0.kill();
    assert_eq!(here.event("playback.played").await["actor"]["kind"], "system");
    let took = began.elapsed();
    assert!(took < LEASE + SLACK && took > Duration::from_secs(3), "{took:?}");
}
