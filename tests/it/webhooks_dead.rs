//! Dead letters.

use serde_json::{Value, json};

use crate::support::{Hook, Receiver, Reply, World, outbox, poison, run, said, say, told};

/// A webhook whose receiver does not take one message, which is dead now; and what it says of it.
async fn one_dead(world: &World) -> (Hook, Receiver, Value) {
    // No attempt comes by itself while the test says how many there were.
    let receiver = Receiver::new(|delivery| match delivery.text() {
        "two" => Reply::With(422, "retry-after", "3600".to_owned()),
        _ => Reply::Status(200),
    })
    .await;
    let hook = Hook::new(&world.database, &receiver.url, &[]);
    said(&world.server.url).await;
    hook.becomes("a failure", |status| status["failing"] == 1 && status["waiting"] == 2).await;
    assert_eq!(receiver.taken().len(), 3, "the room went on without it");
    // What twenty minutes would have brought about.
    run(&world.database, "UPDATE outbox_attempts SET attempts = 11").await;
    hook.resume();
    hook.becomes("a dead letter", |status| status["dead"] == 1).await;
    let (code, list) = told(&outbox(&world.database, &["list-dead", "--json"]));
    assert_eq!((code, list["dead"].as_array().map(Vec::len)), (0, Some(1)));
    receiver.takes(4).await;
    (hook, receiver, list["dead"][0].clone())
}

#[tokio::test]
async fn after_its_last_attempt_an_event_is_a_dead_letter_and_its_room_goes_on() {
    let world = World::new().await;
    let (hook, receiver, dead) = one_dead(&world).await;
    let status = hook.becomes("nothing to wait", |status| status["waiting"] == 0).await;
    assert_eq!((&status["failing"], &status["dead"]), (&json!(0), &json!(1)), "{status:#}");
    let seqs: Vec<_> = receiver.taken().iter().map(crate::support::Delivery::seq).collect();
    assert_eq!(seqs, [1, 2, 3, 5]);
    assert_eq!(dead["topic"], json!(hook.topic()));
    assert_eq!(
        (&dead["position"], &dead["type"], &dead["attempts"], &dead["error"]),
        (&json!(4), &json!("chat.posted"), &json!(12), &json!("answered 422 Unprocessable Entity"))
    );
    assert!(dead["first_at"].as_str() <= dead["last_at"].as_str(), "{dead:#}");
    assert!(world.server.log().contains("webhook.dead_letter"));
    let status = outbox(&world.database, &["status"]);
    assert_eq!(status.status.code(), Some(1), "there are dead letters");
    let plain = outbox(&world.database, &["list-dead", "--topic", &hook.topic()]);
    let table = String::from_utf8_lossy(&plain.stdout).into_owned();
    assert!(table.contains("chat.posted") && table.contains("\n  answered 422 Unprocessable Entity"), "{table}");
    assert_eq!(told(&outbox(&world.database, &["list-dead", "--topic", "events", "--json"])).1, json!({ "dead": [] }));
}

#[tokio::test]
async fn a_dead_letter_that_is_replayed_is_delivered_and_who_did_is_recorded() {
    let world = World::new().await;
    let (hook, receiver, dead) = one_dead(&world).await;
    receiver.now(|_| Reply::Status(200));
    assert_eq!(outbox(&world.database, &["replay", "999"]).status.code(), Some(1), "there is no such letter");
    let (code, done) = told(&outbox(&world.database, &["replay", "--topic", &hook.topic(), "4", "--json"]));
    assert_eq!((code, done), (0, json!({ "topics": [{ "topic": hook.topic(), "positions": [4] }] })));
    let last = receiver.takes(5).await.remove(4);
    assert_eq!((last.seq(), last.text()), (4, "two"));
    hook.becomes("nothing left", |status| status["waiting"] == 0 && status["dead"] == 0).await;
    let (code, status) = told(&outbox(&world.database, &["status", "--json"]));
    let act = &status["acts"][0];
    assert_eq!((code, &act["act"], &act["topic"], &act["letters"]), (0, &json!("replay"), &dead["topic"], &json!(1)));
    assert!(act["who"].as_str().is_some_and(|who| who.contains('@')) && act["at"].is_string(), "{act:#}");
}

#[tokio::test]
async fn a_letter_that_is_replayed_and_refused_again_has_all_of_its_attempts_again() {
    let world = World::new().await;
    let (hook, receiver, _) = one_dead(&world).await;
    assert!(outbox(&world.database, &["replay", "--all"]).status.success());
    hook.becomes("a failure", |status| status["failing"] == 1 && status["dead"] == 0).await;
    let tried = receiver.seen().iter().filter(|delivery| delivery.text() == "two").count();
    assert!(tried >= 3, "tried {tried} times");
}

#[tokio::test]
async fn a_dead_letter_that_is_dropped_is_gone_and_its_event_stays() {
    let world = World::new().await;
    let (hook, receiver, _) = one_dead(&world).await;
    let dropped = outbox(&world.database, &["drop", "--all"]);
    assert!(dropped.status.success(), "{dropped:?}");
    assert_eq!(String::from_utf8_lossy(&dropped.stdout), format!("{}: 1 dead letters are dropped\n", hook.topic()));
    let status = hook.status();
    assert_eq!((&status["dead"], &status["waiting"]), (&json!(0), &json!(0)), "{status:#}");
    assert_eq!(outbox(&world.database, &["drop", "--all"]).status.code(), Some(1));
    let log = world.auditor().await.get("/v1/log?after=3&limit=1").await.ok();
    assert_eq!(log["events"][0]["data"]["text"], "two");
    let plain = outbox(&world.database, &["status"]);
    let table = String::from_utf8_lossy(&plain.stdout).into_owned();
    assert_eq!(plain.status.code(), Some(0), "{table}");
    assert!(table.contains(&format!(": drop of 1 dead letters of {}", hook.topic())), "{table}");
    receiver.now(|_| Reply::Status(200));
    let (ann, room) = said(&world.server.url).await;
    say(&ann, &room, "x").await;
    let taken = receiver.takes(4 + 6).await;
    assert_eq!(taken.iter().filter(|delivery| delivery.text() == "two").count(), 1, "it was sent after all");
}

#[tokio::test]
async fn an_event_that_cannot_be_read_fails_alone_and_says_why() {
    let world = World::new().await;
    let receiver = Receiver::willing().await;
    let hook = Hook::new(&world.database, &receiver.url, &[]);
    let ann = world.guest("Ann").await;
    let bad = poison(&world.database, &ann.room().await).await;
    said(&world.server.url).await;
    receiver.takes(2 + 5).await;
    let status = hook.becomes("a failure", |status| status["failing"] == 1 && status["waiting"] == 1).await;
    let wanted = format!("events.payload at position {bad}");
    assert!(status["last_error"].as_str().is_some_and(|error| error.contains(&wanted)), "{status:#}");
}
