//! Guests of the time that a restored backup lost: servers have seen their keys, the log has not.

use serde_json::{Value, json};

use crate::restore::{Past, restored, say, until};
use crate::support::{Guest, Server, TempDir, assert_verified, eventually, number, synctv};

/// What a reader can read of the personal fields of one guest: name and texts.
async fn told(reader: &Guest, room: &str, of: &str) -> Vec<Value> {
    let events = reader.events(room).await;
    let own = events.iter().filter(|event| event["actor"]["id"] == of).map(|event| &event["data"]);
    own.flat_map(|data| [&data["display_name"], &data["text"]])
        .filter(|field| **field != Value::Null)
        .cloned()
        .collect()
}

/// Keys of a guest in the database that were made for the present incarnation of the log, and all of them.
async fn keys(database: &str, of: &str) -> (i64, i64) {
    let of = format!("FROM subject_keys k, log l WHERE k.subject = '{of}'");
    let new = number(database, &format!("SELECT count(*) {of} AND k.created_at > l.minted_at")).await;
    (new, number(database, &format!("SELECT count(*) {of}")).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_guest_of_the_lost_time_acts_again_under_a_key_that_the_restored_log_has() {
    let past = Past::new(2).await;
    let (room, database) = (&past.room, &past.database);
    let urls = [&past.servers[0].0.url, &past.servers[1].0.url];
    let cleo = Guest::new(urls[0], "Cleo").await;
    cleo.join(room).await;
    cleo.command(room, say("never said")).await.ok();
    for url in urls {
        // Now both servers hold her key.
        assert_eq!(told(&past.ann.at(url), room, &cleo.id).await, ["Cleo", "never said"]);
    }
    past.cluster.restore();
    for url in urls {
        until(&past.ann.at(url), room, "log_rewound").await;
        let late = past.ann.at(url).post("/v1/guests", &json!({ "display_name": "Late" })).await;
        assert_eq!((late.status, late.code()), (503, "log_rewound"), "{:#}", late.body);
    }
    assert_eq!(keys(database, &cleo.id).await, (0, 0), "she is in the backup");
    restored(database);
    for url in urls {
        until(&past.ann.at(url), room, "ok").await;
    }

    // One server seals her name, the other what she says, and a third has never seen her.
    cleo.join(room).await;
    cleo.at(urls[1]).command(room, say("said")).await.ok();
    let dir = TempDir::new();
    let third = Server::start(database, dir.path());
    let readers = [urls[0], urls[1], &third.url].map(|url| past.ann.at(url));
    for reader in &readers {
        assert_eq!(told(reader, room, &cleo.id).await, ["Cleo", "said"], "at {}", reader.url);
    }
    assert_eq!(keys(database, &cleo.id).await, (1, 1), "she has no new key");

    // Nothing of hers is under any other key: without this one nothing can be read.
    let mut erase = synctv(&["subject", "erase", &cleo.id, "--json", "--data-dir"]);
    let erased = erase.arg(dir.path()).env("DATABASE_URL", database).output().expect("the binary runs");
    assert!(erased.status.success(), "{}", String::from_utf8_lossy(&erased.stderr));
    for reader in &readers {
        let gone = async || told(reader, room, &cleo.id).await.is_empty().then_some(());
        eventually("her name and her words to be gone", gone).await;
    }
    assert_verified(database);
}
