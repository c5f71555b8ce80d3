//! What this node says in one channel.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use synctv_commands::{NodeId, Saying, What};
use synctv_domain::{ActorId, RoomId};
use tokio::time::Instant;

use crate::attendance::Gatherings;

/// Every node is heard of so often.
pub(super) const BEAT: Duration = Duration::from_secs(2);
/// Between two messages of what changed.
const PAUSE: Duration = Duration::from_millis(100);
/// Between two times that everything is told.
const REST: Duration = Duration::from_millis(250);
/// Members in one message: it stays far below what a carrier takes.
const AT_ONCE: usize = 256;

pub(super) struct Speech {
    channel: u8,
    /// Of the last message.
    number: u64,
    /// Others have not been told what became of these.
    changed: HashSet<(RoomId, ActorId)>,
    /// Others have been told that these are here.
    told: HashSet<(RoomId, ActorId)>,
    asks: Vec<What>,
    /// Want to be told everything.
    askers: Vec<(NodeId, u64)>,
    /// Not before this: what changed, everything.
    next: (Instant, Instant),
    /// When this node has to be heard of again.
    beat: Instant,
}

impl Speech {
    pub(super) fn new(channel: u8) -> Self {
        let now = Instant::now();
        let (changed, told) = (HashSet::new(), HashSet::new());
        Self { channel, number: 0, changed, told, asks: Vec::new(), askers: Vec::new(), next: (now, now), beat: now }
    }

    pub(super) fn touch(&mut self, room: RoomId, member: ActorId) {
        self.changed.insert((room, member));
    }

    pub(super) fn ask(&mut self, of: Option<NodeId>, number: u64) {
        self.asks.push(What::Ask { of, number });
    }

    pub(super) fn answer(&mut self, asker: NodeId, number: u64) {
        self.askers.retain(|(known, _)| *known != asker);
        self.askers.push((asker, number));
    }

    /// Is heard of at once.
    pub(super) fn hurry(&mut self) {
        self.beat = Instant::now();
    }

    /// When there is something to say.
    pub(super) fn due(&self) -> Instant {
        let changed = (!self.changed.is_empty()).then_some(self.next.0);
        let whole = (!self.askers.is_empty()).then_some(self.next.1);
        let asks = (!self.asks.is_empty()).then(Instant::now);
        [changed, whole, asks].into_iter().flatten().fold(self.beat, Instant::min)
    }

    /// What is due now.
    pub(super) fn say(&mut self, all: &Gatherings) -> Vec<Saying> {
        let now = Instant::now();
        let mut said = std::mem::take(&mut self.asks);
        // Not everybody who hears it listens when everything is told: changes go out by themselves.
        let whole = !self.askers.is_empty() && self.next.1 <= now;
        if !self.changed.is_empty() && (whole || self.next.0 <= now) {
            self.next.0 = now + PAUSE;
            said.extend(self.changes(all));
        }
        if whole {
            self.next.1 = now + REST;
            said.extend(self.whole(all));
        }
        if self.beat <= now {
            self.beat = now + BEAT;
            said.push(What::Here { members: self.told.len() });
        }
        said.into_iter().map(|what| self.number(all.node, what)).collect()
    }

    /// The last message.
    pub(super) fn farewell(&mut self, node: NodeId) -> Saying {
        self.number(node, What::Gone)
    }

    fn number(&mut self, node: NodeId, what: What) -> Saying {
        self.number += 1;
        Saying { node, channel: self.channel, number: self.number, what }
    }

    fn changes(&mut self, all: &Gatherings) -> Vec<What> {
        let changed = std::mem::take(&mut self.changed).into_iter().filter_map(|(room, member)| {
            let here = all.here(room, member);
            let known =
                if here.is_some() { !self.told.insert((room, member)) } else { self.told.remove(&(room, member)) };
            (here.is_some() || known).then_some((room, member, here))
        });
        parts(&changed.collect::<Vec<_>>()).map(What::Changed).collect()
    }

    fn whole(&mut self, all: &Gatherings) -> Vec<What> {
        let answers = std::mem::take(&mut self.askers);
        let mut told: Vec<_> = self.told.iter().copied().collect();
        told.sort_unstable();
        // Who left a moment ago is told as having left a moment later.
        let told: Vec<_> = told.into_iter().map(|(room, member)| (room, member, all.here(room, member))).collect();
        let mut rooms: Vec<_> = parts(&told).collect();
        if rooms.is_empty() {
            rooms.push(Vec::new());
        }
        let last = rooms.len() - 1;
        let part =
            |(part, rooms)| What::Whole { answers: answers.clone(), first: part == 0, last: part == last, rooms };
        rooms.into_iter().enumerate().map(part).collect()
    }
}

/// By room, a bounded number of members in each.
fn parts<T: Copy>(members: &[(RoomId, ActorId, T)]) -> impl Iterator<Item = Vec<(RoomId, Vec<(ActorId, T)>)>> {
    members.chunks(AT_ONCE).map(|chunk| {
        let mut rooms: BTreeMap<RoomId, Vec<_>> = BTreeMap::new();
        for (room, member, value) in chunk {
            rooms.entry(*room).or_default().push((*member, *value));
        }
        rooms.into_iter().collect()
    })
}
