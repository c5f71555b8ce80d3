//! The members connected to one room, here and at other nodes, and the latest that each told.

use std::collections::HashMap;
use std::mem::{Discriminant, discriminant};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Serialize;
use synctv_commands::{Ephemeral, Latest, NodeId, PresenceState, Signal, Stance};
use synctv_domain::{ActorId, Company};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::locked;
use crate::member::Member;

/// A round trip, ms.
const FARTHEST_MS: i64 = 4_000;
/// Who comes back within this was never away.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

pub(crate) struct Gathering {
    /// This one.
    node: NodeId,
    inner: Mutex<Inner>,
    /// Number of the last change.
    changed: watch::Sender<u64>,
    /// Counts changes of who is here and how they watch.
    attention: watch::Sender<u64>,
}

#[derive(Default)]
struct Inner {
    changes: u64,
    /// The latest of each kind and member.
    latest: HashMap<(Discriminant<Signal>, ActorId), Told>,
    /// Who is connected.
    members: HashMap<ActorId, Member>,
    connected: u64,
    /// Those whose last connection ended, and who have not come back.
    left: HashMap<ActorId, Left>,
}

struct Left {
    since: Instant,
    /// Where they were.
    presence: Option<Latest<PresenceState>>,
}

struct Told {
    change: u64,
    ephemeral: Arc<Ephemeral>,
}

impl Gathering {
    pub(crate) fn new(node: NodeId) -> Self {
        Self { node, inner: Mutex::default(), changed: watch::Sender::default(), attention: watch::Sender::default() }
    }

    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Begins a connection; gives its number.
    pub(crate) fn enter(&self, member: ActorId) -> u64 {
        let mut inner = locked(&self.inner);
        inner.connected += 1;
        let connection = inner.connected;
        let left = inner.left.remove(&member).filter(|left| left.since.elapsed() < GRACE);
        let found = inner.members.entry(member).or_default();
        found.enter(connection, left.map_or_else(|| found.presence(self.node), |left| left.presence));
        self.show(&mut inner, member);
        self.notice();
        connection
    }

    /// When the member's last connection ended, if that was it.
    pub(crate) fn leave(&self, member: ActorId, connection: u64) -> Option<Instant> {
        self.part(member, Instant::now(), |found| found.leave(connection))
    }

    /// What another node says of a member who is connected to it.
    pub(crate) fn attends(&self, member: ActorId, node: NodeId, stance: Stance) {
        let mut inner = locked(&self.inner);
        inner.left.remove(&member);
        let new = !inner.members.contains_key(&member);
        let stalls = inner.members.entry(member).or_default().attends(node, stance);
        self.show(&mut inner, member);
        if new || stalls {
            self.notice();
        }
    }

    /// A member is no longer connected to another node since then. As [`Gathering::leave`].
    pub(crate) fn leaves(&self, member: ActorId, node: NodeId, since: Instant) -> Option<Instant> {
        self.part(member, since, |found| found.leaves(node))
    }

    fn part(&self, member: ActorId, since: Instant, leave: impl FnOnce(&mut Member)) -> Option<Instant> {
        let mut inner = locked(&self.inner);
        let found = inner.members.get_mut(&member)?;
        let presence = found.presence(self.node);
        leave(found);
        let gone = found.is_gone();
        if gone {
            inner.members.remove(&member);
            inner.left.insert(member, Left { since, presence });
        }
        self.show(&mut inner, member);
        self.notice();
        gone.then_some(since)
    }

    pub(crate) fn is_empty(&self) -> bool {
        locked(&self.inner).members.is_empty()
    }

    /// Unless somebody came back: everybody learns that they are gone, and what else they told is forgotten.
    pub(crate) fn conclude(&self, member: ActorId) {
        let mut inner = locked(&self.inner);
        self.notice();
        if inner.is_gone(member) {
            inner.latest.retain(|(_, told), _| *told != member);
            self.put(&mut inner, member, Signal::Presence(PresenceState::Offline));
        }
    }

    /// Drops the memory of somebody who stayed away.
    pub(crate) fn forget(&self, member: ActorId) {
        let mut inner = locked(&self.inner);
        if inner.is_gone(member) {
            inner.latest.retain(|(_, told), _| *told != member);
        }
    }

    /// `place` in the order of what all nodes told.
    pub(crate) fn tell(&self, member: ActorId, connection: u64, signal: Signal, place: u64) {
        let mut inner = locked(&self.inner);
        let Some(found) = inner.members.get_mut(&member) else { return };
        found.tell(connection, signal, place);
        if matches!(signal, Signal::Presence(_)) {
            self.notice();
        }
        self.show(&mut inner, member);
    }

