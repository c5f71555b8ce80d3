//! Redis is taken away, emptied and frozen, under load: no command notices.

use std::time::Duration;

use tokio::time::sleep;

use crate::support::{Crowd, Fleet, rounds};

/// Far more than Redis may cost a command; the machine is busy.
const LONGEST: Duration = Duration::from_secs(6);

/// How long Redis is away.
fn away() -> Duration {
    Duration::from_secs(rounds(5, 20) as u64)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_notices_that_redis_is_stopped_and_comes_back_empty() {
    let mut fleet = Fleet::new().await;
    fleet.fed().await;
    let crowd = Crowd::new(&fleet).await;
    for _ in 0..rounds(1, 3) {
        crowd.goes_on(50).await;
        fleet.redis.kill();
        sleep(away()).await;
        // Those who follow have everything without it.
        crowd.caught_up().await;
        fleet.redis.again().await;
        crowd.goes_on(200).await;
        crowd.caught_up().await;
    }
    crowd.finish("Redis stopped").await.assert_untroubled(LONGEST);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_notices_that_redis_is_emptied_again_and_again() {
    let fleet = Fleet::new().await;
    fleet.fed().await;
    let crowd = Crowd::new(&fleet).await;
    for _ in 0..rounds(10, 200) {
        crowd.goes_on(20).await;
        fleet.redis.say(&["FLUSHALL"]);
    }
    crowd.finish("FLUSHALL").await.assert_untroubled(LONGEST);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_notices_that_redis_freezes_and_wakes_again() {
    let fleet = Fleet::new().await;
    fleet.fed().await;
    let crowd = Crowd::new(&fleet).await;
    for _ in 0..rounds(1, 5) {
        crowd.goes_on(50).await;
        fleet.redis.signal("STOP");
        sleep(away()).await;
        crowd.caught_up().await;
        fleet.redis.signal("CONT");
        crowd.goes_on(200).await;
        crowd.caught_up().await;
    }
    crowd.finish("Redis frozen").await.assert_untroubled(LONGEST);
}
