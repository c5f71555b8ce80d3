//! The members connected to one room, and the latest that each told.

use std::collections::HashMap;
use std::mem::discriminant;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Serialize;
use synctv_commands::{Ephemeral, PresenceState, Signal};
use synctv_domain::{ActorId, Company};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::locked;

/// Somebody who types says so again before this.
pub(crate) const TYPES_FOR: Duration = Duration::from_secs(5);
/// A round trip, ms.
const FARTHEST_MS: i64 = 4_000;
/// Who comes back within this was never away.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

#[derive(Default)]
pub(crate) struct Gathering {
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
    latest: HashMap<(std::mem::Discriminant<Signal>, ActorId), Told>,
    /// By member, with a number of their own: each is another player.
    connections: HashMap<ActorId, HashMap<u64, Attending>>,
    connected: u64,
    /// When the last connection of those ended who have not come back.
    left: HashMap<ActorId, Instant>,
}

/// How a member watches on one connection.
#[derive(Default)]
struct Attending {
    /// Has followed since it began: who only joins keeps nobody waiting.
    settled: bool,
    /// Waits for media since then.
    stalled: Option<Instant>,
}

impl Attending {
    fn is_now(&mut self, state: PresenceState) {
        match state {
            PresenceState::Active | PresenceState::Ready => (self.settled, self.stalled) = (true, None),
            PresenceState::Buffering if self.settled => {
                self.stalled.get_or_insert_with(Instant::now);
            }
            // Who does not look is not waited for, and loads on coming back.
            PresenceState::Away => (self.settled, self.stalled) = (false, None),
            PresenceState::Buffering | PresenceState::Online | PresenceState::Offline => {}
        }
    }
}

struct Told {
    change: u64,
    at: Instant,
    ephemeral: Arc<Ephemeral>,
}

impl Gathering {
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Begins a connection; gives its number.
    pub(crate) fn enter(&self, member: ActorId) -> u64 {
        let connection = {
            let mut inner = locked(&self.inner);
            inner.connected += 1;
            inner.left.remove(&member);
            let connection = inner.connected;
            inner.connections.entry(member).or_default().insert(connection, Attending::default());
            connection
        };
        self.notice();
        let known = self.last(member).is_some_and(|last| last != PresenceState::Offline);
        if !known {
            self.tell(member, connection, Signal::Presence(PresenceState::Online));
        }
        connection
    }

    /// Whether that was the member's last connection.
    pub(crate) fn leave(&self, member: ActorId, connection: u64) -> bool {
        let mut inner = locked(&self.inner);
        let rest = inner.connections.get_mut(&member).map_or(0, |connections| {
            connections.remove(&connection);
            connections.len()
        });
        if rest == 0 {
            inner.connections.remove(&member);
            inner.left.insert(member, Instant::now());
        }
        drop(inner);
        self.notice();
        rest == 0
    }

    pub(crate) fn is_empty(&self) -> bool {
        locked(&self.inner).connections.is_empty()
    }

    /// Unless somebody came back: everybody learns that they are gone, and what else they told is forgotten.
    pub(crate) fn conclude(&self, member: ActorId) {
        let mut inner = locked(&self.inner);
        self.notice();
        if inner.connections.contains_key(&member) {
            return;
        }
        inner.latest.retain(|(_, told), _| *told != member);
        self.put(&mut inner, member, Signal::Presence(PresenceState::Offline));
    }

    /// Drops the memory of somebody who stayed away.
    pub(crate) fn forget(&self, member: ActorId) {
        let mut inner = locked(&self.inner);
        if !inner.connections.contains_key(&member) {
            inner.latest.retain(|(_, told), _| *told != member);
        }
    }

    pub(crate) fn tell(&self, member: ActorId, connection: u64, signal: Signal) {
        let mut inner = locked(&self.inner);
        if let Signal::Presence(state) = signal {
            let connections = inner.connections.get_mut(&member);
            if let Some(attending) = connections.and_then(|connections| connections.get_mut(&connection)) {
                attending.is_now(state);
            }
            self.notice();
        }
        self.put(&mut inner, member, signal);
    }

    /// Changes with [`Gathering::company`] and [`Gathering::stalled`].
    pub(crate) fn attention(&self) -> watch::Receiver<u64> {
        self.attention.subscribe()
    }

    /// Who is connected, and who was and is gone; to load the page again is not to go away.
    pub(crate) fn company(&self) -> Company {
        let inner = locked(&self.inner);
        let gone = inner.left.iter().filter(|(_, since)| since.elapsed() >= GRACE).map(|(member, _)| *member);
        Company { here: inner.connections.keys().copied().collect(), gone: gone.collect() }
    }

    /// Who has followed and waits for media, and for how long.
    pub(crate) fn stalled(&self) -> Vec<(ActorId, Duration)> {
        let inner = locked(&self.inner);
        let since = |(member, connections): (&ActorId, &HashMap<u64, Attending>)| {
            let first = connections.values().filter_map(|attending| attending.stalled).min()?;
            Some((*member, first.elapsed()))
        };
        inner.connections.iter().filter_map(since).collect()
    }

    fn notice(&self) {
        self.attention.send_modify(|changes| *changes += 1);
    }

    /// Stops what was last told at or before `until`: whoever types says so again.
    pub(crate) fn stop_typing(&self, member: ActorId, until: Instant) {
        let mut inner = locked(&self.inner);
        let told = inner.latest.get(&(discriminant(&Signal::Typing(true)), member));
        if told.is_some_and(|told| told.at <= until && told.ephemeral.signal == Signal::Typing(true)) {
            self.put(&mut inner, member, Signal::Typing(false));
        }
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

    fn last(&self, member: ActorId) -> Option<PresenceState> {
        let key = (discriminant(&Signal::Presence(PresenceState::Online)), member);
        locked(&self.inner).latest.get(&key).and_then(|told| match told.ephemeral.signal {
            Signal::Presence(state) => Some(state),
            _ => None,
        })
    }

    fn put(&self, inner: &mut Inner, member: ActorId, signal: Signal) {
        let key = (discriminant(&signal), member);
        // Reports and typing are said again and again; presence only counts when it changes.
        let same = inner.latest.get(&key).is_some_and(|told| told.ephemeral.signal == signal);
        if same && !matches!(signal, Signal::Typing(true)) {
            return;
        }
        let change = if same { inner.latest[&key].change } else { inner.changes + 1 };
        inner.changes = inner.changes.max(change);
        inner.latest.insert(key, Told { change, at: Instant::now(), ephemeral: Arc::new(encode(member, signal)) });
        if !same {
            self.changed.send_replace(change);
        }
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
