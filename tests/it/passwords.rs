//! Rooms behind a password: who gets in, what a repeat is answered, and whose word counts when two change it at once.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Answer, Guest, World, assert_verified, head, number, rounds, send};

/// Makes a room with this password, under a key.
async fn behind(guest: &Guest, password: &str, key: &str) -> Answer {
    let body = json!({ "name": "r", "join_rule": "password", "visibility": "unlisted", "password": password });
    send(guest.request(Method::POST, "/v1/rooms").header("idempotency-key", key).json(&body)).await
}

async fn room(guest: &Guest, password: &str) -> String {
    behind(guest, password, "make").await.ok()["room_id"].as_str().expect("an id").to_owned()
}

/// Nobody has touched the playlist of these rooms since they were made.
fn set(password: &str) -> Value {
    json!({ "type": "room.set_join_rule", "join_rule": "password", "password": password, "expect": { "playlist": 1 } })
}

fn join(password: &str) -> Value {
    json!({ "type": "member.join", "password": password })
}

/// What somebody new is answered who shows this password.
async fn tries(url: &str, room: &str, password: &str) -> String {
    Guest::new(url, "Eve").await.command(room, join(password)).await.code().to_owned()
}

#[tokio::test]
async fn a_password_lets_in_until_another_one_is_set_and_nobody_has_to_leave() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let room = room(&ann, "first").await;
    let bare = ben.command(&room, json!({ "type": "member.join" })).await;
    assert_eq!((bare.status, bare.code(), &bare.body["join_rule"]), (403, "join_refused", &json!("password")));
    let wrong = ben.command(&room, join("First")).await;
    assert_eq!((wrong.status, wrong.code()), (403, "wrong_password"), "{:#}", wrong.body);
    let joined = ben.command(&room, join("first")).await.ok();
    assert_eq!(joined["events"][0]["decided_by"], "join_rule:password");
    assert_eq!(ben.command(&room, join("whatever")).await.ok()["events"], json!([]), "members need none");

    let mut socket = ben.subscribed(&room, "now").await.0;
    let set = ann.command(&room, set("second")).await.ok();
    assert_eq!(set["events"][0]["type"], "room.join_rule_set", "{set:#}");
    assert_eq!(socket.until("event").await, set["events"][0]);
    socket.tell(json!({ "id": 1, "command": { "type": "chat.post", "text": "still here" } })).await;
    assert_eq!(socket.until("reply").await["events"][0]["type"], "chat.posted");
    for url in [&world.server.url, &other.url] {
        assert_eq!(tries(url, &room, "first").await, "wrong_password", "at {url}");
        assert_eq!(tries(url, &room, "second").await, "ok", "at {url}");
    }
    for (rule, password, code) in [("public", Some("third"), "password_required"), ("invite", None, "ok")] {
        let mut command = json!({ "type": "room.set_join_rule", "join_rule": rule, "expect": { "playlist": 1 } });
        if let Some(password) = password {
            command["password"] = json!(password);
        }
        assert_eq!(ann.command(&room, command.clone()).await.code(), code, "{command}");
    }
    assert_eq!(tries(&other.url, &room, "second").await, "join_refused");
    let back = json!({ "type": "room.set_join_rule", "join_rule": "password", "expect": { "playlist": 1 } });
    assert_eq!(ann.command(&room, back).await.code(), "password_required", "the old one is gone with its rule");
    assert_eq!(number(&world.database, "SELECT count(*) FROM room_passwords").await, 0, "it is kept for nothing");
    assert_verified(&world.database);
}

/// A repeat is answered as before, and another password under the same key is another command; nothing is stored.
async fn repeated(guests: &[Guest], database: &str, ask: impl AsyncFn(&Guest, &str) -> Answer) {
    let first = ask(&guests[0], "right").await;
    assert!(first.status < 300, "{:#}", first.body);
    let before = head(database).await;
    for guest in guests {
        assert_eq!(ask(guest, "right").await, first);
        let other = ask(guest, "wrong").await;
        assert_eq!((other.status, other.code()), (422, "idempotency_mismatch"), "{:#}", other.body);
    }
    assert_eq!(head(database).await, before, "a repeat was stored");
}

#[tokio::test]
async fn a_command_with_a_password_is_repeated_with_that_password_alone() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let both = async |name: &str| {
        let guest = world.guest(name).await;
        [guest.clone(), guest.at(&other.url)]
    };
    let (ann, ben) = (both("Ann").await, both("Ben").await);
    repeated(&ann, &world.database, async |who, password| behind(who, password, "make").await).await;
    let room = room(&ann[0], "right").await;
    repeated(&ben, &world.database, async |who, password| who.keyed(&room, &join(password), "join").await).await;
    let set_first = async |who: &Guest, password: &str| who.keyed(&room, &set(password), "set").await;
    repeated(&ann, &world.database, set_first).await;
    ann[0].command(&room, set("newer")).await.ok();
    set_first(&ann[1], "right").await.ok();
    assert_eq!(tries(&other.url, &room, "right").await, "wrong_password", "a repeat does nothing again");
    assert_eq!(tries(&other.url, &room, "newer").await, "ok");
    assert_eq!(number(&world.database, "SELECT count(*) FROM room_passwords").await, 1, "repeats leave nothing behind");
    assert_verified(&world.database);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_set_a_password_at_once_the_last_in_the_log_has_set_it() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let room = room(&ann, "first").await;
    ben.command(&room, join("first")).await.ok();
    ann.command(&room, json!({ "type": "member.set_role", "member": ben.id, "role": "admin" })).await.ok();
    let admins = [ann, ben.at(&other.url)];
    for round in 0..rounds(10, 50) {
        let sent = admins.iter().enumerate().map(|(index, admin)| {
            let (admin, room, password) = (admin.clone(), room.clone(), format!("{round}-{index}"));
            tokio::spawn(async move {
                (admin.command(&room, set(&password)).await.ok()["seq"].as_i64().expect("a seq"), password)
            })
        });
        let mut done: Vec<(i64, String)> =
            futures::future::join_all(sent).await.into_iter().map(|done| done.expect("no panic")).collect();
        done.sort();
        let old = (round > 0).then(|| format!("{}-0", round - 1));
        for (password, code) in [(&done[0].1, "wrong_password"), (&done[1].1, "ok")]
            .into_iter()
            .chain(old.iter().map(|password| (password, "wrong_password")))
        {
            let url = &admins[round % 2].url;
            assert_eq!(tries(url, &room, password).await, code, "{password} of {done:?} at {url}");
        }
    }
    assert_verified(&world.database);
}
