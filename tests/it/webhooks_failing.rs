//! Receivers that do not do as they should.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::{Delivery, Hook, Receiver, Reply, World, eventually, run, said, say};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receiver_that_hangs_holds_up_no_other_and_no_command() {
    let world = World::new().await;
    let (hanging, dripping, willing) = (
        Receiver::new(|_| Reply::Nothing).await,
        Receiver::new(|_| Reply::Endless(200)).await,
        Receiver::willing().await,
    );
    let hung = Hook::new(&world.database, &hanging.url, &[]);
    let dripped = Hook::new(&world.database, &dripping.url, &[]);
    Hook::new(&world.database, &willing.url, &[]);
    // As many rooms as are sent at once, and some more.
    let (ann, _) = said(&world.server.url).await;
    for _ in 0..20 {
        ann.room().await;
    }
    hanging.sees(16).await;
    let began = Instant::now();
    let room = ann.room().await;
    for text in ["a", "b", "c"] {
        say(&ann, &room, text).await;
    }
    let arrived = eventually("the others to have everything", async || {
        let taken = willing.taken();
        (taken.len() == 50).then_some(taken)
    })
    .await;
    assert!(began.elapsed() < Duration::from_secs(9), "it took as long as the one that hangs: {:?}", began.elapsed());
    assert!(arrived.iter().any(|one| one.room() == room && one.text() == "c"), "{arrived:#?}");
    // Its head says all: nobody waits for the end of the body.
    dripping.takes(50).await;
    dripped.becomes("nothing to wait", |status| status["waiting"] == 0).await;
    let status = hung.becomes("the failures", |status| status["failing"].as_i64() >= Some(16)).await;
    assert_eq!((&status["last_error"], &status["waiting"]), (&json!("no answer within 10 s"), &json!(50)));
    assert!(hanging.taken().is_empty());
}

#[tokio::test]
async fn why_an_attempt_failed_is_told_and_it_is_tried_again() {
    let world = World::new().await;
    let receiver = Receiver::willing().await;
    let hook = Hook::new(&world.database, &receiver.url, &["chat.posted"]);
    let ann = world.guest("Ann").await;
    let room = ann.room().await;
    let secret = "somebody's secret reason";
    for (number, (reply, error)) in [
        (Reply::Status(400), "answered 400 Bad Request"),
        (Reply::Status(500), "answered 500 Internal Server Error"),
        (Reply::With(307, "location", "/elsewhere".to_owned()), "answered 307 Temporary Redirect"),
        (Reply::With(429, "x-reason", secret.to_owned()), "answered 429 Too Many Requests"),
        (Reply::Endless(503), "answered 503 Service Unavailable"),
        (Reply::Status(304), "answered 304 Not Modified"),
    ]
    .into_iter()
    .enumerate()
    {
        let mut replies = vec![reply];
        receiver.now(move |_| replies.pop().unwrap_or(Reply::Late(Duration::from_secs(2), 200)));
        say(&ann, &room, error).await;
        let status = hook.becomes(error, |status| status["last_error"] == error).await;
        assert_eq!((&status["failing"], &status["waiting"]), (&json!(1), &json!(1)), "{status:#}");
        receiver.takes(number + 1).await;
        hook.becomes("nothing to wait", |status| status["waiting"] == 0 && status["failing"] == 0).await;
    }
    let seen = receiver.seen();
    assert!(seen.iter().all(|delivery| delivery.path == "/hook") && seen.len() == 12, "{seen:#?}");
    assert!(!world.server.log().contains(secret));
}

#[tokio::test]
async fn a_receiver_that_is_not_there_gets_everything_when_it_is() {
    let world = World::new().await;
    let gone = Receiver::willing().await;
    let url = gone.url.clone();
    drop(gone);
    let hook = Hook::new(&world.database, &url, &[]);
    said(&world.server.url).await;
    let status = hook.becomes("a failure", |status| status["failing"] == 1).await;
    assert!(status["last_error"].as_str().is_some_and(|error| error.contains("onnect")), "{status:#}");
    let receiver = Receiver::willing().await;
    // At another address, because the first may be somebody else's by now.
    run(&world.database, &format!("UPDATE webhooks SET url = '{}'", receiver.url)).await;
    hook.resume();
    let seqs: Vec<_> = receiver.takes(5).await.iter().map(Delivery::seq).collect();
    assert_eq!(seqs, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn what_a_receiver_asks_for_is_kept() {
    let world = World::new().await;
    let mut replies = vec![Reply::With(503, "retry-after", "3".to_owned())];
    let receiver = Receiver::new(move |_| replies.pop().unwrap_or(Reply::Status(200))).await;
    Hook::new(&world.database, &receiver.url, &["chat.posted"]);
    let (ann, _) = said(&world.server.url).await;
    receiver.sees(1).await;
    // Others have to wait, too: it is about the receiver.
    let other = ann.room().await;
    say(&ann, &other, "in another room").await;
    let seen = receiver.sees(5).await;
    let waited = seen[1].at - seen[0].at;
    assert!(waited >= Duration::from_millis(2900), "{waited:?}");
}

#[tokio::test]
async fn a_receiver_that_wants_nothing_any_more_is_left_alone_until_it_is_resumed() {
    let world = World::new().await;
    let mut replies = vec![Reply::Status(410), Reply::Status(200), Reply::Status(200)];
    let receiver = Receiver::new(move |_| replies.pop().unwrap_or(Reply::Status(200))).await;
    let hook = Hook::new(&world.database, &receiver.url, &[]);
    let (ann, room) = said(&world.server.url).await;
    let status = hook.becomes("the pause", |status| status["paused"].is_string()).await;
    assert_eq!((&status["paused"], &status["failing"]), (&json!("the receiver answered 410 Gone"), &json!(0)));
    assert!(world.server.log().contains("webhook.paused"));
    say(&ann, &room, "meanwhile").await;
    hook.becomes("four to wait", |status| status["waiting"] == 4).await;
    assert_eq!(receiver.seen().len(), 3);
    hook.resume();
    let seqs: Vec<_> = receiver.takes(6).await.iter().map(Delivery::seq).collect();
    assert_eq!(seqs, [1, 2, 3, 4, 5, 6]);
    hook.becomes("nothing to wait", |status| status["waiting"] == 0 && status["paused"].is_null()).await;
}
