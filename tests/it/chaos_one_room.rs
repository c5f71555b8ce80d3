//! Two of three nodes command one room as fast as they can.

use std::time::Duration;

use crate::support::{Crowd, Fleet, rounds};

/// Who write at each of two nodes.
const WRITERS: usize = 8;
/// A command is refused after ten seconds.
const LONGEST: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_command_one_room_make_one_order_and_refuse_nothing() {
    let fleet = Fleet::new().await;
    let mut crowd = Crowd::silent(&fleet, 1).await;
    let each = rounds(1000, 10_000) / (2 * WRITERS) + 1;
    for number in 0..2 * WRITERS {
        crowd.write_at(number % 2, each, Duration::ZERO);
    }
    let deeds = crowd.written().await;
    let tally = crowd.settle(deeds, "one room").await;
    tally.assert_untroubled(LONGEST);
    assert!(tally.acknowledged > rounds(1000, 10_000), "{}", tally.line());
}
