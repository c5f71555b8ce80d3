//! The read models of a room: what they show, to whom, and how they are asked.

use serde_json::{Value, json};

use crate::support::{Guest, World, eventually};

const LISTS: [&str; 5] = ["members", "playlist", "chat", "history", "watch-time"];

async fn did(who: &Guest, room: &str, command: Value) -> Value {
    who.command(room, command).await.ok()
}

fn list(of: &Value, name: &str) -> Vec<Value> {
    of[name].as_array().unwrap_or_else(|| panic!("no {name} in {of:#}")).clone()
}

/// Reads each command at once, at another server.
#[tokio::test]
async fn members_are_those_of_the_room_as_soon_as_they_are_asked_for() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let room = ann.room().await;
    let far = ann.at(&other.url);
    for (who, command) in [
        (&ben, json!({ "type": "member.join" })),
        (&ann, json!({ "type": "member.set_role", "member": ben.id, "role": "moderator" })),
        (&ben, json!({ "type": "member.leave" })),
        (&ben, json!({ "type": "member.join" })),
        (&ann, json!({ "type": "member.kick", "member": ben.id })),
    ] {
        let done = did(who, &room, command.clone()).await;
        let mut members = list(&far.shown(&room, "members", &done).await, "members");
        let events = ann.events(&room).await;
        for member in &mut members {
            let seq = member.as_object_mut().and_then(|member| member.remove("seq")).expect("it is there");
            let joined = events.iter().find(|event| event["seq"] == seq).expect("it is an event");
            assert_eq!((&joined["type"], &joined["data"]["member"]), (&json!("member.joined"), &member["id"]));
        }
        assert_eq!(json!(members), ann.snapshot(&room).await.ok()["members"], "after {command}");
    }
}

#[tokio::test]
async fn the_playlist_is_that_of_the_room_and_its_pages_are_behind_an_item() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let mut items = Vec::new();
    for number in 0..3 {
        let url = format!("https://media.test/{number}.mp4");
        let done = did(&ann, &room, json!({ "type": "playlist.add", "url": url, "duration_ms": 1000 + number })).await;
        items.push(done["events"][0]["data"]["item_id"].clone());
    }
    for command in [
        json!({ "type": "playlist.update", "item_id": items[1], "title": "A film" }),
        json!({ "type": "playlist.move", "item_id": items[2], "after": null }),
    ] {
        let done = did(&ann, &room, command.clone()).await;
        let playlist = ann.shown(&room, "playlist", &done).await;
        assert_eq!(playlist["playlist"], ann.snapshot(&room).await.ok()["playlist"], "after {command}");
        assert_eq!(playlist["next_page_token"], "");
    }
    let first = ann.get(&format!("/v1/rooms/{room}/playlist?limit=2")).await.ok();
    let ids = |page: &Value| list(page, "playlist").iter().map(|item| item["item_id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&first), [items[2].clone(), items[0].clone()]);
    assert_eq!(first["next_page_token"], items[0]);
    let behind = format!("playlist?limit=2&page_token={}", items[0].as_str().expect("an id"));
    let rest = ann.get(&format!("/v1/rooms/{room}/{behind}")).await.ok();
    assert_eq!((ids(&rest), &rest["next_page_token"]), (vec![items[1].clone()], &json!("")));

    let removed = did(&ann, &room, json!({ "type": "playlist.remove", "item_id": items[0] })).await;
    let gone = ann.get(&format!("/v1/rooms/{room}/{behind}&min_position={}", removed["position"])).await;
    assert_eq!((gone.status, gone.code()), (400, "invalid_cursor"));
}

#[tokio::test]
async fn the_chat_shows_what_became_of_messages() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let room = ann.room().await;
    ben.join(&room).await;
    let post = async |text: &str, reply_to: &Value| {
        did(&ann, &room, json!({ "type": "chat.post", "text": text, "reply_to": reply_to })).await
    };
    let first = post("one", &Value::Null).await;
    let id = |done: &Value| done["events"][0]["data"]["message_id"].clone();
    let second = post("two", &id(&first)).await;
    let shown = ann.shown(&room, "chat", &second).await;
    let plain = |done: &Value, text: &str, reply_to: Value| {
        let event = &done["events"][0];
        json!({
            "message_id": id(done), "seq": event["seq"], "author": ann.id, "text": text, "redacted": false,
            "reply_to": reply_to, "at": event["at"], "edited_at": null, "reactions": {},
        })
    };
    let messages = json!([plain(&first, "one", Value::Null), plain(&second, "two", id(&first))]);
    assert_eq!(shown, json!({ "messages": messages, "next_before": null }));

    let edited = did(&ann, &room, json!({ "type": "chat.edit", "message_id": id(&first), "text": "uno" })).await;
    let react = |on| json!({ "type": "chat.react", "message_id": id(&first), "reaction": "🎉", "on": on });
    let reacted = did(&ben, &room, react(true)).await;
    let message = ben.shown(&room, "chat", &reacted).await["messages"][0].clone();
    assert_eq!((&message["text"], &message["edited_at"]), (&json!("uno"), &edited["events"][0]["at"]));
    assert_eq!(message["reactions"], json!({ "🎉": [ben.id] }));
    let reacted = did(&ben, &room, react(false)).await;
    assert_eq!(ben.shown(&room, "chat", &reacted).await["messages"][0]["reactions"], json!({}));

    let redacted = did(&ann, &room, json!({ "type": "chat.redact", "message_id": id(&first) })).await;
    let message = ben.shown(&room, "chat", &redacted).await["messages"][0].clone();
    assert_eq!((&message["text"], &message["redacted"]), (&Value::Null, &json!(true)), "{message:#}");
}

