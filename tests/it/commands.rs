//! Commands and their answers.

use serde_json::json;

use crate::support::{World, assert_verified};

#[tokio::test]
async fn what_two_people_do_is_in_the_log() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let room = ann.room().await;
    ben.join(&room).await;
    let added = ann.command(&room, json!({ "type": "playlist.add", "url": "http://x.test/a.mp4" })).await.ok();
    ben.command(&room, json!({ "type": "playback.play" })).await.ok();
    ben.command(&room, json!({ "type": "chat.post", "text": "hello" })).await.ok();

    let events = ann.events(&room).await;
    let types: Vec<_> = events.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(
        types,
        ["room.created", "member.joined", "member.joined", "playlist.added", "playback.played", "chat.posted"]
    );
    assert_eq!(events[4]["data"]["item_id"], added["events"][0]["data"]["item_id"]);
    assert_eq!(events[5]["data"]["text"], "hello");
    assert_eq!(events[5]["actor"], json!({ "id": ben.id, "kind": "guest" }));
    assert_verified(&world.database);
}
