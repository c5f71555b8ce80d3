//! Finding messages: by their words, and what was said around one.

use serde_json::{Value, json};

use crate::support::{Guest, World};

async fn say(who: &Guest, room: &str, text: &str) -> Value {
    who.command(room, json!({ "type": "chat.post", "text": text })).await.ok()
}

fn id(said: &Value) -> String {
    said["events"][0]["data"]["message_id"].as_str().expect("an id").to_owned()
}

/// The texts of messages.
fn texts(page: &Value) -> Vec<String> {
    let messages = page["messages"].as_array().expect("a list").iter();
    messages.map(|message| message["text"].as_str().unwrap_or("null").to_owned()).collect()
}

async fn found(reader: &Guest, room: &str, query: &str, done: &Value) -> Vec<String> {
    texts(&reader.shown(room, &format!("chat?query={query}"), done).await)
}

#[tokio::test]
async fn messages_are_found_by_all_of_their_words() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let (room, elsewhere) = (ann.room().await, ann.room().await);
    ben.join(&room).await;
    for text in ["Popcorn at night, please!", "nightfall", "Déjà vu"] {
        say(&ann, &room, text).await;
    }
    let shift = say(&ben, &room, "NIGHT shift").await;
    let last = say(&ann, &elsewhere, "popcorn elsewhere").await;
    for (query, wanted) in [
        ("night", vec!["Popcorn at night, please!", "NIGHT shift"]),
        ("NIGHT popcorn", vec!["Popcorn at night, please!"]),
        ("please,night", vec!["Popcorn at night, please!"]),
        ("popcorn", vec!["Popcorn at night, please!"]),
        ("DÉJÀ vu", vec!["Déjà vu"]),
        ("night shift popcorn", vec![]),
        ("nigh", vec![]),
        ("elsewhere", vec![]),
    ] {
        assert_eq!(found(&ann, &room, query, &last).await, wanted, "{query}");
        assert_eq!(found(&ben, &room, query, &last).await, wanted, "{query}, for another reader");
    }
    assert_eq!(found(&ann, &elsewhere, "popcorn", &last).await, ["popcorn elsewhere"]);

    let edit = json!({ "type": "chat.edit", "message_id": id(&shift), "text": "day shift" });
    let edited = ben.command(&room, edit).await.ok();
    assert_eq!(found(&ann, &room, "shift day", &edited).await, ["day shift"]);
    assert_eq!(found(&ann, &room, "night shift", &edited).await, Vec::<String>::new());
    let redacted = ben.command(&room, json!({ "type": "chat.redact", "message_id": id(&shift) })).await.ok();
    assert_eq!(found(&ann, &room, "shift", &redacted).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_was_found_comes_in_pages() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let (mut wanted, mut last) = (Vec::new(), Value::Null);
    for number in 0..7 {
        say(&ann, &room, &format!("noise {number}")).await;
        last = say(&ann, &room, &format!("signal {number}")).await;
        wanted.push(format!("signal {number}"));
    }
    let (mut seen, mut before, mut sizes) = (Vec::new(), String::new(), Vec::new());
    loop {
        let page = ann.shown(&room, &format!("chat?query=signal&limit=3{before}"), &last).await;
        let messages = texts(&page);
        sizes.push(messages.len());
        seen.splice(0..0, messages);
        let Some(next) = page["next_before"].as_i64() else { break };
        before = format!("&before={next}");
    }
    assert_eq!((seen, sizes), (wanted, vec![3, 3, 1]));
}

#[tokio::test]
async fn a_message_is_shown_among_those_around_it() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let (room, elsewhere) = (ann.room().await, ann.room().await);
    let mut said = Vec::new();
    for number in 0..7 {
        said.push(say(&ann, &room, &number.to_string()).await);
    }
    let redact = json!({ "type": "chat.redact", "message_id": id(&said[3]) });
    let last = ann.command(&room, redact).await.ok();
    let around = async |index: usize, limit: usize| {
        let page = ann.shown(&room, &format!("chat?around={}&limit={limit}", id(&said[index])), &last).await;
        let before = page["next_before"].as_i64();
        let first = page["messages"][0]["seq"].as_i64().expect("a number");
        assert!(before.is_none_or(|before| before == first), "{page:#}");
        (texts(&page).join(" "), before.is_some())
    };
    for (index, limit, wanted) in [
        (3, 3, ("2 null 4", true)),
        (3, 1, ("null", true)),
        (4, 5, ("2 null 4 5 6", true)),
        (0, 3, ("0 1", false)),
        (6, 3, ("4 5 6", true)),
        (3, 100, ("0 1 2 null 4 5 6", false)),
    ] {
        let (texts, more) = around(index, limit).await;
        assert_eq!((texts.as_str(), more), wanted, "around {index}, {limit}");
    }

    let other = id(&say(&ann, &elsewhere, "far").await);
    let known = id(&said[0]);
    for (query, status, code) in [
        (format!("around={other}"), 404, "message_not_found"),
        ("around=msg_00000000000000000000000000".to_owned(), 404, "message_not_found"),
        ("around=x".to_owned(), 400, "invalid_query"),
        (format!("around={known}&before=9"), 400, "invalid_query"),
        (format!("around={known}&query=far"), 400, "invalid_query"),
        ("query=%3F!%20%E2%80%A6".to_owned(), 400, "invalid_query"),
        (format!("query={}", "x".repeat(201)), 400, "invalid_query"),
        ("before=-1".to_owned(), 400, "invalid_query"),
        ("before=x".to_owned(), 400, "invalid_query"),
    ] {
        let refused = ann.get(&format!("/v1/rooms/{room}/chat?{query}")).await;
        assert_eq!((refused.status, refused.code()), (status, code), "{query}");
    }
    assert_eq!(ann.get(&format!("/v1/rooms/{room}/chat?query={}", "x".repeat(200))).await.status, 200);
}
