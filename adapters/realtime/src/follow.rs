//! Following the log, whoever writes it, and however it arrives.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{LogError, LogTail};
use synctv_domain::{Position, RoomId, Seq};

use crate::hub::Hub;

/// Positions looked at in one query.
const STEP: i64 = 10_000;

/// Looks at the head of the log again and again, and fetches for followed rooms what has not arrived here. Also what notices
/// that the log was rewound, or has a new epoch. `moved` is told of what was fetched. Runs until dropped.
pub async fn follow(tail: Arc<dyn LogTail>, hub: Arc<Hub>, moved: impl Fn(RoomId, Seq), every: Duration) {
    let mut before = Position(0);
    loop {
        match step(&*tail, &hub, &moved, before).await {
            Ok(head) => before = head,
            // Told once, by whoever noticed it.
            Err(LogError::Rewound) => {}
            Err(error) => tracing::debug!(%error, "follow.failed"),
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = tail.suspected() => {}
        }
    }
}

/// Fetches what is missing up to the head; where events arrive by themselves, only what has had the time to, as it was there
/// at the last look. Gives the head.
async fn step(
    tail: &dyn LogTail,
    hub: &Hub,
    moved: &impl Fn(RoomId, Seq),
    before: Position,
) -> Result<Position, LogError> {
    let head = tail.head().await?;
    let reach = hub.reach();
    // Whoever subscribed since this node took up the incarnation looked at the head after that.
    let mut at = reach.open(&head.epoch, head.opened);
    let due = if reach.arriving() { before.min(head.position) } else { head.position };
    while at < due {
        let until = Position(due.0.min(at.0 + STEP));
        if hub.followed() > 0 {
            for (room, seq) in tail.moved(at, until).await? {
                match hub.observe(room, seq).await {
                    Ok(true) => moved(room, seq),
                    Ok(false) => {}
                    // Its readers find out by themselves; those of other rooms are not held up.
                    Err(LogError::Corrupt(reason)) => {
                        tracing::error!(%room, reason, "room.unreadable");
                        hub.advance(room, seq);
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        reach.add(&head.epoch, Position(at.0 + 1), until);
        let Some(upto) = reach.upto(&head.epoch) else { break };
        at = upto;
    }
    Ok(head.position)
}

#[cfg(test)]
mod tests {
    use synctv_commands::{Delivery, EventLog, FanOut, Subscription, Subscriptions};
    use ulid::Ulid;

    use super::*;
    use crate::hub::Sizes;
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
}
