//! Nodes that talk over a wire which loses, repeats and holds back, in virtual time.

use std::sync::Arc;
use std::time::Duration;

use synctv_commands::{
    Attendance, Audience, CHANNELS, Hearsay, NodeId, Old, Presence, PresenceState, Saying, Signal, What,
};
use synctv_domain::{ActorId, RoomId};
use tokio::time::{advance, timeout};
use ulid::Ulid;

use super::speech::BEAT;
use super::voice::LEASE;
use crate::attendance::Gatherings;
use crate::gathering::GRACE;

pub(super) const MOMENT: Duration = Duration::from_millis(1);
pub(super) const ACTIVE: Signal = Signal::Presence(PresenceState::Active);
pub(super) const AWAY: Signal = Signal::Presence(PresenceState::Away);
pub(super) const BUFFERING: Signal = Signal::Presence(PresenceState::Buffering);

pub(super) fn node(number: u128) -> Arc<Gatherings> {
    Gatherings::among_nodes(NodeId(Ulid(number)))
}

pub(super) fn room() -> RoomId {
    RoomId::new(Ulid(8))
}

pub(super) fn member(number: u128) -> ActorId {
    ActorId::User(Ulid(number))
}

/// What a node has to say now.
pub(super) async fn says(node: &Gatherings) -> Vec<Saying> {
    let mut said = Vec::new();
    while let Ok(more) = timeout(MOMENT, node.to_say()).await {
        said.extend(more);
    }
    said
}

/// Everybody hears everything, until `time` is over.
pub(super) async fn talk(nodes: &[&Arc<Gatherings>], time: Duration) {
    let until = tokio::time::Instant::now() + time;
    while tokio::time::Instant::now() < until {
        for speaker in nodes {
            for said in says(speaker).await {
                for hearer in nodes {
                    hearer.heard(said.clone()).expect("nothing is old");
                }
            }
        }
        expire(nodes);
        advance(Duration::from_millis(10)).await;
    }
}

pub(super) fn expire(nodes: &[&Arc<Gatherings>]) {
    for node in nodes {
        node.talk.as_ref().expect("it talks").expire(node);
    }
}

/// The news for somebody who comes now: each member's, in order.
pub(super) async fn news(node: &Gatherings, reader: u128) -> Vec<(ActorId, Signal)> {
    let attendance = node.attend(room(), member(reader));
    let mut stream = attendance.news();
    let news = timeout(MOMENT, futures::StreamExt::next(&mut stream)).await.ok().flatten().unwrap_or_default();
    let mut news: Vec<_> = news.iter().map(|it| (it.member, it.signal)).collect();
    news.sort_by_key(|(member, _)| *member);
    news
}

pub(super) fn here(node: &Gatherings) -> Vec<ActorId> {
    node.company(room()).here.into_iter().collect()
}

pub(super) fn gone(node: &Gatherings) -> Vec<ActorId> {
    node.company(room()).gone.into_iter().collect()
}

pub(super) fn told(attendance: &dyn Attendance, signals: &[Signal]) {
    signals.iter().for_each(|signal| attendance.tell(*signal));
}