    /// Unless they said so again after `until`. Whether they typed.
    pub(crate) fn stop_typing(&self, member: ActorId, until: u64) -> bool {
        let mut inner = locked(&self.inner);
        let stopped = inner.members.get_mut(&member).is_some_and(|found| found.stop_typing(until));
        self.show(&mut inner, member);
        stopped
    }

    /// What other nodes are told of a member. None: not connected here.
    pub(crate) fn here(&self, member: ActorId) -> Option<Stance> {
        locked(&self.inner).members.get(&member)?.here()
    }

    /// Changes with [`Gathering::company`] and [`Gathering::stalled`].
    pub(crate) fn attention(&self) -> watch::Receiver<u64> {
        self.attention.subscribe()
    }

    /// Who is connected, and who was and is gone; to load the page again is not to go away.
    pub(crate) fn company(&self) -> Company {
        let inner = locked(&self.inner);
        let gone = inner.left.iter().filter(|(_, left)| left.since.elapsed() >= GRACE).map(|(member, _)| *member);
        Company { here: inner.members.keys().copied().collect(), gone: gone.collect() }
    }

    /// Who has followed and waits for media, and for how long.
    pub(crate) fn stalled(&self) -> Vec<(ActorId, Duration)> {
        let inner = locked(&self.inner);
        inner.members.iter().filter_map(|(member, found)| Some((*member, found.stalled()?.elapsed()))).collect()
    }

    fn notice(&self) {
        self.attention.send_modify(|changes| *changes += 1);
    }

    /// What others than `reader` told after `seen`, in the order it was told. Whoever sees it for the first time need not
    /// learn who is gone.
    pub(crate) fn since(&self, seen: u64, reader: ActorId) -> (u64, Vec<Arc<Ephemeral>>) {
        let inner = locked(&self.inner);
        let mut news: Vec<&Told> =
            inner.latest.values().filter(|told| told.change > seen && told.ephemeral.member != reader).collect();
        if seen == 0 {
            let over = [Signal::Presence(PresenceState::Offline), Signal::Typing(false)];
            news.retain(|told| !over.contains(&told.ephemeral.signal));
        }
        news.sort_unstable_by_key(|told| told.change);
        (inner.changes, news.into_iter().map(|told| Arc::clone(&told.ephemeral)).collect())
    }

    /// The p95 of what members reported as half a round trip; one who claims to be beyond any network is not believed.
    pub(crate) fn delay_ms(&self) -> Option<i64> {
        let inner = locked(&self.inner);
        let delays = inner.latest.values().filter_map(|told| match told.ephemeral.signal {
            Signal::Report(report) => Some(report.rtt_ms.clamp(0, FARTHEST_MS) / 2),
            _ => None,
        });
        let mut delays: Vec<i64> = delays.collect();
        delays.sort_unstable();
        delays.get((delays.len() * 95).div_ceil(100).checked_sub(1)?).copied()
    }

    /// Others learn what counts now. Who is not connected does not type; all else stays until they are gone.
    fn show(&self, inner: &mut Inner, member: ActorId) {
        let signals = inner.members.get(&member).map_or_else(Vec::new, |found| found.signals(self.node));
        let types = signals.contains(&Signal::Typing(true));
        if !types && inner.told(Signal::Typing(true), member) == Some(Signal::Typing(true)) {
            self.put(inner, member, Signal::Typing(false));
        }
        for signal in signals {
            self.put(inner, member, signal);
        }
    }

    fn put(&self, inner: &mut Inner, member: ActorId, signal: Signal) {
        // Presence, typing and reports are said again and again, and only count when they change.
        if inner.told(signal, member) == Some(signal) {
            return;
        }
        inner.changes += 1;
        let told = Told { change: inner.changes, ephemeral: Arc::new(encode(member, signal)) };
        inner.latest.insert((discriminant(&signal), member), told);
        self.changed.send_replace(inner.changes);
    }
}

impl Inner {
    /// Went away longer ago than it takes to load a page again.
    fn is_gone(&self, member: ActorId) -> bool {
        self.left.get(&member).is_some_and(|left| left.since.elapsed() >= GRACE)
    }

    /// The latest of the same kind.
    fn told(&self, kind: Signal, member: ActorId) -> Option<Signal> {
        self.latest.get(&(discriminant(&kind), member)).map(|told| told.ephemeral.signal)
    }
}

#[derive(Serialize)]
struct Wire<'a> {
    kind: &'a str,
    member: ActorId,
    value: serde_json::Value,
}

fn encode(member: ActorId, signal: Signal) -> Ephemeral {
    let (kind, value) = match signal {
        Signal::Presence(state) => ("presence", serde_json::json!({ "state": state })),
        Signal::Typing(typing) => ("typing", typing.into()),
        Signal::Report(report) => ("report", serde_json::json!(report)),
    };
    let json = serde_json::to_vec(&Wire { kind, member, value }).expect("plain data").into();
    Ephemeral { member, signal, json }
}
