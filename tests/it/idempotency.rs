//! Commands that are sent again.

use serde_json::{Value, json};

use crate::support::{Answer, Guest, Server, World, assert_verified, head, rounds, send};
use reqwest::Method;

const COPIES: usize = 64;

/// Sends copies at once, in turn to each of the servers.
async fn copies(guests: &[Guest], path: &str, body: &Value, key: &str) -> Vec<Answer> {
    let sent: Vec<_> = (0..COPIES)
        .map(|copy| {
            let request = guests[copy % guests.len()].request(Method::POST, path).header("idempotency-key", key);
            tokio::spawn(send(request.json(body)))
        })
        .collect();
    let mut answers = Vec::new();
    for answer in sent {
        answers.push(answer.await.expect("no panic"));
    }
    answers
}

#[track_caller]
fn all_equal(answers: &[Answer]) -> &Answer {
    for answer in answers {
        assert_eq!(answer, &answers[0], "two copies were answered differently");
    }
    &answers[0]
}

async fn keyed_room(guest: &Guest, name: &str, key: &str) -> Answer {
    let body = json!({ "name": name, "join_rule": "public", "visibility": "unlisted" });
    send(guest.request(Method::POST, "/v1/rooms").header("idempotency-key", key).json(&body)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_at_two_servers_make_one_set_of_events() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let guests = [ann.clone(), ann.at(&other.url)];
    let path = format!("/v1/rooms/{room}/commands");
    for round in 0..rounds(2, 20) {
        let commands = [
            (1, json!({ "type": "chat.post", "text": format!("hello {round}") })),
            (1, json!({ "type": "playlist.add", "url": "http://x.test/a.mp4" })),
            (0, json!({ "type": "playback.pause" })),
            (1, json!({ "type": "playback.play" })),
            (0, json!({ "type": "playback.play" })),
            (1, json!({ "type": "playback.pause", "position_ms": 5 })),
        ];
        for (number, (events, command)) in commands.iter().enumerate() {
            let before = head(&world.database).await;
            let answers = copies(&guests, &path, command, &format!("{round}-{number}")).await;
            let answer = all_equal(&answers).clone().ok();
            assert_eq!(answer["events"].as_array().map(Vec::len), Some(*events), "{command}: {answer:#}");
            assert_eq!(head(&world.database).await - before, *events as i64, "{command} was stored more than once");
        }
    }
    assert_verified(&world.database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_of_a_creation_make_one_room() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let ann = world.guest("Ann").await;
    let guests = [ann.clone(), ann.at(&other.url)];
    for round in 0..rounds(2, 20) {
        let before = head(&world.database).await;
        let body = json!({ "name": "r", "join_rule": "public", "visibility": "unlisted" });
        let answers = copies(&guests, "/v1/rooms", &body, &format!("make-{round}")).await;
        let made = all_equal(&answers);
        assert_eq!(made.status, 201, "{:#}", made.body);
        let room = made.body["room_id"].as_str().expect("a string");
        let events = ann.events(room).await.len() as i64;
        assert_eq!(head(&world.database).await - before, events, "other rooms were made as well");
    }
    assert_eq!(keyed_room(&ann, "another", "make-0").await.code(), "idempotency_mismatch");
    assert_verified(&world.database);
}

#[tokio::test]
async fn the_same_key_with_another_command_is_refused() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let (room, elsewhere) = (ann.room().await, ann.room().await);
    let first = json!({ "type": "chat.post", "text": "one" });
    let answer = ann.keyed(&room, &first, "k").await;
    answer.clone().ok();
    let before = head(&world.database).await;
    for other in [
        json!({ "type": "chat.post", "text": "two" }),
        json!({ "type": "playback.pause" }),
        json!({ "type": "chat.post", "text": "one", "expect": { "settings": 1 } }),
        json!({ "type": "playback.play" }),
    ] {
        let refused = ann.keyed(&room, &other, "k").await;
        assert_eq!((refused.status, refused.code()), (422, "idempotency_mismatch"), "{other}: {:#}", refused.body);
    }
    let refused = ann.keyed(&elsewhere, &first, "k").await;
    assert_eq!((refused.status, refused.code()), (422, "idempotency_mismatch"), "{:#}", refused.body);
    assert_eq!(keyed_room(&ann, "r", "k").await.code(), "idempotency_mismatch");
    let request = ann.request(Method::POST, &format!("/v1/rooms/{room}/commands")).header("idempotency-key", "k");
    let spelled =
        request.header("content-type", "application/json").body("{ \"text\" : \"\\u006fne\",\n\"type\":\"chat.post\"}");
    assert_eq!(send(spelled).await, answer, "the same command in another spelling");
    assert_eq!(head(&world.database).await, before, "something was stored");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_race_for_one_key_leave_one_winner() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let ann = world.guest("Ann").await;
    let guests = [ann.clone(), ann.at(&other.url)];
    let room = ann.room().await;
    for round in 0..rounds(3, 30) {
        let before = head(&world.database).await;
        let sent: Vec<_> = (0..16)
            .map(|number| {
                let (guest, room) = (guests[number % 2].clone(), room.clone());
                let command = json!({ "type": "chat.post", "text": format!("{}", number / 2 % 4) });
                tokio::spawn(async move { guest.keyed(&room, &command, &format!("race-{round}")).await })
            })
            .collect();
        let mut won: Vec<Answer> = Vec::new();
        for answer in sent {
            let answer = answer.await.expect("no panic");
            match answer.status {
                200 => won.push(answer),
                _ => assert_eq!((answer.status, answer.code()), (422, "idempotency_mismatch"), "{:#}", answer.body),
            }
        }
        all_equal(&won);
        assert_eq!((won.len(), head(&world.database).await - before), (4, 1), "one text wins, with all its copies");
    }
}

#[tokio::test]
async fn a_key_belongs_to_its_actor() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let room = ann.room().await;
    ben.join(&room).await;
    let command = json!({ "type": "chat.post", "text": "same" });
    let (first, second) = (ann.keyed(&room, &command, "k").await.ok(), ben.keyed(&room, &command, "k").await.ok());
    assert_eq!(first["events"][0]["actor"]["id"], ann.id.as_str());
    assert_eq!(second["events"][0]["actor"]["id"], ben.id.as_str());
    assert_ne!(first["seq"], second["seq"]);
    let other = ben.keyed(&room, &json!({ "type": "chat.post", "text": "mine" }), "k2").await.ok();
    assert_eq!(ann.keyed(&room, &command, "k2").await.ok()["events"][0]["data"]["text"], "same");
    assert_eq!(other["events"][0]["data"]["text"], "mine");
}

