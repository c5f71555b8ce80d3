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
    /// Of this incarnation, everything up to there is taken as done.
    pub(crate) fn begin(&self, epoch: &Epoch, upto: Position) {
        self.0.send_replace((epoch.generation, Frontier::at(upto)));
    }

    pub(crate) fn add(&self, epoch: &Epoch, first: Position, last: Position) {
        self.0.send_if_modified(|(generation, frontier)| *generation == epoch.generation && frontier.add(first, last));
    }

    /// Whether this one is done.
    pub(crate) fn holds(&self, position: Position) -> bool {
        self.0.borrow().1.holds(position)
    }

    pub(crate) fn upto(&self) -> Position {
        self.0.borrow().1.upto()
    }

    /// Waits until everything up to there is done.
    pub(crate) async fn reaches(&self, position: Position) {
        // The sender lives as long as this value.
        let _ = self.0.subscribe().wait_for(|(_, frontier)| frontier.upto() >= position).await;
    }
}
