//! How much nodes say, in virtual time.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{Audience, Hearsay, Presence, Report, Signal, What};
use synctv_domain::RoomId;
use tokio::time::Instant;
use ulid::Ulid;

use super::tests::{ACTIVE, AWAY, member, node, says, told};
use crate::attendance::Gatherings;

/// What was said in a time.
#[derive(Debug, Default)]
struct Cost {
    messages: usize,
    bytes: usize,
    longest: usize,
}

/// Everybody hears everything for so long; `each` happens every hundred milliseconds.
async fn cost(nodes: &[Arc<Gatherings>], time: Duration, mut each: impl FnMut(u128)) -> Cost {
    let (mut cost, began) = (Cost::default(), Instant::now());
    for turn in 1.. {
        each(turn);
        for speaker in nodes {
            for said in says(speaker).await {
                let bytes = serde_json::to_vec(&said).expect("plain data").len();
                cost.messages += 1;
                cost.bytes += bytes;
                cost.longest = cost.longest.max(bytes);
                for hearer in nodes {
                    hearer.heard(said.clone()).expect("nothing is old");
                }
            }
        }
        if began.elapsed() >= time {
            break;
        }
        tokio::time::sleep_until(began + Duration::from_millis(100) * u32::try_from(turn).expect("small")).await;
    }
    cost
}

#[tokio::test(start_paused = true)]
async fn ten_thousand_rooms_on_three_nodes_cost_six_messages_a_second_and_a_few_hundred_when_all_report() {
    let nodes = [node(1), node(2), node(3)];
    let attend = |number: u128| {
        let node = usize::try_from(number % 3).expect("small");
        nodes[node].attend(RoomId::new(Ulid(number / 5)), member(number))
    };
    let members: Vec<_> = (0..50_000).map(attend).collect();
    nodes.iter().for_each(|node| node.listens());
    let met = cost(&nodes, Duration::from_secs(4), |_| {}).await;
    println!("met: {met:?}");
    for node in &nodes {
        assert_eq!(node.company(RoomId::new(Ulid(4_711))).here.len(), 5);
    }
    let quiet = cost(&nodes, Duration::from_secs(20), |_| {}).await;
    println!("quiet for 20 s: {quiet:?}");
    assert!((110..=130).contains(&quiet.messages), "{quiet:?}");
    // As pages do, each every five seconds.
    let report = |turn: u128| Signal::Report(Report { skew_ms: Some(turn as i64), rtt_ms: 40, buffered_ms: 30_000 });
    let busy = cost(&nodes, Duration::from_secs(10), |turn| {
        for member in members.iter().skip(usize::try_from(turn % 50).expect("small")).step_by(50) {
            member.tell(report(turn));
        }
    });
    let busy = busy.await;
    println!("all report for 10 s: {busy:?}");
    assert!(busy.messages < 10 * 300, "{busy:?}");
    assert!(met.longest.max(busy.longest) < 64 * 1024, "{met:?} {busy:?}");
}

#[tokio::test(start_paused = true)]
async fn a_room_is_told_at_most_ten_times_a_second_and_a_quiet_node_only_beats() {
    let one = node(1);
    let members: Vec<_> = (0..5_000).map(|number| one.attend(RoomId::new(Ulid(number / 5)), member(number))).collect();
    let mut first = says(&one).await;
    first.retain(|said| !matches!(said.what, What::Here { .. }));
    assert!((16..=24).contains(&first.len()), "{} messages", first.len());
    let (began, mut messages) = (Instant::now(), 0);
    while began.elapsed() < Duration::from_secs(20) {
        messages += says(&one).await.len();
    }
    assert!((36..=44).contains(&messages), "{messages} messages in twenty seconds");
    let (began, mut messages) = (Instant::now(), 0);
    while began.elapsed() < Duration::from_secs(1) {
        told(&*members[0], &[ACTIVE]);
        told(&*members[0], &[AWAY]);
        messages += says(&one).await.iter().filter(|said| matches!(said.what, What::Changed(_))).count();
    }
    assert!((8..=11).contains(&messages), "{messages} messages in a second");
}
