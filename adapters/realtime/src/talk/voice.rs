//! What another node says in one channel.

use std::collections::HashSet;
use std::time::Duration;

use synctv_commands::{InRoom, NodeId, Old, Saying, What};
use synctv_domain::{ActorId, RoomId};
use tokio::time::Instant;

use crate::attendance::Gatherings;

/// A node that is not heard of for so long is gone.
pub(super) const LEASE: Duration = Duration::from_secs(6);
/// Until it is asked once more.
const AGAIN: Duration = Duration::from_secs(1);

/// Nothing is believed before it has answered a question of this node, which no recorded message does.
pub(super) struct Voice {
    /// Of the last message; 0: it is not believed yet.
    number: u64,
    heard: Instant,
    /// The number under which it was asked for everything, and when.
    asked: Option<(u64, Instant)>,
    /// Members it said are connected to it.
    members: HashSet<(RoomId, ActorId)>,
    /// While it tells everything: those it has not told again.
    untold: Option<HashSet<(RoomId, ActorId)>>,
}

/// What hearing something leads to.
#[derive(PartialEq)]
pub(super) enum Next {
    Nothing,
    /// It has to be asked for everything.
    Ask,
    /// It is gone.
    Forget,
}

impl Voice {
    pub(super) fn new() -> Self {
        let members = HashSet::new();
        Self { number: 0, heard: Instant::now(), asked: None, members, untold: None }
    }

    /// When its lease ends.
    pub(super) fn ends(&self) -> Instant {
        self.heard + LEASE
    }

    /// Remembers the question.
    pub(super) fn asks(&mut self, number: u64) {
        self.asked = Some((number, Instant::now()));
    }

    /// `open` is the number under which all nodes were asked a moment ago.
    pub(super) fn hear(&mut self, said: Saying, open: Option<u64>, all: &Gatherings) -> Result<Next, Old> {
        let answer = matches!(&said.what, What::Whole { answers, .. } if self.is_answer(answers, open, all.node));
        if self.number == 0 {
            let begins = answer && matches!(said.what, What::Whole { first: true, .. });
            return Ok(match said.what {
                What::Gone => Next::Forget,
                _ if !begins => self.ask(),
                what => {
                    (self.number, self.heard) = (said.number, Instant::now());
                    self.take(said.node, what, true, all)
                }
            });
        }
        if said.number <= self.number {
            return Err(Old);
        }
        let hole = said.number > self.number.saturating_add(1);
        (self.number, self.heard) = (said.number, Instant::now());
        if hole {
            self.untold = None;
        }
        let next = self.take(said.node, said.what, answer, all);
        // An answer may have been lost too.
        let unsure = hole || self.asked.is_some();
        Ok(if unsure && next == Next::Nothing { self.ask() } else { next })
    }

    /// All its members leave, since it was last heard of, or said that it goes.
    pub(super) fn ended(self, node: NodeId, since: Option<Instant>, all: &Gatherings) {
        for (room, member) in self.members {
            all.leaves(room, member, node, since.unwrap_or(self.heard));
        }
    }

    fn is_answer(&self, answers: &[(NodeId, u64)], open: Option<u64>, own: NodeId) -> bool {
        let asked = [self.asked.map(|(number, _)| number), open];
        answers.iter().any(|(node, number)| *node == own && asked.contains(&Some(*number)))
    }

    fn take(&mut self, node: NodeId, what: What, answer: bool, all: &Gatherings) -> Next {
        match what {
            What::Gone => return Next::Forget,
            What::Here { members } if members != self.members.len() => return self.ask(),
            What::Changed(rooms) => self.apply(node, rooms, all),
            What::Whole { first, last, rooms, .. } if answer => {
                if first {
                    self.untold = Some(self.members.clone());
                }
                self.apply(node, rooms, all);
                if last && let Some(untold) = self.untold.take() {
                    self.asked = None;
                    for (room, member) in untold {
                        self.members.remove(&(room, member));
                        all.leaves(room, member, node, Instant::now());
                    }
                }
            }
            What::Here { .. } | What::Whole { .. } | What::Ask { .. } => {}
        }
        Next::Nothing
    }

    fn apply(&mut self, node: NodeId, rooms: Vec<InRoom>, all: &Gatherings) {
        for (room, members) in rooms {
            for (member, stance) in members {
                if let Some(untold) = &mut self.untold {
                    untold.remove(&(room, member));
                }
                if let Some(stance) = stance {
                    self.members.insert((room, member));
                    all.attends(room, member, node, stance);
                } else if self.members.remove(&(room, member)) {
                    all.leaves(room, member, node, Instant::now());
                }
            }
        }
    }

    /// Unless it was asked a moment ago.
    fn ask(&self) -> Next {
        if self.asked.is_none_or(|(_, at)| at.elapsed() >= AGAIN) { Next::Ask } else { Next::Nothing }
    }
}
