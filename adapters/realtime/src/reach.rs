//! How far this node has heard of the log.

use std::sync::Mutex;

use synctv_commands::{Epoch, Frontier};
use synctv_domain::Position;

use crate::locked;

/// What was stored by this node, was told by others, or was looked up: subscribers here have it.
#[derive(Default)]
pub(crate) struct Reach(Mutex<Heard>);

#[derive(Default)]
struct Heard {
    generation: i64,
    frontier: Frontier,
    /// Whether others tell what they store.
    arriving: bool,
}

impl Reach {
    /// An incarnation in which nothing before `opened` concerns anybody here; nothing happens if it is the present one. How
    /// far it was heard of.
    pub(crate) fn open(&self, epoch: &Epoch, opened: Position) -> Position {
        let mut heard = locked(&self.0);
        if heard.generation != epoch.generation {
            (heard.generation, heard.frontier) = (epoch.generation, Frontier::at(opened));
        }
        heard.frontier.upto()
    }

    /// These were heard.
    pub(crate) fn add(&self, epoch: &Epoch, first: Position, last: Position) {
        let mut heard = locked(&self.0);
        if heard.generation == epoch.generation {
            heard.frontier.add(first, last);
        }
    }

    /// Everything up to here was heard; None: of another incarnation.
    pub(crate) fn upto(&self, epoch: &Epoch) -> Option<Position> {
        let heard = locked(&self.0);
        (heard.generation == epoch.generation).then(|| heard.frontier.upto())
    }

    pub(crate) fn holds(&self, epoch: &Epoch, position: Position) -> bool {
        let heard = locked(&self.0);
        heard.generation == epoch.generation && heard.frontier.holds(position)
    }

    pub(crate) fn expect(&self, arriving: bool) {
        locked(&self.0).arriving = arriving;
    }

    /// Whether events can be expected to arrive by themselves.
    pub(crate) fn arriving(&self) -> bool {
        locked(&self.0).arriving
    }
}
