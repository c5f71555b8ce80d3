//! Nodes agree in the end, over a wire that loses and repeats.

use std::time::Duration;

use synctv_commands::{Attendance, Hearsay, Presence, Signal};
use tokio::time::advance;

use super::tests::{ACTIVE, AWAY, BUFFERING, expire, here, member, news, node, room, says, talk};
use super::voice::LEASE;
use crate::gathering::GRACE;

#[tokio::test(start_paused = true)]
async fn nodes_agree_whatever_the_wire_loses() {
    let nodes = [node(1), node(2), node(3)];
    let mut seed = 7_u64;
    let mut random = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut open: Vec<(usize, Box<dyn Attendance>)> = Vec::new();
    for _ in 0..3_000 {
        match random(10) {
            0 | 1 => {
                let at = usize::try_from(random(3)).expect("small");
                open.push((at, nodes[at].attend(room(), member(u128::from(random(6))))));
            }
            2 | 3 if !open.is_empty() => {
                open.swap_remove(usize::try_from(random(open.len() as u64)).expect("small"));
            }
            4 | 5 if !open.is_empty() => {
                let signal =
                    [ACTIVE, AWAY, BUFFERING, Signal::Typing(true)][usize::try_from(random(4)).expect("small")];
                open[usize::try_from(random(open.len() as u64)).expect("small")].1.tell(signal);
            }
            _ => {}
        }
        for speaker in &nodes {
            for said in says(speaker).await {
                for hearer in &nodes {
                    // A tenth is lost, a tenth is heard twice.
                    let luck = random(10);
                    if luck > 0 {
                        let _ = hearer.heard(said.clone());
                    }
                    if luck == 1 && hearer.node != said.node {
                        let _ = hearer.heard(said.clone());
                    }
                }
            }
        }
        expire(&nodes.each_ref());
        advance(Duration::from_millis(random(60))).await;
    }
    talk(&nodes.each_ref(), 3 * LEASE).await;
    let mut connected: Vec<_> = (0..6).map(member).collect();
    connected.retain(|who| nodes.iter().any(|node| node.here(room(), *who).is_some()));
    assert!(!connected.is_empty());
    let mut seen = Vec::new();
    for node in &nodes {
        assert_eq!(here(node), connected);
        seen.push(news(node, 99).await);
        talk(&nodes.each_ref(), 2 * GRACE).await;
    }
    assert!(seen[0].len() >= connected.len(), "{seen:?}");
    assert!(seen.windows(2).all(|two| two[0] == two[1]), "{seen:#?}");
}