#[tokio::test(start_paused = true)]
async fn nodes_that_meet_know_the_members_of_each_other_and_a_newcomer_sees_all_at_once() {
    let (one, other) = (node(1), node(2));
    let ann = one.attend(room(), member(1));
    told(&*ann, &[ACTIVE, Signal::Typing(true)]);
    let _bob = other.attend(room(), member(2));
    one.listens();
    other.listens();
    talk(&[&one, &other], Duration::from_millis(300)).await;
    for node in [&one, &other] {
        assert_eq!(here(node), [member(1), member(2)]);
        let online = (member(2), Signal::Presence(PresenceState::Online));
        let news = news(node, 3).await;
        assert_eq!(news.len(), 3, "{news:?}");
        assert!(news.contains(&(member(1), ACTIVE)) && news.contains(&online), "{news:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_not_heard_of_is_gone_with_its_members_when_its_lease_ends_and_not_before() {
    let (one, other) = (node(1), node(2));
    let _ann = one.attend(room(), member(1));
    let _bob = other.attend(room(), member(2));
    talk(&[&one, &other], Duration::from_secs(5)).await;
    for said in says(&other).await {
        one.heard(said).expect("it is new");
    }
    // The last beat was at most so long ago.
    advance(LEASE.checked_sub(BEAT).expect("it is longer") - Duration::from_millis(200)).await;
    expire(&[&one]);
    assert_eq!(here(&one), [member(1), member(2)]);
    advance(BEAT + Duration::from_millis(200)).await;
    expire(&[&one]);
    // Nobody waits for the grace as well: that was part of the lease.
    assert_eq!((here(&one), gone(&one)), (vec![member(1)], vec![member(2)]));
    tokio::task::yield_now().await;
    assert_eq!(news(&one, 3).await, [(member(1), Signal::Presence(PresenceState::Online))]);
}

#[tokio::test(start_paused = true)]
async fn whoever_moves_from_node_to_node_was_never_away() {
    let nodes = [node(1), node(2), node(3)];
    let [one, other, third] = &nodes;
    let ann = one.attend(room(), member(1));
    told(&*ann, &[ACTIVE]);
    let watcher = third.attend(room(), member(9));
    let mut stream = watcher.news();
    talk(&[one, other, third], Duration::from_secs(3)).await;
    let first = timeout(MOMENT, futures::StreamExt::next(&mut stream)).await.expect("news").expect("news");
    assert_eq!(first.iter().map(|it| it.signal).collect::<Vec<_>>(), [ACTIVE]);
    drop(ann);
    for said in one.farewell() {
        other.heard(said.clone()).expect("it is new");
        third.heard(said).expect("it is new");
    }
    talk(&[other, third], GRACE.checked_sub(Duration::from_secs(1)).expect("longer")).await;
    assert_eq!((here(third), gone(third)), (vec![member(9)], vec![]));
    let _ann = other.attend(room(), member(1));
    talk(&[other, third], 3 * GRACE).await;
    assert_eq!(here(third), [member(1), member(9)]);
    let more = timeout(MOMENT, futures::StreamExt::next(&mut stream)).await;
    assert!(more.is_err(), "{more:?}");
}

#[tokio::test(start_paused = true)]
async fn who_stays_away_after_a_farewell_is_gone_after_the_grace() {
    let (one, other) = (node(1), node(2));
    let ann = one.attend(room(), member(1));
    let _bob = other.attend(room(), member(2));
    talk(&[&one, &other], Duration::from_secs(3)).await;
    drop(ann);
    for said in one.farewell() {
        other.heard(said).expect("it is new");
    }
    assert_eq!((here(&other), gone(&other)), (vec![member(2)], vec![]));
    talk(&[&other], GRACE).await;
    assert_eq!(gone(&other), [member(1)]);
}

#[tokio::test(start_paused = true)]
async fn a_member_at_two_nodes_is_there_until_the_last_connection_ends_and_what_was_told_last_counts_everywhere() {
    let (one, other) = (node(1), node(2));
    let (here_one, there) = (one.attend(room(), member(1)), other.attend(room(), member(1)));
    talk(&[&one, &other], Duration::from_secs(1)).await;
    let shown = async |wanted: Signal| {
        talk(&[&one, &other], Duration::from_millis(300)).await;
        for node in [&one, &other] {
            assert_eq!(news(node, 3).await, [(member(1), wanted)]);
            talk(&[&one, &other], Duration::from_millis(300)).await;
        }
    };
    told(&*here_one, &[ACTIVE]);
    shown(ACTIVE).await;
    told(&*there, &[AWAY]);
    shown(AWAY).await;
    told(&*here_one, &[ACTIVE]);
    shown(ACTIVE).await;
    // At the same time, without knowing of each other: one of both, the same everywhere.
    told(&*here_one, &[AWAY]);
    told(&*there, &[ACTIVE]);
    shown(ACTIVE).await;
    drop(there);
    shown(AWAY).await;
    assert!(here(&other).contains(&member(1)));
    drop(here_one);
    talk(&[&one, &other], GRACE + Duration::from_secs(1)).await;
    assert!(gone(&other).contains(&member(1)) && gone(&one).contains(&member(1)));
}

#[tokio::test(start_paused = true)]
async fn typing_ends_everywhere_when_it_ends_where_it_began_or_its_node_is_gone() {
    let (one, other) = (node(1), node(2));
    let ann = one.attend(room(), member(1));
    let types = async || news(&other, 3).await.contains(&(member(1), Signal::Typing(true)));
    talk(&[&one, &other], Duration::from_secs(1)).await;
    told(&*ann, &[Signal::Typing(true)]);
    talk(&[&one, &other], Duration::from_secs(4)).await;
    assert!(types().await);
    talk(&[&one, &other], Duration::from_secs(2)).await;
    assert!(!types().await);
    told(&*ann, &[Signal::Typing(true)]);
    talk(&[&one, &other], Duration::from_millis(300)).await;
    assert!(types().await);
    talk(&[&other], LEASE + Duration::from_secs(1)).await;
    assert!(!types().await);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_media_elsewhere_has_waited_as_long_here() {
    let (one, other) = (node(1), node(2));
    let ann = one.attend(room(), member(1));
    told(&*ann, &[ACTIVE, BUFFERING]);
    talk(&[&one, &other], Duration::from_secs(1)).await;
    let mut attention = other.changes(room()).expect("somebody is there");
    let stalled = other.stalled(room());
    let [(who, time)] = stalled[..] else { panic!("{stalled:?}") };
    assert_eq!(who, member(1));
    assert!(time.abs_diff(one.stalled(room())[0].1) < Duration::from_millis(50), "{time:?}");
    attention.mark_unchanged();
    told(&*ann, &[Signal::Presence(PresenceState::Ready)]);
    talk(&[&one, &other], Duration::from_millis(300)).await;
    assert!(other.stalled(room()).is_empty() && attention.has_changed().expect("it is there"));
}

#[tokio::test(start_paused = true)]
async fn a_lost_message_is_asked_for() {
    let (one, other) = (node(1), node(2));
    let ann = one.attend(room(), member(1));
    talk(&[&one, &other], Duration::from_secs(3)).await;
    let bob = one.attend(room(), member(2));
    told(&*ann, &[AWAY]);
    assert!(!says(&one).await.is_empty());
    assert_eq!(here(&other), [member(1)]);
    talk(&[&one, &other], BEAT + Duration::from_millis(500)).await;
    assert_eq!(here(&other), [member(1), member(2)]);
    assert!(news(&other, 3).await.contains(&(member(1), AWAY)));
    // So is one that told who left.
    drop(bob);
    assert!(!says(&one).await.is_empty());
    talk(&[&one, &other], BEAT + Duration::from_millis(500) + GRACE).await;
    assert_eq!(gone(&other)[..1], [member(2)]);
}

#[tokio::test(start_paused = true)]
async fn what_was_recorded_changes_nothing_not_even_of_a_node_that_is_gone() {
    let (one, other) = (node(1), node(2));
    let ann = one.attend(room(), member(1));
    let mut recorded = Vec::new();
    for round in 0..40 {
        told(&*ann, &[if round % 2 == 0 { ACTIVE } else { AWAY }]);
        for said in says(&one).await {
            recorded.push(said.clone());
            other.heard(said).expect("it is new");
        }
        for said in says(&other).await {
            one.heard(said).expect("it is new");
        }
        advance(Duration::from_millis(150)).await;
    }
    assert_eq!(here(&other), [member(1)]);
    let before = news(&other, 3).await;
    for said in &recorded {
        assert_eq!(other.heard(said.clone()), Err(Old), "{said:?}");
    }
    assert_eq!(news(&other, 3).await, before);
    advance(2 * LEASE).await;
    expire(&[&other]);
    for _ in 0..20 {
        for said in &recorded {
            // It is asked, and does not answer.
            other.heard(said.clone()).expect("nobody knows it");
        }
        assert!(!here(&other).contains(&member(1)));
        let asked = says(&other).await.iter().filter(|said| matches!(said.what, What::Ask { .. })).count();
        assert!(asked <= usize::from(CHANNELS), "{asked} questions");
        advance(Duration::from_millis(500)).await;
        expire(&[&other]);
    }
}
