//! The wire under a session.

use serde_json::{Number, Value};
use synctv_commands::{Ephemeral, Epoch, Frames, Reply, RoomAt};
use synctv_domain::{Seq, ServerMs};

use super::ask::Asked;
use super::end::End;
use crate::problem::Problem;

/// What a client says.
pub enum Heard {
    /// Something is asked. It may be large, and is seldom.
    Ask(Box<Asked>),
    /// A sign of life.
    Alive,
}

/// What the server says, apart from events.
pub enum Told<'a> {
    /// The room, at the beginning of a subscription.
    Snapshot(&'a RoomAt),
    /// The subscription goes on behind `from`; the room is at `to`.
    Resumed {
        /// Of the log.
        epoch: &'a Epoch,
        /// What the reader has.
        from: Seq,
        /// What there is.
        to: Seq,
    },
    /// The reader's cursor is no place in the room's events.
    Reset {
        /// Why.
        reason: &'static str,
        /// Of the log.
        epoch: &'a Epoch,
        /// The room's head.
        seq: Seq,
    },
    /// What became of a command.
    Done {
        /// The client's own.
        id: &'a Value,
        /// Its events are durable.
        reply: &'a Reply,
    },
    /// What was asked is refused.
    Refused {
        /// The client's own.
        id: &'a Value,
        /// Why.
        problem: &'a Problem,
    },
    /// A token was taken.
    Renewed {
        /// The client's own.
        id: &'a Value,
        /// Seconds of PostgreSQL time.
        expires: i64,
    },
    /// The token is about to expire, in seconds of PostgreSQL time.
    Expiring(i64),
    /// The time.
    Clock {
        /// As it was sent.
        t0: &'a Number,
        /// When it was heard.
        t1: ServerMs,
        /// When it is answered.
        t2: ServerMs,
    },
    /// What another member tells.
    Ephemeral(&'a Ephemeral),
    /// The head, so that an idle client can tell that it has everything.
    Heartbeat {
        /// Of the log.
        epoch: &'a str,
        /// The room's head.
        seq: Seq,
        /// The time.
        now: ServerMs,
    },
    /// Come back in so many ms.
    Drain(u64),
}

/// Patient with a reader that is slow, not with one that has stopped.
pub trait Link: Send {
    /// Waits for the client. Nothing is lost when the future is dropped.
    fn hear(&mut self) -> impl Future<Output = Result<Heard, End>> + Send;
    /// Puts a message behind what waits to be sent, once that is little enough.
    fn feed(&mut self, told: Told<'_>) -> impl Future<Output = Result<(), End>> + Send;
    /// Sends events, behind everything else.
    fn pass_on(&mut self, frames: &Frames) -> impl Future<Output = Result<(), End>> + Send;
    /// Sends what was fed.
    fn flush(&mut self) -> impl Future<Output = Result<(), End>> + Send;
    /// Asks for a sign of life.
    fn ping(&mut self) -> impl Future<Output = Result<(), End>> + Send;
    /// Says why, behind what still waits, and lets the client hear it.
    fn close(self, end: End) -> impl Future<Output = ()> + Send;

    /// Feeds and flushes.
    fn say(&mut self, told: Told<'_>) -> impl Future<Output = Result<(), End>> + Send {
        async {
            self.feed(told).await?;
            self.flush().await
        }
    }
}
