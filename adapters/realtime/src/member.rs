//! One member of a gathering: their players here, and what other nodes say of them.

use std::collections::HashMap;
use std::time::Duration;

use synctv_commands::{Latest, NodeId, PresenceState, Signal, Stance};
use tokio::time::Instant;

/// Connected, here or elsewhere.
#[derive(Default)]
pub(crate) struct Member {
    /// By a number of their own: each is another player.
    players: HashMap<u64, Player>,
    /// The latest that was told here.
    own: Stance,
    /// Hardly ever more than one: a list takes a fraction of what a map does.
    elsewhere: Vec<There>,
}

/// How a member watches on one connection.
#[derive(Default)]
struct Player {
    /// Has followed since it began: who only joins keeps nobody waiting.
    settled: bool,
    /// Waits for media since then.
    stalled: Option<Instant>,
}

impl Player {
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

/// What another node said.
struct There {
    node: NodeId,
    stance: Stance,
    stalled: Option<Instant>,
}

impl Member {
    /// Who moves here or loads the page again goes on with what was known `before`.
    pub(crate) fn enter(&mut self, connection: u64, before: Option<Latest<PresenceState>>) {
        if self.players.is_empty() {
            self.own.presence = before;
        }
        self.players.insert(connection, Player::default());
    }

    pub(crate) fn leave(&mut self, connection: u64) {
        self.players.remove(&connection);
        if self.players.is_empty() {
            self.own = Stance::default();
        }
    }

    /// `place` in the order of what all nodes told.
    pub(crate) fn tell(&mut self, connection: u64, signal: Signal, place: u64) {
        match signal {
            Signal::Presence(state) => {
                self.own.presence = Some(Latest(state, place));
                if let Some(player) = self.players.get_mut(&connection) {
                    player.is_now(state);
                }
            }
            Signal::Typing(typing) => self.own.typing = Some(Latest(typing, place)),
            Signal::Report(report) => self.own.report = Some(Latest(report, place)),
        }
    }

    /// Unless they said so again after `until`. Takes the place of what it ends: others may have said more since.
    pub(crate) fn stop_typing(&mut self, until: u64) -> bool {
        match &mut self.own.typing {
            Some(Latest(typing, place)) if *typing && *place <= until => {
                *typing = false;
                true
            }
            _ => false,
        }
    }

    /// At another node. Whether that changes who is waited for.
    pub(crate) fn attends(&mut self, node: NodeId, stance: Stance) -> bool {
        let now = Instant::now();
        let stalled = stance.stalled_ms.map(|ms| now.checked_sub(Duration::from_millis(ms)).unwrap_or(now));
        let there = There { node, stance, stalled };
        let Some(known) = self.elsewhere.iter_mut().find(|there| there.node == node) else {
            self.elsewhere.reserve_exact(1);
            self.elsewhere.push(there);
            return stalled.is_some();
        };
        let before = std::mem::replace(known, there);
        before.stalled.is_some() != stalled.is_some()
    }

    pub(crate) fn leaves(&mut self, node: NodeId) {
        self.elsewhere.retain(|there| there.node != node);
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.players.is_empty() && self.elsewhere.is_empty()
    }

    /// As other nodes are told. None: not connected here.
    pub(crate) fn here(&self) -> Option<Stance> {
        let first = self.players.values().filter_map(|player| player.stalled).min();
        let stalled_ms = first.map(|since| u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX));
        (!self.players.is_empty()).then_some(Stance { stalled_ms, ..self.own })
    }

    /// Waits for media since then.
    pub(crate) fn stalled(&self) -> Option<Instant> {
        let here = self.players.values().filter_map(|player| player.stalled);
        here.chain(self.elsewhere.iter().filter_map(|there| there.stalled)).min()
    }

    /// What counts of what was told here and elsewhere: of each kind the latest. `own` is this node.
    pub(crate) fn signals(&self, own: NodeId) -> Vec<Signal> {
        let presence = self.presence(own).map_or(PresenceState::Online, |Latest(state, _)| state);
        let typing = self.latest(own, |stance| stance.typing).map(|Latest(typing, _)| Signal::Typing(typing));
        let report = self.latest(own, |stance| stance.report).map(|Latest(report, _)| Signal::Report(report));
        [Some(Signal::Presence(presence)), typing, report].into_iter().flatten().collect()
    }

    /// Where they are, as far as they said.
    pub(crate) fn presence(&self, own: NodeId) -> Option<Latest<PresenceState>> {
        self.latest(own, |stance| stance.presence)
    }

    /// Of two that were told without knowledge of each other, all nodes take that of the greater node.
    fn latest<T>(&self, own: NodeId, of: impl Fn(&Stance) -> Option<Latest<T>>) -> Option<Latest<T>> {
        let elsewhere = self.elsewhere.iter().map(|there| (there.node, &there.stance));
        let told = elsewhere.chain([(own, &self.own)]).filter_map(|(node, stance)| Some((node, of(stance)?)));
        told.max_by_key(|(node, Latest(_, place))| (*place, *node)).map(|(_, told)| told)
    }
}
