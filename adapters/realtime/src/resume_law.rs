//! The law of delivery: whatever the sizes, the cuts and the hints, a reader that resumes gets every event once.

use std::sync::Arc;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use synctv_commands::{Delivery, EventLog, FanOut, LogError, Subscription, Subscriptions};
use synctv_domain::{Recorded, RoomId, Seq};
use ulid::Ulid;

use crate::hub::{Hub, Sizes};
use crate::memory::Memory;

/// What arrives at the hub of what is stored.
#[derive(Clone, Copy, Debug)]
enum Hint {
    All,
    Nothing,
    OnlyTheLast,
    Twice,
    Observed,
}

#[derive(Clone, Debug)]
enum Step {
    Store(usize, Hint),
    /// A reader takes deliveries; some of its waits are given up half-way.
    Read {
        reader: usize,
        patience: usize,
    },
    Cut(usize),
    /// What is encoded is dropped, as after an erasure.
    Forget,
}

fn step() -> impl Strategy<Value = Step> {
    let hint = prop_oneof![
        Just(Hint::All),
        Just(Hint::Nothing),
        Just(Hint::OnlyTheLast),
        Just(Hint::Twice),
        Just(Hint::Observed)
    ];
    prop_oneof![
        4 => (1_usize..9, hint).prop_map(|(count, hint)| Step::Store(count, hint)),
        4 => (0..READERS, 0_usize..9).prop_map(|(reader, patience)| Step::Read { reader, patience }),
        2 => (0..READERS).prop_map(Step::Cut),
        1 => Just(Step::Forget),
    ]
}

const READERS: usize = 3;

/// Somebody who remembers the last seq received, and comes back after it.
#[derive(Default)]
struct Reader {
    received: Vec<i64>,
    cursor: Option<Box<dyn Subscription>>,
}

impl Reader {
    async fn cursor(&mut self, hub: &Hub, room: RoomId) -> &mut Box<dyn Subscription> {
        if self.cursor.is_none() {
            let after = Seq(self.received.last().copied().unwrap_or(0));
            self.cursor = Some(hub.subscribe(room, after).await.unwrap());
        }
        self.cursor.as_mut().unwrap()
    }

    fn take(&mut self, delivery: Result<Delivery, LogError>) {
        let Ok(Delivery::Frames(frames)) = delivery else { panic!("{delivery:?}") };
        self.received.extend(frames.iter().map(|frame| frame.seq.0));
    }
}

async fn follow(sizes: Sizes, steps: Vec<Step>) -> Result<(), TestCaseError> {
    let (log, room) = (Arc::new(Memory::default()), RoomId::new(Ulid(7)));
    let hub = Hub::new(Arc::clone(&log) as _, sizes);
    let mut readers: [Reader; READERS] = std::array::from_fn(|_| Reader::default());
    for step in steps {
        match step {
            Step::Store(count, hint) => {
                let events: Vec<Recorded> = (0..count).map(|_| log.store(room)).collect();
                let publish = |events: &[Recorded]| hub.publish(room, &log.epoch(), events.into());
                match hint {
                    Hint::All => publish(&events),
                    Hint::Nothing => {}
                    Hint::OnlyTheLast => publish(&events[count - 1..]),
                    Hint::Twice => (0..2).for_each(|_| publish(&events)),
                    Hint::Observed => assert!(hub.observe(room, log.seq(room)).await.is_ok()),
                }
            }
            Step::Read { reader, patience } => {
                let reader = &mut readers[reader];
                let cursor = reader.cursor(&hub, room).await;
                let given_up = async {
                    for _ in 0..patience {
                        tokio::task::yield_now().await;
                    }
                };
                let delivery = tokio::select! {
                    biased;
                    delivery = cursor.next() => Some(delivery),
                    () = given_up => None,
                };
                delivery.into_iter().for_each(|delivery| reader.take(delivery));
            }
            Step::Cut(reader) => readers[reader].cursor = None,
            Step::Forget => hub.forget(),
        }
    }
    // The look at the log that every node takes again and again.
    hub.observe(room, log.seq(room)).await.unwrap();
    let wanted: Vec<i64> = (1..=log.seq(room).0).collect();
    for reader in &mut readers {
        while reader.received.len() < wanted.len() {
            let cursor = reader.cursor(&hub, room).await;
            let next = tokio::time::timeout(Duration::from_secs(5), cursor.next()).await;
            let next = next.map_err(|_| TestCaseError::fail(format!("nothing after {:?}", reader.received.last())))?;
            reader.take(next);
        }
        prop_assert_eq!(&reader.received, &wanted);
        reader.cursor = None;
    }
    prop_assert_eq!(hub.followed(), 0, "a room is followed by nobody");
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if std::env::var_os("SYNCTV_TEST_LONG").is_some() { 20_000 } else { 500 }))]

    #[test]
    fn any_prefix_and_its_resumption_are_the_whole_log(
        ring in 1_usize..12, page in 1_usize..12, burst in 1_usize..6, bytes in 1_usize..2000, steps in vec(step(), 1..60),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(follow(Sizes { ring, page, burst, bytes }, steps))?;
    }
}