#[tokio::test]
async fn a_repeat_gives_the_first_answer_however_the_room_has_changed() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let room = ann.room().await;
    let join = json!({ "type": "member.join" });
    let joined = ben.keyed(&room, &join, "join").await;
    let nothing = ben.keyed(&room, &json!({ "type": "playback.pause" }), "pause").await;
    assert_eq!(nothing.clone().ok()["events"], json!([]));
    let said = ben.keyed(&room, &json!({ "type": "chat.post", "text": "hi" }), "say").await;
    for command in [json!({ "type": "member.kick", "member": ben.id }), json!({ "type": "room.close" })] {
        ann.command(&room, command).await.ok();
    }
    let before = head(&world.database).await;
    let again = Server::start(&world.database, &world.dir.path().join("again"));
    for ben in [ben.clone(), ben.at(&again.url)] {
        assert_eq!(ben.keyed(&room, &join, "join").await, joined);
        assert_eq!(ben.keyed(&room, &json!({ "type": "playback.pause" }), "pause").await, nothing);
        assert_eq!(ben.keyed(&room, &json!({ "type": "chat.post", "text": "hi" }), "say").await, said);
        assert_eq!(ben.keyed(&room, &json!({ "type": "chat.post", "text": "hi" }), "new").await.status, 403);
    }
    assert_eq!(head(&world.database).await, before, "a repeat was stored");
}

#[tokio::test]
async fn a_refused_command_may_succeed_under_the_same_key() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let play = json!({ "type": "playback.play" });
    assert_eq!(ann.keyed(&room, &play, "k").await.code(), "nothing_to_play");
    assert_eq!(ann.keyed(&room, &play, "k").await.code(), "nothing_to_play");
    ann.command(&room, json!({ "type": "playlist.add", "url": "http://x.test/a.mp4" })).await.ok();
    let played = ann.keyed(&room, &play, "k").await;
    assert_eq!(played.clone().ok()["events"][0]["type"], "playback.played");
    ann.command(&room, json!({ "type": "playlist.clear" })).await.ok();
    assert_eq!(ann.keyed(&room, &play, "k").await, played);
}

#[tokio::test]
async fn a_precondition_does_not_stand_in_the_way_of_a_repeat() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let now = ann.snapshot(&room).await.ok();
    let tag = format!("\"{}:{}\"", now["epoch"].as_str().expect("a string"), now["seq"]);
    let update = json!({ "type": "room.update_settings", "name": "renamed" });
    let send_it = |key: &'static str| {
        let request = ann.request(Method::POST, &format!("/v1/rooms/{room}/commands")).header("idempotency-key", key);
        send(request.header("if-match", &tag).json(&update))
    };
    let stored = send_it("k").await;
    assert_eq!(stored.status, 200, "{:#}", stored.body);
    assert_eq!(send_it("k").await, stored);
    assert_eq!(send_it("l").await.code(), "precondition_failed");

    let version = &ann.snapshot(&room).await.ok()["versions"]["settings"];
    let expecting = json!({ "type": "room.update_settings", "name": "again", "expect": { "settings": version } });
    let stored = ann.keyed(&room, &expecting, "m").await;
    assert_eq!(stored.status, 200, "{:#}", stored.body);
    assert_eq!(ann.keyed(&room, &expecting, "m").await, stored);
    assert_eq!(ann.keyed(&room, &expecting, "n").await.code(), "stale_version");
}

#[tokio::test]
async fn keys_are_1_to_255_printable_ascii_characters() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let command = json!({ "type": "chat.post", "text": "x" });
    let longest = "k".repeat(255);
    for key in ["a", longest.as_str(), "~!@#$%^&*()_+{}|:\"<>?", "a b"] {
        let answer = ann.keyed(&room, &command, key).await;
        assert_eq!(answer.clone().ok()["events"][0]["command_id"], key);
        assert_eq!(ann.keyed(&room, &command, key).await, answer, "{key}");
    }
    let before = head(&world.database).await;
    let (longer, longest) = ("k".repeat(256), "k".repeat(20_000));
    for key in ["", longer.as_str(), longest.as_str(), "a\tb", "ключ", "\u{a0}"] {
        let refused = ann.keyed(&room, &command, key).await;
        assert_eq!((refused.status, refused.code()), (400, "invalid_idempotency_key"), "{key:.20}");
        assert_eq!(keyed_room(&ann, "r", key).await.code(), "invalid_idempotency_key", "{key:.20}");
    }
    let request = ann.request(Method::POST, &format!("/v1/rooms/{room}/commands"));
    let twice = send(request.header("idempotency-key", "a").header("idempotency-key", "b").json(&command)).await;
    assert_eq!(twice.code(), "invalid_idempotency_key");
    assert_eq!(head(&world.database).await, before, "something was stored");
}
