//! Rooms as they are and were, for those who may see them.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Guest, World, head, send};

fn play_list() -> [Value; 10] {
    [
        json!({ "type": "playlist.add", "url": "http://x.test/a", "title": "A", "duration_ms": 60_000 }),
        json!({ "type": "playback.play" }),
        json!({ "type": "playlist.add", "url": "http://x.test/b" }),
        json!({ "type": "playback.set_rate", "rate_permille": 1500 }),
        json!({ "type": "chat.post", "text": "hello" }),
        json!({ "type": "playback.next" }),
        json!({ "type": "playback.seek", "position_ms": 30_000 }),
        json!({ "type": "playback.set_mode", "mode": "shuffle" }),
        json!({ "type": "playlist.clear" }),
        json!({ "type": "room.close" }),
    ]
}

async fn conditional(guest: &Guest, room: &str, header: &str, tag: &str) -> Answer {
    send(guest.request(Method::GET, &format!("/v1/rooms/{room}")).header(header, tag)).await
}

async fn under(guest: &Guest, room: &str, tag: &str, command: Value) -> Answer {
    let request = guest.request(Method::POST, &format!("/v1/rooms/{room}/commands"));
    send(request.header("if-match", tag).json(&command)).await
}

#[tokio::test]
async fn time_travel_shows_what_was_seen_then() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let room = ann.room().await;
    ben.join(&room).await;
    let mut seen = vec![ann.snapshot(&room).await.ok()];
    for command in play_list() {
        ann.command(&room, command).await.ok();
        seen.push(ann.snapshot(&room).await.ok());
    }
    let (other, _dir) = world.beside();
    let events = ann.events(&room).await;
    let base = format!("/v1/rooms/{room}");
    for then in &seen {
        let seq = then["seq"].as_i64().expect("a number");
        let at = events[seq as usize - 1]["at"].as_str().expect("a string");
        for ann in [ann.clone(), ann.at(&other.url)] {
            assert_eq!(&ann.get(&format!("{base}?as_of={seq}")).await.ok(), then, "as of {seq}");
            assert_eq!(&ann.get(&format!("{base}?at={at}")).await.ok(), then, "at {at}, which is {seq}");
        }
    }
    let last = seen.last().expect("there are some");
    assert_eq!(&ann.get(&format!("{base}?at=9999-12-31T23:59:59Z")).await.ok(), last);
    let created = events[0]["at"].as_str().expect("a string");
    let east = format!("{base}?at={}", created.replace('Z', "+00:00"));
    assert_eq!(ann.get(&east).await.ok()["seq"], 2, "a plus sign that was not escaped");
    for gone in ["as_of=0".to_owned(), format!("as_of={}", events.len() + 1), "at=2000-01-01T00:00:00Z".to_owned()] {
        let answer = ann.get(&format!("{base}?{gone}")).await;
        assert_eq!((answer.status, answer.code()), (404, "no_such_version"), "{gone}");
    }
}

#[tokio::test]
async fn time_travel_is_right_on_both_sides_of_a_snapshot() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let path = format!("/v1/rooms/{room}");
    let mut sent = Vec::new();
    for number in 0..520 {
        let (ann, room) = (ann.clone(), room.clone());
        sent.push(tokio::spawn(async move {
            ann.command(&room, json!({ "type": "chat.post", "text": format!("{number}") })).await.ok();
        }));
    }
    for sent in sent {
        sent.await.expect("no panic");
    }
    let (other, _dir) = world.beside();
    for seq in [2, 3, 250, 499, 500, 501, 502, 515] {
        let (here, there) = (ann.clone(), ann.at(&other.url));
        let then = here.get(&format!("{path}?as_of={seq}")).await.ok();
        let said = if seq > 2 { seq } else { 0 };
        assert_eq!((&then["seq"], &then["versions"]["chat"]), (&json!(seq), &json!(said)));
        assert_eq!(there.get(&format!("{path}?as_of={seq}")).await.ok(), then);
    }
}

#[tokio::test]
async fn a_known_version_is_not_sent_again() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let response = ann.request(Method::GET, &format!("/v1/rooms/{room}")).send().await.expect("the server answers");
    let tag = response.headers()["etag"].to_str().expect("text").to_owned();
    let now: Value = response.json().await.expect("JSON");
    assert_eq!(tag, format!("\"{}:{}\"", now["epoch"].as_str().expect("a string"), now["seq"]));
    let same = conditional(&ann, &room, "if-none-match", &tag).await;
    assert_eq!((same.status, same.body), (304, json!("")));
    assert_eq!(conditional(&ann, &room, "if-none-match", "\"x:1\"").await.status, 200);
    ann.command(&room, json!({ "type": "chat.post", "text": "x" })).await.ok();
    assert_eq!(conditional(&ann, &room, "if-none-match", &tag).await.status, 200);
    let stranger = world.guest("Eve").await;
    assert_eq!(conditional(&stranger, &room, "if-none-match", &tag).await.code(), "not_a_member");
}

