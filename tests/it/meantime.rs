//! Who was sent away and came back heard nothing of the meantime, wherever they listened.

use serde_json::{Value, json};

use crate::support::{World, assert_verified};

#[tokio::test]
async fn who_comes_back_at_once_hears_nothing_of_the_meantime_at_another_node() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let (ann, ben) = (world.guest("Ann").await, world.guest("Ben").await);
    let room = ann.room().await;
    ben.join(&room).await;
    for ways in [["member.kick", "member.unban"], ["room.close", "room.reopen"]] {
        let there = ben.at(&other.url);
        let mut socket = there.subscribed(&room, "now").await.0;
        let from = ben.snapshot(&room).await.ok()["seq"].as_i64().expect("a seq");
        let mut stream = there.follow(&room, &from.to_string()).await;
        let of = |kind: &str| match kind.starts_with("member.") {
            true => json!({ "type": kind, "member": ben.id }),
            false => json!({ "type": kind }),
        };
        let last = ann.command(&room, of(ways[0])).await.ok()["events"][0].clone();
        if ways[0] == "member.kick" {
            ann.command(&room, json!({ "type": "chat.post", "text": "while he was out" })).await.ok();
        }
        ann.command(&room, of(ways[1])).await.ok();
        ben.join(&room).await;
        let (heard, closed) = socket.rest().await;
        let code = if ways[0] == "member.kick" { 4403 } else { 4404 };
        let seqs: Vec<&Value> = heard.iter().map(|told| &told["event"]["seq"]).filter(|seq| seq.is_i64()).collect();
        assert_eq!((seqs, closed.map(|(code, _)| code)), (vec![&last["seq"]], Some(code)), "{heard:#?}");
        assert_eq!(stream.seqs_until(last["seq"].as_i64().expect("a seq")).await.last(), last["seq"].as_i64().as_ref());
        assert_eq!(stream.next().await, None, "the stream goes on after {}", ways[0]);
    }
    assert_verified(&world.database);
}
