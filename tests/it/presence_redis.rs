//! What becomes of who is there when Redis goes away, hangs, or is spoken to by others.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::restore::restored;
use crate::support::{Guest, Party, Socket, eventually};

/// What a busy machine may add.
const SLACK: Duration = Duration::from_secs(5);
const LEASE: Duration = Duration::from_secs(6);
const BEAT: Duration = Duration::from_secs(2);
/// Nobody waits for Redis; five times what would be noticed.
const NOTICED: Duration = Duration::from_secs(2);

/// Ann at one server, Bob at another, who see each other.
async fn meet(party: &Party) -> ([Guest; 2], String, [Socket; 2]) {
    let ([ann, bob], room) = party.people().await;
    let (mut here, mut there) = (ann.socket(&room).await, bob.socket(&room).await);
    there.presence("active").await;
    here.sees(&bob, "active").await;
    there.sees(&ann, "online").await;
    ([ann, bob], room, [here, there])
}

async fn chat(guest: &Guest, room: &str) {
    let began = Instant::now();
    guest.command(room, json!({ "type": "chat.post", "text": "x" })).await.ok();
    assert!(began.elapsed() < NOTICED, "{:?}", began.elapsed());
}

#[tokio::test]
async fn without_redis_servers_go_on_with_their_own_and_all_are_back_with_it() {
    let mut party = Party::new(2).await;
    let ([ann, bob], room, [mut here, mut there]) = meet(&party).await;
    for way in ["stopped", "frozen"] {
        if way == "stopped" {
            party.redis.kill();
        } else {
            party.redis.signal("STOP");
        }
        let began = Instant::now();
        for guest in [&ann, &bob] {
            chat(guest, &room).await;
        }
        let cat = Guest::new(&party.server(0).url, "Cat").await;
        cat.join(&room).await;
        let mut near = cat.socket(&room).await;
        here.sees(&cat, "online").await;
        near.presence("active").await;
        here.sees(&cat, "active").await;
        here.sees(&bob, "offline").await;
        there.sees(&ann, "offline").await;
        assert!(began.elapsed() < LEASE + SLACK, "{way}: {:?}", began.elapsed());
        // Meanwhile he looks away, and nobody hears it.
        there.presence("away").await;
        if way == "stopped" {
            party.redis.again().await;
        } else {
            party.redis.signal("CONT");
        }
        let back = Instant::now();
        here.sees(&bob, "away").await;
        there.sees_all(&[(&ann, "online"), (&cat, "active")]).await;
        println!("{way}: back after {:?}", back.elapsed());
        assert!(back.elapsed() < 2 * BEAT + SLACK, "{way}: {:?}", back.elapsed());
        there.presence("active").await;
        here.sees(&bob, "active").await;
        drop(near);
        there.sees(&cat, "offline").await;
    }
}

#[tokio::test]
async fn an_emptied_redis_changes_nothing_and_what_was_missed_is_asked_for() {
    let party = Party::new(2).await;
    let ([_ann, bob], _room, [mut here, mut there]) = meet(&party).await;
    party.redis.say(&["FLUSHALL"]);
    assert!(here.watches(&bob, LEASE + BEAT).await.is_empty());
    there.presence("away").await;
    here.sees(&bob, "away").await;
    // Nobody hears what is said until they listen again.
    for state in ["buffering", "ready", "active"] {
        party.redis.say(&["CLIENT", "KILL", "TYPE", "pubsub"]);
        there.presence(state).await;
        here.sees(&bob, state).await;
    }
}

#[tokio::test]
async fn people_see_each_other_again_on_the_next_epoch_of_the_log() {
    let party = Party::new(2).await;
    let ([ann, bob], room, [mut here, mut there]) = meet(&party).await;
    restored(&party.world.database);
    for socket in [&mut here, &mut there] {
        let (_, closed) = socket.rest().await;
        assert_eq!(closed.map(|(code, _)| code), Some(4010));
    }
    let (mut here, mut there) = (ann.socket(&room).await, bob.socket(&room).await);
    there.presence("away").await;
    here.sees(&bob, "away").await;
    there.sees(&ann, "online").await;
}

/// Messages that a server did not believe, for this reason.
async fn refused(party: &Party, reason: &str) -> f64 {
    let sample = format!("synctv_ephemera_refused_total{{reason=\"{reason}\"}}");
    party.server(0).scrape().await.value(&sample)
}