#[tokio::test]
async fn expectations_that_fail_come_with_the_room() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let now = ann.snapshot(&room).await.ok();
    let tag = format!("\"{}:{}\"", now["epoch"].as_str().expect("a string"), now["seq"]);
    let rename = json!({ "type": "room.update_settings", "name": "new" });
    let bare = ann.command(&room, rename.clone()).await;
    assert_eq!((bare.status, bare.code()), (428, "precondition_required"));
    ann.command(&room, json!({ "type": "chat.post", "text": "x" })).await.ok();
    let (current, before) = (ann.snapshot(&room).await.ok(), head(&world.database).await);
    for stale in [tag.as_str(), "\"another:2\""] {
        let refused = under(&ann, &room, stale, rename.clone()).await;
        assert_eq!((refused.status, refused.code()), (412, "precondition_failed"), "{stale}");
        assert_eq!(refused.body["room"], current, "{stale}");
    }
    for concern in ["settings", "members", "playlist", "playback"] {
        let expecting = json!({ "type": "chat.post", "text": "y", "expect": { concern: 999 } });
        let refused = ann.command(&room, expecting).await;
        assert_eq!((refused.status, refused.code()), (409, "stale_version"), "{:#}", refused.body);
        assert_eq!((&refused.body["room"], &refused.body["concern"]), (&current, &json!(concern)));
        assert_eq!(refused.body["current"], current["versions"][concern]);
    }
    assert_eq!(head(&world.database).await, before, "a refused command was stored");
    let right = json!({ "type": "chat.post", "text": "y", "expect": current["versions"].as_object().expect("an object").iter()
        .filter(|(concern, _)| *concern != "chat").collect::<std::collections::BTreeMap<_, _>>() });
    ann.command(&room, right).await.ok();
}

#[tokio::test]
async fn a_preview_answers_and_stores_nothing() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let before = head(&world.database).await;
    let path = format!("/v1/rooms/{room}/commands?validate_only=true");
    let say = json!({ "type": "chat.post", "text": "x" });
    let request = ann.request(Method::POST, &path).header("idempotency-key", "k").json(&say);
    let preview = send(request).await.ok();
    assert_eq!((&preview["seq"], &preview["events"][0]["type"]), (&json!(3), &json!("chat.posted")));
    assert_eq!(ann.post(&path, &json!({ "type": "playback.play" })).await.code(), "nothing_to_play");
    assert_eq!(ann.post(&path, &json!({ "type": "playback.pause" })).await.ok()["events"], json!([]));
    assert_eq!(ann.post(&path, &json!({ "type": "room.update_settings" })).await.status, 428);
    let stranger = world.guest("Eve").await;
    let refused =
        stranger.post(&path, &json!({ "type": "chat.post", "text": "x", "expect": { "playback": 99 } })).await;
    assert_eq!((refused.code(), &refused.body["room"]), ("not_a_member", &Value::Null));
    assert_eq!(head(&world.database).await, before, "a preview was stored");
    assert_eq!(ann.snapshot(&room).await.ok()["seq"], 2);
    let other = ann.keyed(&room, &json!({ "type": "chat.post", "text": "another" }), "k").await;
    assert_eq!(other.status, 200, "a preview used up its key: {:#}", other.body);
}

#[tokio::test]
async fn pages_of_events_have_at_most_a_thousand() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let mut sent = Vec::new();
    for _ in 0..1100 {
        let (ann, room) = (ann.clone(), room.clone());
        sent.push(tokio::spawn(async move { ann.command(&room, json!({ "type": "chat.post", "text": "x" })).await }));
    }
    for sent in sent {
        sent.await.expect("no panic").ok();
    }
    let path = format!("/v1/rooms/{room}/events");
    let epoch = ann.snapshot(&room).await.ok()["epoch"].as_str().expect("a string").to_owned();
    for (query, first, count) in [
        (String::new(), 1, 100),
        ("?limit=0".to_owned(), 1, 1),
        ("?limit=-5".to_owned(), 1, 1),
        ("?limit=3&after=7".to_owned(), 8, 3),
        ("?limit=1000".to_owned(), 1, 1000),
        ("?limit=9223372036854775807".to_owned(), 1, 1000),
        ("?limit=1000&after=1000".to_owned(), 1001, 102),
        (format!("?after={epoch}:1101"), 1102, 1),
        (format!("?after={epoch}:1102"), 1103, 0),
    ] {
        let page = ann.get(&format!("{path}{query}")).await;
        assert_eq!(page.seqs(), (first..first + count).collect::<Vec<i64>>(), "{query}");
        assert_eq!(page.body["head"], json!({ "epoch": epoch, "seq": 1102 }), "{query}");
    }
    let reset = ann.get(&format!("{path}?after={epoch}:1103")).await;
    assert_eq!(
        (reset.status, &reset.body["head"]["seq"], &reset.body["reason"]),
        (410, &json!(1102), &json!("ahead_of_head"))
    );
    assert_eq!(ann.get(&format!("{path}?after=x:1")).await.body["reason"], "epoch_changed");
}