#[tokio::test]
async fn names_and_texts_of_the_erased_are_null() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Benedict").await);
    let room = ann.room().await;
    ben.join(&room).await;
    let said = did(&ben, &room, json!({ "type": "chat.post", "text": "something private" })).await;
    let kept = did(&ann, &room, json!({ "type": "chat.post", "text": "something kept" })).await;
    let searched = ann.shown(&room, "chat?query=something", &kept).await;
    assert_eq!(list(&searched, "messages").len(), 2, "{searched:#}");
    assert_eq!(world.erase(&ben.id).0, Some(0));

    let (other, _dir) = world.beside();
    for server in [&world.server.url, &other.url] {
        let ann = ann.at(server);
        eventually("the name and the text to be gone", || async {
            let members = ann.shown(&room, "members", &kept).await;
            let chat = ann.shown(&room, "chat", &kept).await;
            let gone = !members.to_string().contains("Benedict") && !chat.to_string().contains("private");
            gone.then_some(())
        })
        .await;
        let members = list(&ann.shown(&room, "members", &kept).await, "members");
        assert_eq!([&members[0]["display_name"], &members[1]["display_name"]], [&json!("Ann"), &Value::Null]);
        let messages = list(&ann.shown(&room, "chat", &kept).await, "messages");
        assert_eq!([&messages[0]["text"], &messages[1]["text"]], [&Value::Null, &json!("something kept")]);
        assert_eq!((&messages[0]["seq"], &messages[0]["redacted"]), (&said["seq"], &json!(false)));
        for (query, count) in [("something", 1), ("private", 0)] {
            let found = ann.shown(&room, &format!("chat?query={query}"), &kept).await;
            assert_eq!(list(&found, "messages").len(), count, "{query}: {found:#}");
        }
    }
}

#[tokio::test]
async fn read_models_are_for_members_and_asked_with_what_they_know() {
    let world = World::new().await;
    let (ann, eve) = (world.guest("Ann").await, world.guest("Eve").await);
    let room = ann.room().await;
    for list in LISTS {
        let path = format!("/v1/rooms/{room}/{list}");
        let refused = eve.get(&path).await;
        assert_eq!((refused.status, refused.code()), (403, "not_a_member"), "{list}");
        let nowhere = ann.get(&format!("/v1/rooms/room_00000000000000000000000000/{list}")).await;
        assert_eq!((nowhere.status, nowhere.code()), (404, "room_not_found"), "{list}");
        let mut stranger = ann.clone();
        stranger.token = "x".to_owned();
        assert_eq!(stranger.get(&path).await.status, 401, "{list}");
        let token = if list == "chat" { "next_before=1" } else { "before=1" };
        for (query, code) in [
            ("unknown=1", "unknown_field"),
            (token, "unknown_field"),
            ("limit=x", "invalid_query"),
            ("min_position=-1", "invalid_query"),
            ("min_position=9223372036854775807", "invalid_query"),
        ] {
            let refused = ann.get(&format!("{path}?{query}")).await;
            assert_eq!((refused.status, refused.code()), (400, code), "{list}?{query}");
        }
        if list != "chat" {
            let refused = ann.get(&format!("{path}?page_token=x")).await;
            assert_eq!((refused.status, refused.code()), (400, "invalid_cursor"), "{list}");
        }
        assert_eq!(ann.get(&format!("{path}?limit=9223372036854775807")).await.status, 200, "{list}");
    }
}

#[tokio::test]
async fn a_limit_is_clamped_to_1_and_1000() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let post = json!({ "type": "chat.post", "text": "x" });
    let posts = (0..1001).map(|_| ann.command(&room, post.clone()));
    let posted = futures::future::join_all(posts).await;
    let last = posted.into_iter().map(|answer| answer.ok()["position"].as_i64().expect("a number")).max();
    let last = json!({ "position": last });
    let page = async |query: &str| list(&ann.shown(&room, &format!("chat{query}"), &last).await, "messages").len();
    for (query, count) in [("", 100), ("?limit=1000000", 1000), ("?limit=0", 1), ("?limit=-7", 1), ("?limit=3", 3)] {
        assert_eq!(page(query).await, count, "{query}");
    }
}
