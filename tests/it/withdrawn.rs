//! What a message said that was withdrawn is not shown to members any more; its place is.

use serde_json::{Value, json};

use crate::support::{Guest, World, assert_verified, eventually};

/// Two messages, the second one edited, and between them something else; seqs 3 to 6.
async fn talk(ann: &Guest, room: &str) -> [Value; 2] {
    let post = async |text: &str| {
        let done = ann.command(room, json!({ "type": "chat.post", "text": text })).await.ok();
        done["events"][0]["data"]["message_id"].clone()
    };
    let kept = post("kept").await;
    let shameful = post("shameful").await;
    ann.command(room, json!({ "type": "playback.set_rate", "rate_permille": 1500 })).await.ok();
    ann.command(room, json!({ "type": "chat.edit", "message_id": shameful, "text": "more shameful" })).await.ok();
    [kept, shameful]
}

/// `(seq, type)` of a room's events up to `last`, by every way there is.
async fn told(reader: &Guest, room: &str, last: i64) -> Vec<Vec<(i64, String)>> {
    let place = |event: &Value| {
        if event["type"] == "redacted" {
            let fields: Vec<_> = event.as_object().into_iter().flat_map(|event| event.keys()).collect();
            assert_eq!(fields, ["position", "seq", "type"]);
        }
        (event["seq"].as_i64().expect("a number"), event["type"].as_str().expect("a name").to_owned())
    };
    let page = reader.events(room).await.iter().map(place).collect();
    let (mut socket, mut said) = (reader.subscribed(room, "0").await.0, Vec::new());
    while said.last().is_none_or(|(seq, _)| *seq < last) {
        said.push(place(&socket.until("event").await));
    }
    let (mut stream, mut streamed) = (reader.follow(room, "0").await, Vec::new());
    while streamed.last().is_none_or(|(seq, _)| *seq < last) {
        let sent = stream.next().await.expect("the stream goes on");
        if sent.event.is_none() {
            streamed.push(place(&sent.data));
        }
    }
    vec![page, said, streamed]
}

#[tokio::test]
async fn a_withdrawn_message_keeps_its_place_and_loses_its_words() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    // Both servers have the words at hand, encoded, when they are withdrawn.
    let (mut live, _) = ann.subscribed(&room, "now").await;
    let (mut far, _) = ann.at(&other.url).subscribed(&room, "now").await;
    let [_, shameful] = talk(&ann, &room).await;
    live.seqs_until(6).await;
    far.seqs_until(6).await;
    ann.command(&room, json!({ "type": "chat.redact", "message_id": shameful })).await.ok();

    let wanted: Vec<(i64, String)> = [
        (1, "room.created"),
        (2, "member.joined"),
        (3, "chat.posted"),
        (4, "redacted"),
        (5, "playback.rate_set"),
        (6, "redacted"),
        (7, "chat.redacted"),
    ]
    .map(|(seq, kind)| (seq, kind.to_owned()))
    .to_vec();
    for mut reader in [live, far] {
        assert_eq!(reader.seqs_until(7).await, [7], "who reads on is told that it was withdrawn");
    }
    for server in [&world.server.url, &other.url] {
        for told in told(&ann.at(server), &room, 7).await {
            assert_eq!(told, wanted, "{server}");
        }
    }
    let auditor = world.auditor().await;
    let logged = auditor.get(&format!("/v1/log?room={room}&type=chat.posted")).await.ok();
    assert_eq!(logged["events"][1]["data"]["text"], "shameful", "auditors see what was said");
    assert_verified(&world.database);
}

#[tokio::test]
async fn a_message_withdrawn_at_another_server_is_gone_there_too() {
    let world = World::new().await;
    let (other, _dir) = world.beside();
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let (mut live, _) = ann.subscribed(&room, "now").await;
    let [kept, _] = talk(&ann, &room).await;
    live.seqs_until(6).await;
    ann.at(&other.url).command(&room, json!({ "type": "chat.redact", "message_id": kept })).await.ok();
    assert_eq!(live.seqs_until(7).await, [7]);
    let gone = async || {
        let events = told(&ann, &room, 7).await;
        events.iter().all(|told| told[2] == (3, "redacted".to_owned())).then_some(())
    };
    eventually("the words to be gone", gone).await;
}
