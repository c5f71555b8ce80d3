//! Events sent to webhooks.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Delivery, Guest, Hook, Receiver, Reply, World, eventually, head, random, said, say};

/// What each room's deliveries are, by their first arrival; a double is the same event as before.
pub fn first_arrivals(deliveries: &[Delivery]) -> BTreeMap<String, Vec<i64>> {
    let mut rooms: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    let mut known: BTreeMap<&str, &[u8]> = BTreeMap::new();
    for delivery in deliveries {
        match known.insert(delivery.id(), &delivery.raw) {
            None => rooms.entry(delivery.room().to_owned()).or_default().push(delivery.seq()),
            Some(before) => assert_eq!(before, delivery.raw, "a double differs"),
        }
    }
    rooms
}

/// Asserts that all events of all these rooms came, each room's in its order.
#[track_caller]
pub fn assert_whole(deliveries: &[Delivery], rooms: &[(String, i64)]) {
    let expected: BTreeMap<_, _> = rooms.iter().map(|(room, last)| (room.clone(), (1..=*last).collect())).collect();
    let arrived = first_arrivals(deliveries);
    for (room, seqs) in &expected {
        assert_eq!(arrived.get(room), Some::<&Vec<i64>>(seqs), "{room}");
    }
    assert_eq!(arrived.len(), expected.len());
}

#[tokio::test]
async fn a_webhook_gets_every_event_as_a_signed_cloud_event() {
    let world = World::new().await;
    let (ann, before) = said(&world.server.url).await;
    let receiver = Receiver::willing().await;
    let hook = Hook::new(&world.database, &receiver.url, &[]);
    assert_eq!(hook.after, 5);
    say(&ann, &before, "from now on").await;
    let (_, room) = said(&world.server.url).await;
    let taken = receiver.takes(6).await;
    assert_eq!(first_arrivals(&taken), BTreeMap::from([(before.clone(), vec![6]), (room, vec![1, 2, 3, 4, 5])]));
    let batch = world.auditor().await.get("/v1/log?after=5&format=cloudevents").await.ok();
    for delivery in &taken {
        hook.assert_signed(delivery);
        assert_eq!(delivery.header("content-type"), "application/cloudevents+json");
        assert_eq!((delivery.path.as_str(), delivery.id()), ("/hook", delivery.body["id"].as_str().expect("an id")));
        let same = batch.as_array().into_iter().flatten().find(|event| event["id"] == delivery.id());
        assert_eq!(same, Some(&delivery.body), "the log shows another event");
    }
    hook.becomes("nothing to wait", |status| status["waiting"] == 0 && status["oldest_seconds"].is_null()).await;

    let first = &taken.iter().find(|delivery| delivery.room() == before).expect("it was taken").body;
    let golden = json!({
        "specversion": "1.0", "id": first["id"], "source": first["source"], "type": "chat.posted", "subject": before,
        "time": first["time"], "datacontenttype": "application/json", "dataschema": "urn:synctv:event:chat.posted:1",
        "sequence": "0000000000000000006", "roomseq": "6", "actorid": ann.id, "decidedby": "role:owner",
        "commandid": first["commandid"],
        "data": { "message_id": first["data"]["message_id"], "author": ann.id, "text": "from now on" },
    });
    assert_eq!(first, &golden);
    assert!(first["source"].as_str().is_some_and(|source| source.starts_with("urn:synctv:log:")), "{first:#}");
}

#[tokio::test]
async fn a_webhook_gets_only_the_types_that_it_is_for() {
    let world = World::new().await;
    let (all, chat) = (Receiver::willing().await, Receiver::willing().await);
    Hook::new(&world.database, &all.url, &[]);
    let hook = Hook::new(&world.database, &chat.url, &["chat.posted", "room.created"]);
    said(&world.server.url).await;
    all.takes(5).await;
    let types: Vec<Value> = chat.takes(4).await.iter().map(|delivery| delivery.body["type"].clone()).collect();
    assert_eq!(types, ["room.created", "chat.posted", "chat.posted", "chat.posted"]);
    hook.becomes("nothing to wait", |status| status["waiting"] == 0).await;
    assert_eq!(chat.seen().len(), 4);
}

/// Says so many things in each room.
async fn talk(ann: &Guest, rooms: usize, messages: usize) -> Vec<(String, i64)> {
    let mut made = Vec::new();
    for _ in 0..rooms {
        made.push((ann.room().await, 2));
    }
    for number in 0..messages {
        for (room, last) in &mut made {
            *last = say(ann, room, &format!("message {number}")).await["seq"].as_i64().expect("a seq");
        }
    }
    made
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_room_keeps_its_order_while_a_receiver_fails_at_random() {
    let world = World::new().await;
    let receiver = Receiver::new(|_| match random(10) {
        0 | 1 => Reply::Status(500),
        2 => Reply::With(302, "location", "/elsewhere".to_owned()),
        _ => Reply::Status(200),
    })
    .await;
    let hook = Hook::new(&world.database, &receiver.url, &[]);
    let ann = world.guest("Ann").await;
    // More rooms than are delivered at once, and more messages than are kept in memory.
    let mut rooms = talk(&ann, 20, 3).await;
    rooms.extend(talk(&ann, 1, 40).await);
    let all: i64 = rooms.iter().map(|(_, last)| last).sum();
    assert_eq!(all, head(&world.database).await);
    let all = usize::try_from(all).expect("a few");
    let taken = crate::support::within(std::time::Duration::from_secs(120), "all to be taken", async || {
        Some(receiver.taken()).filter(|taken| taken.len() >= all)
    })
    .await;
    assert_whole(&taken, &rooms);
    hook.becomes("nothing to wait", |status| status["waiting"] == 0 && status["failing"] == 0).await;
    assert_eq!(receiver.taken().len(), all, "what was taken was sent again");
    let seen = receiver.seen();
    assert!(seen.len() > all, "nothing failed");
    assert!(seen.iter().all(|delivery| delivery.path == "/hook"), "a redirect was followed");
    seen.iter().for_each(|delivery| hook.assert_signed(delivery));
}

#[tokio::test]
async fn what_was_erased_between_two_attempts_is_not_sent_again() {
    let world = World::new().await;
    let (ann, ben) = (world.guest("Ann").await, world.guest("Benedict").await);
    let room = ann.room().await;
    ben.join(&room).await;
    let receiver = Receiver::new(|_| Reply::With(500, "retry-after", "3600".to_owned())).await;
    let hook = Hook::new(&world.database, &receiver.url, &[]);
    say(&ben, &room, "something private").await;
    let first = receiver.sees(1).await.remove(0);
    assert_eq!(first.text(), "something private");
    hook.becomes("the failure", |status| status["failing"] == 1).await;
    assert_eq!(world.erase(&ben.id).0, Some(0));
    eventually("the erasure", async || {
        (!ann.snapshot(&room).await.ok().to_string().contains("Benedict")).then_some(())
    })
    .await;
    receiver.now(|_| Reply::Status(200));
    hook.resume();
    let again = receiver.takes(1).await.remove(0);
    assert_eq!((again.id(), &again.body["data"]["text"]), (first.id(), &Value::Null));
    hook.assert_signed(&again);
}