/// Reads that need membership, and commands of a stranger.
async fn attempts(guest: &Guest, room: &str, tag: &str) -> Vec<(&'static str, Answer)> {
    let path = format!("/v1/rooms/{room}");
    let say = json!({ "type": "chat.post", "text": "x" });
    let expecting = json!({ "type": "chat.post", "text": "x", "expect": { "playback": 99 } });
    let stream = guest.request(Method::GET, &format!("{path}/events")).header("accept", "text/event-stream");
    vec![
        ("snapshot", guest.snapshot(room).await),
        ("as_of", guest.get(&format!("{path}?as_of=1")).await),
        ("as_of beyond", guest.get(&format!("{path}?as_of=999")).await),
        ("at", guest.get(&format!("{path}?at=2000-01-01T00:00:00Z")).await),
        ("events", guest.get(&format!("{path}/events")).await),
        ("events ahead", guest.get(&format!("{path}/events?after=999")).await),
        ("stream", send(stream).await),
        ("ticket", guest.post(&format!("{path}/tickets"), &json!({ "use": "sse" })).await),
        ("command", guest.command(room, say.clone()).await),
        ("expect", guest.command(room, expecting).await),
        ("if-match", under(guest, room, tag, say.clone()).await),
        ("old if-match", under(guest, room, "\"x:1\"", say).await),
        ("settings", guest.command(room, json!({ "type": "room.update_settings", "name": "x" })).await),
    ]
}

#[tokio::test]
async fn a_stranger_learns_nothing() {
    let world = World::new().await;
    let (ann, eve) = (world.guest("Ann").await, world.guest("Eve").await);
    let room = ann.room().await;
    ann.command(&room, json!({ "type": "playlist.add", "url": "http://x.test/secret", "title": "hidden" })).await.ok();
    let now = ann.snapshot(&room).await.ok();
    let tag = format!("\"{}:{}\"", now["epoch"].as_str().expect("a string"), now["seq"]);
    for (what, answer) in attempts(&eve, &room, &tag).await {
        assert_eq!((answer.status, answer.code()), (403, "not_a_member"), "{what}: {:#}", answer.body);
        let mut names: Vec<_> = answer.body.as_object().expect("an object").keys().cloned().collect();
        names.sort();
        assert_eq!(names, ["code", "detail", "status", "title", "type"], "{what} tells more than that");
    }
    let stale = under(&eve, &room, "\"x:1\"", json!({ "type": "member.join" })).await;
    assert_eq!((stale.status, &stale.body["room"]), (412, &Value::Null), "{:#}", stale.body);
    let stale = eve.command(&room, json!({ "type": "member.join", "expect": { "members": 99 } })).await;
    assert_eq!((stale.status, stale.code()), (409, "stale_version"));
    let told = ["room", "concern", "current"].map(|field| &stale.body[field]);
    assert_eq!(told, [&Value::Null; 3], "{:#}", stale.body);
}

#[tokio::test]
async fn a_kicked_member_loses_every_read() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let (other, _dir) = world.beside();
    let room = ann.room().await;
    ben.join(&room).await;
    let mut streams = vec![ben.follow(&room, "0").await, ben.at(&other.url).follow(&room, "0").await];
    let ticket = ben.post(&format!("/v1/rooms/{room}/tickets"), &json!({ "use": "sse" })).await.ok();
    let kicked = ann.command(&room, json!({ "type": "member.kick", "member": ben.id })).await.ok();
    let seq = kicked["seq"].as_i64().expect("a number");
    ann.command(&room, json!({ "type": "chat.post", "text": "now that he is gone" })).await.ok();
    for stream in &mut streams {
        assert_eq!(stream.seqs_until(seq).await, (1..=seq).collect::<Vec<_>>());
        assert_eq!(stream.next().await, None, "the stream goes on after the kick");
    }
    for ben in [ben.clone(), ben.at(&other.url)] {
        for (what, answer) in attempts(&ben, &room, "\"x:1\"").await {
            assert_eq!((answer.status, answer.code()), (403, "not_a_member"), "{what}: {:#}", answer.body);
        }
    }
    let path = format!("{}/v1/rooms/{room}/events?ticket={}", ben.url, ticket["ticket"].as_str().expect("a string"));
    let again = send(crate::support::client().get(path).header("accept", "text/event-stream")).await;
    assert_eq!(again.code(), "not_a_member");
    ann.forgive(&room, &ben).await;
    ben.join(&room).await;
    let last = ben.snapshot(&room).await.ok()["seq"].as_i64().expect("a number");
    assert_eq!(ben.follow(&room, "0").await.seqs_until(last).await, (1..=last).collect::<Vec<_>>());
}
