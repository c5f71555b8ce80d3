//! The list of rooms.

use serde_json::{Value, json};

use crate::support::{Guest, World};

async fn names(reader: &Guest, query: &str) -> Vec<String> {
    let page = reader.get(&format!("/v1/rooms?{query}")).await.ok();
    let rooms = page["rooms"].as_array().expect("a list").iter();
    rooms.map(|room| room["name"].as_str().expect("a name").to_owned()).collect()
}

async fn create(owner: &Guest, name: &str, visibility: &str) -> Value {
    let room = json!({ "name": name, "join_rule": "public", "visibility": visibility });
    owner.post("/v1/rooms", &room).await.ok()
}

#[tokio::test]
async fn a_reader_sees_listed_rooms_and_their_own_as_soon_as_they_ask_for_that_position() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    create(&ann, "shown", "listed").await;
    let hidden = create(&ann, "hidden", "unlisted").await;
    let position = hidden["position"].as_i64().unwrap();
    let query = format!("min_position={position}");
    assert_eq!(names(&ann, &query).await, ["hidden", "shown"]);
    assert_eq!(names(&ben, &query).await, ["shown"]);

    let room = hidden["room_id"].as_str().unwrap();
    ben.join(room).await;
    let renamed = json!({ "type": "room.update_settings", "name": "Found", "expect": { "settings": 1 } });
    let done = ann.command(room, renamed).await.ok();
    let query = format!("query=oun&min_position={}", done["position"]);
    let page = ben.get(&format!("/v1/rooms?{query}")).await.ok();
    assert_eq!(page["rooms"][0]["members"], 2, "{page:#}");
    let closed = ann.command(room, json!({ "type": "room.close" })).await.ok();
    assert_eq!(names(&ben, &format!("query=oun&min_position={}", closed["position"])).await, Vec::<String>::new());
}

#[tokio::test]
async fn pages_hold_every_room_once() {
    let world = World::new().await;
    let ann = world.guest("Ann").await;
    let mut last = Value::Null;
    for number in 0..7 {
        last = create(&ann, &format!("r{number}"), "listed").await;
    }
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let path = format!("/v1/rooms?page_size=3&page_token={token}&min_position={}", last["position"]);
        let page = ann.get(&path).await.ok();
        seen.extend(page["rooms"].as_array().unwrap().iter().map(|room| room["name"].as_str().unwrap().to_owned()));
        token = page["next_page_token"].as_str().unwrap().to_owned();
        if token.is_empty() {
            break;
        }
    }
    assert_eq!(seen, ["r6", "r5", "r4", "r3", "r2", "r1", "r0"]);
    for query in [
        "page_token=x",
        "page_size=x",
        "min_position=x",
        "query=%00",
        "unknown=1",
        "min_position=-1",
        "min_position=9223372036854775807",
    ] {
        assert_eq!(ann.get(&format!("/v1/rooms?{query}")).await.status, 400, "{query}");
    }
}
