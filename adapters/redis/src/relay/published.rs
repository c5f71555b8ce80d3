//! What is known to have been taken to the streams.

use synctv_commands::{Epoch, Frontier};
use synctv_domain::Position;
use tokio::sync::watch;

/// Taken there by this node, or seen there.
pub(crate) struct Published(watch::Sender<(i64, Frontier)>);

impl Default for Published {
    fn default() -> Self {
        Self(watch::Sender::new((0, Frontier::default())))
    }
}

impl Published {
    /// This node looks on from here. What was there before in this incarnation stays known; of the rest nothing is.
    pub(crate) fn begin(&self, epoch: &Epoch, head: Position) {
        self.0.send_modify(|(generation, frontier)| {
            if *generation != epoch.generation {
                (*generation, *frontier) = (epoch.generation, Frontier::default());
            }
            frontier.add(head, head);
        });
    }

    pub(crate) fn add(&self, epoch: &Epoch, first: Position, last: Position) {
        self.0.send_if_modified(|(generation, frontier)| {
            if *generation != epoch.generation {
                return false;
            }
            frontier.add(first, last);
            true
        });
    }

    /// Nobody needs what is missing up to there.
    pub(crate) fn settle(&self, epoch: &Epoch, upto: Position) {
        self.add(epoch, Position(1), upto);
    }

    pub(crate) fn upto(&self) -> Position {
        self.0.borrow().1.upto()
    }

    /// Whether this one is done.
    pub(crate) fn holds(&self, position: Position) -> bool {
        self.0.borrow().1.holds(position)
    }

    /// Waits until this one is done.
    pub(crate) async fn reaches(&self, position: Position) {
        // The sender lives as long as this value.
        let _ = self.0.subscribe().wait_for(|(_, frontier)| frontier.holds(position)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(generation: i64) -> Epoch {
        Epoch { name: generation.to_string().into(), generation }
    }

    #[test]
    fn who_takes_the_outbox_over_knows_what_it_saw_and_not_what_was_before() {
        let published = Published::default();
        published.begin(&epoch(1), Position(100));
        published.add(&epoch(1), Position(101), Position(150));
        published.add(&epoch(1), Position(160), Position(170));
        assert!(published.holds(Position(150)) && !published.holds(Position(99)));
        // The first row of the outbox is 91.
        published.settle(&epoch(1), Position(90));
        assert_eq!(published.upto(), Position(90));
        published.add(&epoch(1), Position(91), Position(99));
        assert_eq!(published.upto(), Position(150), "what was seen is not added again");
        assert!(!published.holds(Position(155)));
    }

    #[test]
    fn another_connection_forgets_nothing_and_another_incarnation_everything() {
        let published = Published::default();
        published.begin(&epoch(1), Position(10));
        published.settle(&epoch(1), Position(12));
        published.begin(&epoch(1), Position(40));
        assert_eq!(published.upto(), Position(12));
        assert!(published.holds(Position(40)));
        published.begin(&epoch(2), Position(5));
        published.add(&epoch(1), Position(1), Position(50));
        assert_eq!(published.upto(), Position(0));
        assert!(published.holds(Position(5)) && !published.holds(Position(40)));
    }
}
