//! Commands under way, and answers that wait for their events to go first.

use std::task::Poll;

use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use serde_json::Value;
use synctv_commands::Reply;
use synctv_domain::Seq;

use crate::problem::Problem;

/// Commands of one session under way or unanswered; more wait in the wire.
const MOST: usize = 16;

/// What became of a command, under the client's own id.
pub(super) type Outcome = (Value, Result<Reply, Problem>);

#[derive(Default)]
pub(super) struct Replies {
    under_way: FuturesUnordered<BoxFuture<'static, Outcome>>,
    held: Vec<Outcome>,
}

impl Replies {
    pub(super) fn has_room(&self) -> bool {
        self.under_way.len() + self.held.len() < MOST
    }

    /// Starts a command. It is polled at once, so that commands reach their room in the order they were sent.
    pub(super) async fn start(&mut self, command: impl Future<Output = Outcome> + Send + 'static) {
        let mut command = command.boxed();
        match futures::poll!(&mut command) {
            Poll::Ready(outcome) => self.held.push(outcome),
            Poll::Pending => self.under_way.push(command),
        }
    }

    /// Waits for a command to be done; for ever when there is none. Nothing is lost when the future is dropped.
    pub(super) async fn done(&mut self) {
        match self.under_way.next().await {
            Some(outcome) => self.held.push(outcome),
            None => std::future::pending().await,
        }
    }

    pub(super) fn idle(&self) -> bool {
        self.under_way.is_empty()
    }

    /// Answers whose events have been delivered; all, for who follows nothing.
    pub(super) fn due(&mut self, delivered: Option<Seq>) -> Vec<Outcome> {
        let after = |outcome: &Outcome| outcome.1.as_ref().ok().map(|reply| reply.seq);
        let due =
            |outcome: &mut Outcome| after(outcome).is_none_or(|seq| delivered.is_none_or(|delivered| seq <= delivered));
        self.held.extract_if(.., due).collect()
    }
}