#[tokio::test]
async fn whoever_can_write_to_redis_but_knows_no_secret_changes_nothing() {
    let mut party = Party::new(2).await;
    let mut tap = party.redis.tap("synctv:eph:*").await;
    let ([_ann, bob], room, [mut here, mut there]) = meet(&party).await;
    // All that Bob's server and Ann's say for a while.
    let mut recorded = Vec::new();
    there.presence("away").await;
    here.sees(&bob, "away").await;
    there.presence("ready").await;
    here.sees(&bob, "ready").await;
    let began = Instant::now();
    while began.elapsed() < 2 * BEAT {
        recorded.push(tap.next().await);
    }
    let texts: Vec<_> = recorded.iter().map(|(_, message)| String::from_utf8_lossy(message).into_owned()).collect();
    assert!(texts.iter().any(|text| text.contains(&bob.id) && text.contains("away")), "{texts:#?}");
    // Changed, in another channel, cut, too long, nonsense.
    let (forged, old) = (refused(&party, "forged").await, refused(&party, "old").await);
    let mut lies = 0.0;
    for (channel, message) in &recorded {
        let mut changed = message.clone();
        changed[40] ^= 1;
        let other = format!("synctv:eph:{}", (channel.bytes().last().expect("a digit") - b'0' + 1) % 4);
        for (channel, message) in [(channel, &changed), (&other, message), (channel, &message[..20].to_vec())] {
            party.redis.publish(channel, message).await;
            lies += 1.0;
        }
    }
    for nonsense in [&b""[..], b"[]", &[b'x'; 1 << 20], format!("{{\"room\":\"{room}\"}}").as_bytes()] {
        party.redis.publish("synctv:eph:0", nonsense).await;
        lies += 1.0;
    }
    let counted = async || (refused(&party, "forged").await >= forged + lies).then_some(());
    eventually("all are refused", counted).await;
    // As it was said before: what Bob's server said is old, what Ann's said is its own.
    for (channel, message) in &recorded {
        party.redis.publish(channel, message).await;
    }
    eventually("repeats are refused", async || (refused(&party, "old").await > old).then_some(())).await;
    assert!(here.watches(&bob, Duration::from_millis(500)).await.is_empty());
    // Not even when that server is gone.
    party.others.remove(0).0.kill();
    let began = Instant::now();
    let (redis, gone) = (&party.redis, here.sees(&bob, "offline"));
    let repeating = async {
        loop {
            for (channel, message) in &recorded {
                redis.publish(channel, message).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::select! {
        () = gone => {}
        () = repeating => {}
    }
    assert!(began.elapsed() < LEASE + SLACK, "{:?}", began.elapsed());
    for (channel, message) in &recorded {
        party.redis.publish(channel, message).await;
    }
    assert!(here.watches(&bob, BEAT).await.is_empty());
}

#[tokio::test]
async fn quiet_servers_say_the_same_however_many_rooms_there_are() {
    const ROOMS: usize = 40;
    let party = Party::new(3).await;
    let ([ann, bob, cat], _) = party.people().await;
    let mut sockets = Vec::new();
    for _ in 0..ROOMS {
        let room = ann.room().await;
        for guest in [&bob, &cat] {
            guest.join(&room).await;
        }
        let mut all = [ann.socket(&room).await, bob.socket(&room).await, cat.socket(&room).await];
        all[2].presence("active").await;
        all[0].sees(&cat, "active").await;
        all[1].sees(&cat, "active").await;
        sockets.push((room, all));
    }
    let mut tap = party.redis.tap("synctv:eph:*").await;
    let (began, mut messages, mut bytes) = (Instant::now(), 0, 0);
    while began.elapsed() < 5 * BEAT {
        bytes += tap.next().await.1.len();
        messages += 1;
    }
    println!("{messages} messages of {bytes} bytes in {:?}", began.elapsed());
    // Three servers, four channels, five beats and the one that ended it.
    assert!(messages <= 3 * 4 * 6 + 1, "{messages}");
    // And all are known everywhere.
    let dan = Guest::new(&party.server(1).url, "Dan").await;
    for (room, _) in &sockets {
        dan.join(room).await;
        let mut socket = dan.socket(room).await;
        socket.sees(&cat, "active").await;
    }
}
