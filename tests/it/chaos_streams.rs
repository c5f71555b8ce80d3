//! Somebody else writes to the streams in Redis, and removes from them, under load.

use std::time::Duration;

use crate::support::{Crowd, Fleet, NODES, eventually, head, random, rounds};

/// Far more than Redis may cost a command; the machine is busy.
const LONGEST: Duration = Duration::from_secs(6);
const NEW: &str = "synctv_feed_entries_total{result=\"new\"}";
const POISONED: &str = "synctv_relay_poisoned_total";

/// What all nodes count together.
async fn counted(fleet: &Fleet, series: &str) -> f64 {
    let mut sum = 0.0;
    for node in 0..NODES {
        sum += fleet.server(node).scrape().await.value(series);
    }
    sum
}

/// Events go from node to node through Redis, also after everything that was done to it. Nodes that are busy look some of them
/// up first: it may take a while until so many were heard.
async fn assert_used(fleet: &Fleet, crowd: &Crowd) {
    fleet.fed().await;
    let before = counted(fleet, NEW).await;
    eventually("events through Redis", async || {
        crowd.goes_on(50).await;
        (counted(fleet, NEW).await - before >= 100.0).then_some(())
    })
    .await;
    crowd.caught_up().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_are_cut_under_their_readers_cost_nobody_an_event() {
    let fleet = Fleet::new().await;
    fleet.fed().await;
    let crowd = Crowd::new(&fleet).await;
    for round in 0..rounds(15, 300) {
        crowd.goes_on(15).await;
        for key in fleet.streams() {
            match round % 3 {
                0 => fleet.redis.say(&["XTRIM", &key, "MAXLEN", "0"]),
                1 => fleet.redis.say(&["DEL", &key]),
                _ => fleet.redis.say(&["XTRIM", &key, "MAXLEN", "3"]),
            };
        }
    }
    assert_used(&fleet, &crowd).await;
    crowd.finish("trimmed and deleted").await.assert_untroubled(LONGEST);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_that_somebody_poisons_deceive_nobody_and_are_mended() {
    let fleet = Fleet::new().await;
    fleet.fed().await;
    let crowd = Crowd::new(&fleet).await;
    for round in 0..rounds(2, 30) {
        for (number, poison) in POISONS.iter().enumerate() {
            crowd.goes_on(10).await;
            let keys = fleet.streams();
            let Some(key) = keys.get(random(keys.len().max(1) as u64) as usize) else { continue };
            poison(&fleet, key, head(&fleet.database).await);
            if (round + number) % 3 == 0 {
                crowd.caught_up().await;
            }
        }
    }
    assert_used(&fleet, &crowd).await;
    assert!(counted(&fleet, POISONED).await > 0.0, "nothing was removed");
    crowd.finish("poisoned").await.assert_untroubled(LONGEST);
}

type Poison = fn(&Fleet, &str, i64);

/// What can be done to a stream of a log whose head is there.
const POISONS: [Poison; 11] = [
    // Just beyond the head, and farther than any log.
    |fleet, key, head| garbage(fleet, key, &format!("{}-0", head + 3)),
    |fleet, key, head| garbage(fleet, key, &format!("{}-0", head + 1_000_000_000)),
    |fleet, key, _| garbage(fleet, key, "18446744073709551615-18446744073709551615"),
    // Where an event is, or will be at once.
    |fleet, key, head| garbage(fleet, key, &format!("{head}-7")),
    |fleet, key, head| garbage(fleet, key, &format!("{}-0", head + 1)),
    // An old one, in a stream that has nothing newer.
    |fleet, key, head| {
        fleet.redis.say(&["DEL", key]);
        garbage(fleet, key, &format!("{}-0", head / 2));
    },
    // What a node did write, at another place.
    |fleet, key, head| moved(fleet, key, &format!("{}-0", head + 2)),
    |fleet, key, _| {
        fleet.redis.say(&["DEL", key]);
        moved(fleet, key, "2-0");
    },
    // No stream at all.
    |fleet, key, _| {
        fleet.redis.say(&["SET", key, "rubbish"]);
    },
    |fleet, key, _| {
        fleet.redis.say(&["DEL", key]);
        fleet.redis.say(&["LPUSH", key, "a", "b"]);
    },
    // More fields than there are, and a large one.
    |fleet, key, head| {
        let large = "x".repeat(100_000);
        fleet.redis.say(&["XADD", key, &format!("{}-0", head + 1), "e", &large, "s", "", "more", ""]);
    },
];

fn garbage(fleet: &Fleet, key: &str, id: &str) {
    fleet.redis.say(&["XADD", key, id, "e", "{\"seq\":1}", "s", "00"]);
}

/// The last entry of some stream once more, under another id.
fn moved(fleet: &Fleet, key: &str, id: &str) {
    for other in fleet.streams() {
        let last = fleet.redis.say(&["XREVRANGE", &other, "+", "-", "COUNT", "1"]);
        if let [_, _, document, _, seal] = last.lines().collect::<Vec<_>>()[..] {
            fleet.redis.say(&["XADD", key, id, "e", document, "s", seal]);
        }
    }
}
