//! The law of arrival: what does not come by itself is fetched, in time, and one room after the other.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{Delivery, EventLog, FanOut, Subscription, Subscriptions};
use synctv_domain::{Position, RoomId};
use ulid::Ulid;

use crate::follow::follow;
use crate::hub::{Hub, Sizes};
use crate::locked;
use crate::memory::Memory;

const EVERY: Duration = Duration::from_millis(100);

fn room(number: usize) -> RoomId {
    RoomId::new(Ulid(number as u128))
}

async fn follower(log: &Arc<Memory>, hub: &Arc<Hub>, room: RoomId) -> Box<dyn Subscription> {
    let cursor = hub.subscribe(room, log.seq(room)).await.expect("it is memory");
    hub.reach().open(&log.epoch(), Position(0));
    cursor
}

/// Takes deliveries up to a seq, each in order.
async fn until(cursor: &mut Box<dyn Subscription>, mut after: i64, last: i64) {
    while after < last {
        let Ok(Delivery::Frames(frames)) = cursor.next().await else { panic!("the log goes on") };
        for frame in frames.iter() {
            after += 1;
            assert_eq!(frame.seq.0, after);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_rooms_are_fetched_one_after_the_other_in_parts_of_the_log() {
    const ROOMS: usize = 10_000;
    let log = Arc::new(Memory::default());
    let hub = Hub::new(Arc::clone(&log) as _, Sizes::default());
    let mut followers = Vec::new();
    for number in 0..ROOMS {
        followers.push(follower(&log, &hub, room(number)).await);
    }
    for number in 0..3 * ROOMS {
        log.store(room(number % ROOMS));
    }
    *locked(&log.reads) = (0, 0);
    let following = tokio::spawn(follow(Arc::clone(&log) as _, Arc::clone(&hub), |_, _| {}, EVERY));
    for follower in &mut followers {
        until(follower, 0, 3).await;
    }
    assert_eq!(locked(&log.reads).1, 1, "reads at once");
    following.abort();
}

#[tokio::test(start_paused = true)]
async fn what_arrives_by_itself_is_not_looked_up_and_what_does_not_is_after_two_looks() {
    let log = Arc::new(Memory::default());
    let hub = Hub::new(Arc::clone(&log) as _, Sizes::default());
    let mut cursor = follower(&log, &hub, room(1)).await;
    hub.expect(true);
    let following = tokio::spawn(follow(Arc::clone(&log) as _, Arc::clone(&hub), |_, _| {}, EVERY));
    for last in 1..=50 {
        let event = log.store(room(1));
        tokio::time::sleep(Duration::from_millis(70)).await;
        hub.publish(room(1), &log.epoch(), [event].into());
        until(&mut cursor, last - 1, last).await;
    }
    assert_eq!(locked(&log.reads).1, 0, "nothing was read");
    log.store(room(1));
    let began = tokio::time::Instant::now();
    until(&mut cursor, 50, 51).await;
    assert!(began.elapsed() <= 2 * EVERY, "{:?}", began.elapsed());
    hub.expect(false);
    log.store(room(1));
    let began = tokio::time::Instant::now();
    until(&mut cursor, 51, 52).await;
    assert!(began.elapsed() <= EVERY, "{:?}", began.elapsed());
    following.abort();
}
